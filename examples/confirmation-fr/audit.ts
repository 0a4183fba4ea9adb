import { createHmac, randomUUID } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'
import { network } from '../service/network.js'
import type { Parts } from '../service/parts.js'

export type Action = 'send' | 'verify' | 'reset_request' | 'reset_confirm' | 'sign_in_send' | 'sign_in_verify'

/** Who asks for what, with which number. */
export interface Audited {
  readonly action: Action
  readonly phone: PhoneNumber
  readonly ip: string
}

/** Does the work between two lines of the audit: that it was asked for, and how it ended. */
export type Audit = <Outcome extends { readonly ok: boolean }>(asked: Audited, work: () => Promise<Outcome>) => Promise<Outcome>

export function createAudit({ database, secrets, now, log }: Parts): Audit {
  // All numbers of a country are tried within the hour: a hash without a key hides none.
  const keyed = (kind: 'phone' | 'ip', text: string) =>
    createHmac('sha256', secrets.tokens)
      .update(JSON.stringify(['confirmation audit', kind, text]))
      .digest('base64url')

  return async ({ action, phone, ip }, work) => {
    const [requestId, phoneKey, ipKey] = [randomUUID(), keyed('phone', phone), keyed('ip', network(ip))]
    const write = (outcome: string) =>
      database.query(
        'INSERT INTO confirmation_audit (request_id, at, action, outcome, phone_key, ip_key) VALUES ($1, $2, $3, $4, $5, $6)',
        [requestId, new Date(now()), action, outcome, phoneKey, ipKey],
      )

    // Before the work, and a failure ends the request: nothing happens that no line speaks of.
    await write('asked')
    const outcome = await work().catch(async (error: unknown) => {
      // What failed stays what failed, whether or not it can be written down.
      await write(String(Object(error).code ?? 'failed')).catch(() => log.error({ action }, 'audit incomplete'))
      throw error
    })
    await write(outcomeOf(outcome))
    return outcome
  }
}

const outcomeOf = (outcome: { readonly ok: boolean; readonly reason?: string }) => (outcome.ok ? 'ok' : (outcome.reason ?? 'refused'))
