import type { Access, Visitor } from '../service/route.js'
import type { Sessions, SignedIn } from './sessions.js'

/** The token of an `Authorization: Bearer` header (RFC 6750). */
export const bearerToken = ({ authorization }: Pick<Visitor, 'authorization'>): string | undefined =>
  /^bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1]

/** Whoever is signed in. */
export const member = (sessions: Sessions): Access<SignedIn> => ({
  says: 'An access token of somebody who is signed in',
  async admit(visitor) {
    const token = bearerToken(visitor)
    const who = token === undefined ? undefined : await sessions.signedIn(token)
    return who === undefined ? { refused: 'unauthorized' } : { who }
  },
})

/** Whoever is signed in and works here. */
export const staff = (sessions: Sessions): Access<SignedIn> => ({
  says: 'An access token of a member of staff',
  async admit(visitor) {
    const admitted = await member(sessions).admit(visitor)
    return 'who' in admitted && !admitted.who.account.isStaff ? { refused: 'forbidden' } : admitted
  },
})
