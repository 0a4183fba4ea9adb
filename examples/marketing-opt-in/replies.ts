import type { PhoneNumber } from 'phone-verify'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import type { Marketing } from './marketing.js'

/** A text that answers somebody: to a consent, a STOP, a HELP. */
export interface Reply {
  readonly phoneKey: string
  readonly kind: 'welcome' | 'stopped' | 'help'
  readonly phone: PhoneNumber
  readonly locale: string | null
}

export interface Replies {
  /** Enters a reply, in the transaction of what it confirms. */
  ask(sql: Sql, reply: Reply): Promise<void>
  /** Hands over what is due, and says what became of it by number and kind. Never rejects: what it confirms is done. */
  send(): Promise<ReadonlyMap<string, 'sent' | 'blocked'>>
  /** The same, for those who do not wait for it. */
  sendSoon(): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** After five minutes a confirmation is none (L6), and is not sent any more. */
const dueMs = 5 * 60_000

/** Two machines that answer each other get no further than this: one text of a kind within the hour. A welcome was asked for by a code. */
const pauseMs = { welcome: 0, stopped: 3_600_000, help: 3_600_000 } as const

/**
 * Replies are entered with what they confirm and handed over afterwards: none without its cause, none twice, and none lost while the
 * provider is away for less than five minutes.
 */
export function createReplies({ database, now, log }: Pick<Parts, 'database' | 'now' | 'log'>, { texts, brand, site }: Marketing): Replies {
  /** Takes a reply out before it leaves. Whoever dies in between leaves it unsent: silence is better than two. */
  const claim = async (): Promise<Reply | undefined> => {
    const [claimed] = await database.query<Reply>(
      `WITH due AS (SELECT phone_key, kind, phone FROM reply WHERE phone IS NOT NULL AND asked_at > $1 ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       UPDATE reply SET phone = NULL FROM due WHERE reply.phone_key = due.phone_key AND reply.kind = due.kind
       RETURNING reply.phone_key AS "phoneKey", reply.kind, due.phone, reply.locale`,
      [new Date(now() - dueMs)],
    )
    return claimed
  }

  const handOver = ({ phone, kind, locale }: Reply) =>
    texts.send({
      to: phone,
      text: '',
      purpose: 'notice',
      template: kind,
      ...(locale !== null && { locale }),
      context: { app: brand, site },
    })

  const send: Replies['send'] = async () => {
    const became = new Map<string, 'sent' | 'blocked'>()
    try {
      for (let reply = await claim(); reply !== undefined; reply = await claim()) {
        const { phoneKey, kind, phone } = reply
        const failed = await handOver(reply).then(() => undefined, codeOf)
        if (failed === 'ERR_PV_SMS_UNAVAILABLE') {
          // Certainly not sent: it may leave later, if not much later.
          await database.query('UPDATE reply SET phone = $3 WHERE phone_key = $1 AND kind = $2 AND phone IS NULL', [phoneKey, kind, phone])
          break
        }
        const isBlocked = failed === 'ERR_PV_SMS_REFUSED'
        became.set(`${phoneKey} ${kind}`, isBlocked ? 'blocked' : 'sent')
        if (isBlocked || kind === 'welcome') await setBlocked(database, phoneKey, isBlocked ? new Date(now()) : null)
      }
    } catch (error) {
      log.error({ code: codeOf(error) }, 'replies wait')
    }
    return became
  }

  const underWay = new Set<Promise<unknown>>()
  return {
    send,
    sendSoon() {
      const work = send().finally(() => underWay.delete(work))
      underWay.add(work)
    },
    close: async () => void (await Promise.all(underWay)),

    async ask(sql, { phoneKey, kind, phone, locale }) {
      await sql.query(
        `INSERT INTO reply (phone_key, kind, phone, locale, asked_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (phone_key, kind) DO UPDATE SET phone = $3, locale = $4, asked_at = $5 WHERE reply.asked_at <= $6`,
        [...[phoneKey, kind, phone, locale], new Date(now()), new Date(now() - pauseMs[kind])],
      )
    },
  }
}

/** The code of a failed send, and nothing else of it. What has none may have been sent. */
export const codeOf = (error: unknown): string => String((Object(error) as { readonly code?: unknown }).code ?? 'ERR_PV_SMS_UNKNOWN')

/** Remembers that the carrier refuses our marketing for a number, until its owner lifts that (L9). */
export const setBlocked = (sql: Sql, phoneKey: string, at: Date | null) =>
  sql.query('UPDATE subscriber SET blocked_at = $2 WHERE phone_key = $1', [phoneKey, at])
