import { stringifySetCookie } from 'cookie'
import type { Parts } from '../service/parts.js'
import type { Visitor } from '../service/route.js'

/** Where a visitor's browser keeps the session token, out of reach of scripts and of other sites. */
export interface SessionCookie {
  read(visitor: Pick<Visitor, 'cookie'>): string
  keep(sessionToken: string): { readonly 'set-cookie': string }
  drop(): { readonly 'set-cookie': string }
}

/** As long as a challenge lives, in seconds. */
const lifeSeconds = 600

/** One for each flow, so that a sign-in does not push a reset away. */
export function createSessionCookie({ publicUrl }: Pick<Parts, 'publicUrl'>, flow: string): SessionCookie {
  const secure = publicUrl.protocol === 'https:'
  // `__Host-`: a browser takes it from this host alone, and over TLS.
  const name = secure ? `__Host-${flow}` : flow
  const set = (value: string, maxAge: number) => ({
    'set-cookie': stringifySetCookie(name, value, { httpOnly: true, secure, sameSite: 'strict', path: '/', maxAge }),
  })
  return {
    // Without one the verifier is asked all the same: it refuses what is no token, like any other wrong one.
    read: (visitor) => visitor.cookie(name) ?? '',
    keep: (sessionToken) => set(sessionToken, lifeSeconds),
    drop: () => set('', 0),
  }
}
