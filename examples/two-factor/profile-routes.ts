import { z } from 'zod'
import { member } from '../accounts/access.js'
import { accountById } from '../accounts/account.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { describeUser } from './describe-user.js'
import { saveProfile } from './profile.js'
import { profileFields } from './profile-fields.js'
import type { Tools } from './tools.js'
import { tokenNotValid } from './wire.js'

const saved: Sentence = { fr: 'Profil mis à jour avec succès.', en: 'Profile updated.' }

const { name, phone, language, timezone } = profileFields

/** `GET /profile/` and `PUT /profile/update/`. A phone that is typed here replaces no verified one. */
export const profileRoutes = ({ parts: { database }, sessions }: Tools): readonly Route[] => [
  route({
    method: 'GET',
    path: '/api/auth/profile/',
    summary: 'The account as its owner sees it',
    access: member(sessions),
    replies: { 200: 'The account' },
    answer: async ({ who }) => ({ status: 200, body: await describeUser(database, who.account) }),
  }),
  route({
    method: 'PUT',
    path: '/api/auth/profile/update/',
    summary: 'Changes what is said; what is not said stays',
    access: member(sessions),
    body: z.object({ first_name: name, last_name: name, phone, language, timezone, email_notifications: z.boolean() }).partial(),
    replies: { 200: 'Changed' },
    answer: ({ body, who: { account }, language }) =>
      database.transaction(async (transaction) => {
        await transaction.query(
          'UPDATE account SET first_name = coalesce($2, first_name), last_name = coalesce($3, last_name) WHERE id = $1',
          [account.id, body.first_name ?? null, body.last_name ?? null],
        )
        await saveProfile(transaction, account.id, {
          ...{ contactPhone: body.phone, language: body.language, timezone: body.timezone, emailNotifications: body.email_notifications },
        })
        const current = await accountById(transaction, account.id)
        // Deleted meanwhile.
        if (current === undefined) return tokenNotValid('access')
        return { status: 200, body: { message: saved[language], user: await describeUser(transaction, current) } }
      }),
  }),
]
