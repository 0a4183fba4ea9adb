import type { Parts } from '../service/parts.js'
import type { Disclosure } from './disclosure.js'
import { giveConsent } from './give-consent.js'
import type { Personal } from './personal.js'
import type { Program } from './programs.js'
import { revokeConsent } from './revoke-consent.js'
import { lockSubscriber, type Subscriber } from './subscriber.js'

export interface Change {
  readonly programs: readonly Program[]
  /** Null: that of the number's country. Undefined: as it is. */
  readonly timeZone: string | null | undefined
  /** The text that was agreed to, where one was. */
  readonly agreed: Disclosure | undefined
  readonly personal: Personal
}

/**
 * What is left is revoked, what is new is consented to, each with its record: the log knows how every program came and went.
 *
 * @returns nothing where a program is new and no text was agreed to
 */
export function changePreferences(
  { database, now }: Pick<Parts, 'database' | 'now'>,
  { phoneKey, id }: Subscriber,
  { programs, timeZone, agreed, personal }: Change,
): Promise<Subscriber | undefined> {
  return database.transaction(async (transaction) => {
    const before = await lockSubscriber(transaction, phoneKey)
    // Erased, and perhaps come back as another, since the token was looked at.
    if (before?.id !== id) return undefined
    const left = before.programs.filter((program) => !programs.includes(program))
    const joined = programs.filter((program) => !before.programs.includes(program))
    if (joined.length > 0 && agreed === undefined) return undefined

    const at = new Date(now())
    const said = { at, saidAt: at, method: 'web_preferences', phoneKey, evidence: { subscriber: id }, personal } as const
    if (programs.length === 0) await revokeConsent(transaction, { ...said, scope: 'all' })
    else for (const scope of left) await revokeConsent(transaction, { ...said, scope })
    if (joined.length > 0 && agreed !== undefined) {
      const { text, version: textVersion, language: locale } = agreed
      await giveConsent(transaction, {
        ...said,
        phone: before.phone,
        programs: joined,
        timeZone: before.timeZone,
        text,
        textVersion,
        locale,
      })
    }
    if (timeZone !== undefined) await transaction.query('UPDATE subscriber SET time_zone = $2 WHERE phone_key = $1', [phoneKey, timeZone])
    return lockSubscriber(transaction, phoneKey)
  })
}
