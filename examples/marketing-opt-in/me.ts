import type { PhoneVerifier } from 'phone-verify'
import { success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { recordsOf } from './consent-log.js'
import { erase } from './erase.js'
import type { ManageTokens } from './manage-token.js'
import { sentences } from './sentences.js'
import { describePreferences } from './subscriber.js'

/** What a person may ask of whoever keeps data of theirs: all of it, and its end (L12). */
export function meRoutes(
  { database, now }: Pick<Parts, 'database' | 'now'>,
  verifier: PhoneVerifier,
  { holder }: ManageTokens,
): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/me/export',
      summary: 'Everything that is kept of the holder',
      access: holder,
      replies: { 200: 'The subscription, the consent log, the texts' },
      async answer({ who, language }) {
        const of = (sql: string) => database.query(sql, [who.phoneKey])
        return success(200, sentences.exported[language], {
          subscriber: { phone: who.phone, ...describePreferences(who), since: who.createdAt },
          consent_records: await recordsOf(database, who),
          texts: await of('SELECT campaign_id, at, outcome FROM campaign_text WHERE phone_key = $1 ORDER BY at'),
          messages_to_us: await of('SELECT words, at FROM inbox WHERE phone_key = $1 ORDER BY at'),
        })
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/me',
      summary: 'Forgets the holder, and never texts the number again',
      access: holder,
      replies: { 200: 'Erased' },
      async answer({ who, language }) {
        // Its records first: where the store is away, nothing is erased by halves and the person asks again.
        await verifier.forget({ phone: who.phone })
        await database.transaction((transaction) => erase(transaction, who, new Date(now())))
        return success(200, sentences.erased[language])
      },
    }),
  ]
}
