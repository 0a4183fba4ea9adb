import { z } from 'zod'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import type { Tools } from './tools.js'
import { tokenNotValid } from './wire.js'

const signedOut: Sentence = { fr: 'Déconnexion réussie.', en: 'Signed out.' }

const token = z.string().max(200)

/** `POST /token/refresh/` and `POST /logout/`. A refresh token says enough: who signs out with an expired access token is not turned away. */
export function sessionRoutes({ sessions }: Tools): readonly Route[] {
  const throttles = [{ name: 'auth', spans: [{ max: 30, windowMs: 60_000 }] as const }]
  return [
    route({
      method: 'POST',
      path: '/api/auth/token/refresh/',
      summary: 'Trades a refresh token for new tokens, once',
      body: z.object({ refresh: token }),
      throttles,
      replies: { 200: 'New tokens', 401: 'The token is invalid, expired or was used before' },
      async answer({ body }) {
        const renewed = await sessions.rotate(body.refresh)
        return renewed ? { status: 200, body: { access: renewed.access, refresh: renewed.refresh } } : tokenNotValid('refresh')
      },
    }),
    route({
      method: 'POST',
      path: '/api/auth/logout/',
      summary: 'Ends the session of a refresh token',
      body: z.object({ refresh_token: token }),
      throttles,
      replies: { 200: 'Signed out', 401: 'The token is invalid or its session has ended' },
      async answer({ body, language }) {
        const isEnded = await sessions.revoke(body.refresh_token)
        return isEnded ? { status: 200, body: { message: signedOut[language] } } : tokenNotValid('refresh')
      },
    }),
  ]
}
