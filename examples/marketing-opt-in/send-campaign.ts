import type { PhoneNumber } from 'phone-verify'
import type { Parts } from '../service/parts.js'
import type { Marketing } from './marketing.js'
import { isQuiet } from './quiet-hours.js'
import { codeOf, setBlocked } from './replies.js'

export interface Campaign {
  readonly id: string
  readonly program: string
  readonly texts: Readonly<Record<string, string>>
}

/** What became of a campaign this time. `waiting`: where it is night. `stopped`: the provider is away; the rest is for the next time. */
export interface Tally {
  readonly sent: number
  readonly refused: number
  readonly waiting: number
  readonly stopped: boolean
}

interface Reader {
  readonly phoneKey: string
  readonly phone: PhoneNumber
  readonly timeZone: string | null
  readonly locale: string
}

/** How many are looked at in one go. */
const page = 500

const candidates = `SELECT phone_key AS "phoneKey", phone, time_zone AS "timeZone", locale FROM subscriber
  WHERE $1 = ANY(programs) AND blocked_at IS NULL AND phone_key > $3
    AND NOT EXISTS (SELECT 1 FROM campaign_text WHERE campaign_id = $2 AND campaign_text.phone_key = subscriber.phone_key)
  ORDER BY phone_key LIMIT ${page}`

/** Consent is asked for by the statement that claims the text: who left while the campaign ran gets nothing any more (L10). */
const claim = `INSERT INTO campaign_text (campaign_id, phone_key, at, outcome)
  SELECT $2, phone_key, $4, 'claimed' FROM subscriber
  WHERE phone_key = $3 AND $1 = ANY(programs) AND blocked_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.phone_key = subscriber.phone_key)
  ON CONFLICT DO NOTHING RETURNING 1`

/** Sends a campaign to those who may be texted now, each once however often it is run. Run it again for those who slept. */
export async function sendCampaign(
  { database, now }: Pick<Parts, 'database' | 'now'>,
  { texts, brand }: Marketing,
  { id, program, texts: words }: Campaign,
): Promise<Tally> {
  const tally = { sent: 0, refused: 0, waiting: 0, stopped: false }
  let readers: readonly Reader[]
  let after = ''
  do {
    readers = await database.query<Reader>(candidates, [program, id, after])
    for (const { phoneKey, phone, timeZone, locale } of readers) {
      after = phoneKey
      const at = now()
      if (isQuiet(phone, timeZone, at)) {
        tally.waiting += 1
        continue
      }
      if ((await database.query(claim, [program, id, phoneKey, new Date(at)])).length === 0) continue
      const context = { app: brand, text: words[locale] ?? words['fr'] ?? '' }
      const message = { to: phone, text: '', purpose: 'notice', template: 'campaign', locale, context } as const
      const failed = await texts.send(message).then(() => undefined, codeOf)
      const entry = [id, phoneKey]
      if (failed === 'ERR_PV_SMS_UNAVAILABLE' || failed === 'ERR_PV_CONFIGURATION') {
        await database.query('DELETE FROM campaign_text WHERE campaign_id = $1 AND phone_key = $2', entry)
        return { ...tally, stopped: true }
      }
      const outcome = failed === undefined ? 'sent' : failed === 'ERR_PV_SMS_REFUSED' ? 'refused' : 'unknown'
      await database.query('UPDATE campaign_text SET outcome = $3 WHERE campaign_id = $1 AND phone_key = $2', [...entry, outcome])
      if (outcome === 'refused') await setBlocked(database, phoneKey, new Date(at))
      tally[outcome === 'refused' ? 'refused' : 'sent'] += 1
    }
  } while (readers.length === page)
  return tally
}
