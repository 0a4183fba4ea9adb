import { randomUUID } from 'node:crypto'
import { type PhoneNumber, parsePhoneNumber } from 'phone-verify'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { lastConsent } from './consent-log.js'
import { giveConsent } from './give-consent.js'
import { meaningOf, type Understood } from './meaning.js'
import type { PhoneKey } from './phone-key.js'
import type { Program } from './programs.js'
import { type Replies, setBlocked } from './replies.js'
import { revokeConsent } from './revoke-consent.js'
import { subscriberByKey } from './subscriber.js'
import type { Meaning } from './words.js'

/** A text that somebody sent us, and that its provider signed. */
export interface Inbound {
  readonly provider: 'twilio' | 'vonage'
  readonly messageId: string
  /** E.164, with its plus. */
  readonly from: string
  readonly words: string
  /** When it was sent, where the provider says. */
  readonly saidAt: Date | undefined
  /** What the provider itself took it for, and has answered already. */
  readonly answered: Meaning | undefined
}

export interface InboundParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly phoneKey: PhoneKey
  readonly replies: Replies
}

/** Whoever has texted us, once: one transaction, whatever comes twice or late. */
export function createInbound({ parts: { database, now }, phoneKey, replies }: InboundParts): (inbound: Inbound) => Promise<void> {
  const takeIn = async (sql: Sql, inbound: Inbound, phone: PhoneNumber): Promise<void> => {
    const { provider, messageId, words, answered } = inbound
    const at = new Date(now())
    const fresh = await sql.query('INSERT INTO inbound (provider, message_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1', [
      ...[provider, messageId, at],
    ])
    if (fresh.length === 0) return
    const key = phoneKey(phone)
    const understood: Understood | undefined = answered ? { meaning: answered, by: 'keyword', locale: null } : meaningOf(words)
    const said = {
      ...{ at, saidAt: inbound.saidAt ?? at, phoneKey: key, evidence: { provider, message: messageId } },
      method: understood?.by === 'words' ? ('sms_words' as const) : ('sms_keyword' as const),
      personal: { words: masked(words) },
    }
    const locale = understood?.locale ?? (await subscriberByKey(sql, key))?.locale ?? null
    const reply = async (kind: 'stopped' | 'help') => {
      // One confirmation in all: none where the provider has sent its own.
      if (answered === undefined) await replies.ask(sql, { phoneKey: key, kind, phone, locale })
    }

    if (understood === undefined) {
      const values = [randomUUID(), key, phone, masked(words), at]
      await sql.query('INSERT INTO inbox (id, phone_key, phone, words, at) VALUES ($1, $2, $3, $4, $5)', values)
    } else if (understood.meaning === 'help') await reply('help')
    else if (understood.meaning === 'stop') {
      if (await isOvertaken(sql, said.saidAt, key, 'consent', provider)) return
      await revokeConsent(sql, { ...said, scope: 'all' })
      await reply('stopped')
    } else {
      await setBlocked(sql, key, null)
      const consent = await lastConsent(sql, key)
      // START gives back what was there. Who never consented, or is erased, has nothing to come back to.
      const subscriber = consent && (await subscriberByKey(sql, key))
      if (!consent || !subscriber) return reply('help')
      if (subscriber.programs.length > 0 || (await isOvertaken(sql, said.saidAt, key, 'revocation'))) return
      const { text, textVersion, programs, locale } = consent
      await giveConsent(sql, {
        ...{
          ...said,
          phone,
          text,
          textVersion,
          timeZone: null,
          programs: programs as readonly Program[],
          locale: locale ?? subscriber.locale,
        },
      })
      if (answered === undefined) await replies.ask(sql, { phoneKey: key, kind: 'welcome', phone, locale })
    }
  }

  return async (inbound) => {
    const parsed = parsePhoneNumber(inbound.from)
    // Short codes and names: nobody whom we could have texted.
    if (!parsed.ok) return
    await database.transaction((transaction) => takeIn(transaction, inbound, parsed.phone))
    await replies.send()
  }
}

/**
 * Whether the person said the opposite later, though we learnt it before. A STOP gives way only to a later word by the same clock; a START
 * to whatever was said at the same time or after it: in doubt, nobody is texted.
 */
async function isOvertaken(sql: Sql, saidAt: Date, phoneKey: string, kind: 'consent' | 'revocation', provider?: string): Promise<boolean> {
  const later = provider === undefined ? 'said_at >= $3' : "said_at > $3 AND evidence->>'provider' = $4"
  const values = [phoneKey, kind, saidAt, ...(provider === undefined ? [] : [provider])]
  return (await sql.query(`SELECT 1 FROM consent_record WHERE phone_key = $1 AND kind = $2 AND ${later} LIMIT 1`, values)).length > 0
}

/** A code that somebody sends back is still a code: no digits of that many are kept. */
const masked = (words: string) =>
  words
    .slice(0, 1_600)
    .replaceAll('\0', '')
    .replace(/\p{Nd}{4,}/gu, '####')
