import { member } from '../accounts/access.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import type { Tools } from './tools.js'
import { refused } from './wire.js'

const sentences = {
  forgotten: { fr: 'Appareil oublié.', en: 'Device forgotten.' },
  allForgotten: { fr: 'Tous les appareils sont oubliés.', en: 'All devices are forgotten.' },
  unknown: { fr: 'Cet appareil est inconnu.', en: 'This device is unknown.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** `/devices/`: the devices that need no second factor, and how to forget them. */
export function deviceRoutes({ parts: { database }, sessions, devices }: Tools): readonly Route[] {
  const access = member(sessions)
  return [
    route({
      method: 'GET',
      path: '/api/auth/devices/',
      summary: 'The remembered devices',
      access,
      replies: { 200: 'The devices' },
      async answer(asked) {
        const known = await devices.list(database, asked.who.account, asked)
        const described = known.map(({ id, name, createdAt, lastUsedAt, expiresAt, isCurrent }) => ({
          ...{ id, name, created_at: createdAt.toISOString(), last_used: lastUsedAt.toISOString(), expires_at: expiresAt.toISOString() },
          is_current: isCurrent,
        }))
        return { status: 200, body: { devices: described } }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/auth/devices/',
      summary: 'Forgets every device',
      access,
      replies: { 200: 'Forgotten' },
      async answer({ who: { account }, language }) {
        await devices.forget(database, account.id)
        return { status: 200, body: { message: sentences.allForgotten[language] } }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/auth/devices/:id/',
      summary: 'Forgets one device',
      access,
      replies: { 200: 'Forgotten', 404: 'No such device of this account' },
      async answer({ who: { account }, params, language }) {
        const count = await devices.forget(database, account.id, params['id'] ?? '')
        return count > 0 ? { status: 200, body: { message: sentences.forgotten[language] } } : refused(404, sentences.unknown[language])
      },
    }),
  ]
}
