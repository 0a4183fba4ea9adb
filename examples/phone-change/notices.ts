import type { PhoneNumber, PhoneVerifier } from 'phone-verify'
import type { Sql } from '../service/database.js'
import type { Language } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import { undoMs, undoToken } from './undo-token.js'

export interface Notice {
  readonly changeId: string
  readonly phone: PhoneNumber
  readonly template: 'phone_changed_old' | 'phone_changed_new' | 'phone_change_undone'
  readonly language: Language
}

export interface Notices {
  /** Owes a text, in the transaction of what it tells. */
  owe(sql: Sql, notice: Notice): Promise<void>
  /** Sends what is due, of one change or of all. Never rejects: what it tells has happened. */
  sendDue(changeId?: string): Promise<void>
}

interface Due extends Notice {
  readonly id: string
  readonly tries: number
}

/** The wait before the next try doubles from a minute on. */
const firstWaitMs = 60_000

/** Texts that must arrive: whoever steals a number waits for the provider to be away. */
export function createNotices(
  { database, secrets, publicUrl, now, log }: Pick<Parts, 'database' | 'secrets' | 'publicUrl' | 'now' | 'log'>,
  verifier: Pick<PhoneVerifier, 'notify'>,
): Notices {
  /** Takes the next one, with its next try set: of several processes one has it, and a process that dies has not lost it. */
  const take = async (changeId: string | undefined): Promise<Due | undefined> => {
    const [due] = await database.query<Due>(
      `UPDATE phone_change_notice SET tries = tries + 1, next_try_at = $1::timestamptz + ($3::float8 * power(2, tries)) * interval '1 ms'
       WHERE id = (SELECT id FROM phone_change_notice WHERE next_try_at <= $1 AND ($2::uuid IS NULL OR change_id = $2)
                   ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING id::text AS id, change_id AS "changeId", phone, template, language, tries`,
      [new Date(now()), changeId ?? null, firstWaitMs],
    )
    return due
  }

  const send = async ({ id, changeId, phone, template, language, tries }: Due): Promise<void> => {
    // Only the old number may read it.
    const undo = template === 'phone_changed_old' && `${publicUrl.origin}/phone/undo#${undoToken(secrets.tokens, changeId)}`
    const sent = await verifier.notify({ phone, template, locale: language, ...(undo && { context: { undo } }) })
    const outcome = sent.ok ? sent.delivery : sent.reason
    // Its wait doubled beyond the day in which the text is of use.
    const isOver = firstWaitMs * 2 ** tries > undoMs
    const isOwed = !isOver && (outcome === 'unavailable' || outcome === 'rate_limited')
    if (!sent.ok) log.warn({ template, outcome, tries, isOwed }, 'notice failed')
    await database.query('UPDATE phone_change_notice SET outcome = $2, next_try_at = CASE WHEN $3 THEN next_try_at END WHERE id = $1', [
      ...[id, outcome, isOwed],
    ])
  }

  return {
    async owe(sql, { changeId, phone, template, language }) {
      await sql.query('INSERT INTO phone_change_notice (change_id, phone, template, language, next_try_at) VALUES ($1, $2, $3, $4, $5)', [
        ...[changeId, phone, template, language, new Date(now())],
      ])
    },

    async sendDue(changeId) {
      try {
        for (let due = await take(changeId); due !== undefined; due = await take(changeId)) await send(due)
      } catch (error) {
        log.error({ err: error }, 'notices failed')
      }
    },
  }
}
