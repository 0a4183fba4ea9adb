import { z } from 'zod'
import { staff } from '../../accounts/access.js'
import type { Sessions, SignedIn } from '../../accounts/sessions.js'
import { failure, success } from '../../service/envelope.js'
import type { Parts } from '../../service/parts.js'
import { type Route, route } from '../../service/route.js'
import type { Throttle } from '../../service/throttle.js'
import { phoneField } from '../phone-field.js'
import { type AllowedNumber, allowedNumber, allowedNumbers, allowNumber, type Change, removeNumber } from './list.js'
import { sentences } from './sentences.js'

export interface AllowListParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly sessions: Sessions
}

const described = ({ id, phone, addedByDisplay, addedByPhone, addedAt, notes, isActive }: AllowedNumber) => ({
  id: Number(id),
  phone,
  added_by_display: addedByDisplay,
  added_by_phone: addedByPhone,
  added_at: addedAt.toISOString(),
  notes,
  is_active: isActive,
})

const notes = z
  .string()
  .regex(/^(?:\P{Cc}|[\t\r\n])*$/u, 'characters')
  .max(500, 'notes_too_long')

const perAdmin: Throttle<unknown, SignedIn> = {
  name: 'admin',
  spans: [{ max: 1_000, windowMs: 3_600_000 }],
  key: ({ who }) => who.account.id,
}

/** What the staff does with the allow-list. */
export function allowListRoutes(base: `/${string}`, { parts: { database, now }, sessions }: AllowListParts): readonly Route[] {
  const path = `${base}/admin/whitelist` as const
  const access = staff(sessions)
  const number = z.object({ phone: phoneField })
  const changeBy = ({ account: { id, firstName, lastName } }: SignedIn): Change => ({
    actor: { accountId: id, name: `${firstName} ${lastName}`.trim() },
    at: new Date(now()),
  })

  const routes = [
    route({
      access,
      method: 'GET',
      path: `${path}/`,
      summary: 'Every number of the allow-list, and how many there are',
      replies: { 200: 'The list' },
      async answer({ language }) {
        const all = await allowedNumbers(database)
        const active = all.filter(({ isActive }) => isActive).length
        const statistics = { total_count: all.length, active_count: active, inactive_count: all.length - active }
        return success(200, sentences.listed[language], { whitelist: all.map(described), statistics })
      },
    }),
    route({
      access,
      method: 'POST',
      path: `${path}/add/`,
      summary: 'Allows a number, or changes what is noted of one',
      body: number.extend({ notes: notes.default(''), is_active: z.boolean().default(true) }),
      replies: { 201: 'The number is on the list', 200: 'It was on the list, and is changed' },
      async answer({ body, who, language }) {
        const { phone, notes, is_active: isActive } = body
        const [isNew, item] = await database.transaction(
          async (transaction) =>
            [await allowNumber(transaction, { phone, notes, isActive }, changeBy(who)), await allowedNumber(transaction, phone)] as const,
        )
        return success(isNew ? 201 : 200, sentences[isNew ? 'added' : 'changed'][language], { whitelist_item: item && described(item) })
      },
    }),
    route({
      access,
      method: 'POST',
      path: `${path}/check/`,
      summary: 'Whether a number may register',
      body: number,
      replies: { 200: 'Whether it may, and what the list says of it' },
      async answer({ body, language }) {
        const found = await allowedNumber(database, body.phone)
        const { added_by_phone: _kept, ...details } = found ? described(found) : { added_by_phone: null }
        const isAuthorized = found?.isActive ?? false
        return success(200, sentences[isAuthorized ? 'allowed' : 'notAllowed'][language], {
          is_authorized: isAuthorized,
          whitelist_details: found ? details : null,
        })
      },
    }),
    route({
      access,
      method: 'DELETE',
      path: `${path}/remove/`,
      summary: 'Takes a number off the allow-list',
      body: number,
      replies: { 200: 'It is off the list', 404: 'It was not on it' },
      async answer({ body, who, language }) {
        const isRemoved = await database.transaction((transaction) => removeNumber(transaction, body.phone, changeBy(who)))
        if (!isRemoved) return failure(404, sentences.unknown[language])
        return success(200, sentences.removed[language], { removed_phone: body.phone })
      },
    }),
  ]
  return routes.map((one) => ({ ...one, throttles: [perAdmin] }))
}
