import type { Sql } from '../service/database.js'
import type { Language } from '../service/language.js'

/** What an account's owner says of themselves, and when they were last here. */
export interface Profile {
  /** As it was typed: not verified, perhaps another person's. */
  readonly contactPhone: string | null
  readonly language: Language
  readonly timezone: string
  readonly emailNotifications: boolean
  readonly lastActivity: Date | null
  readonly factorUsedAt: Date | null
}

/** What is said of them; what is not said stays as it was. */
export type ProfileChanges = {
  readonly [Key in 'contactPhone' | 'language' | 'timezone' | 'emailNotifications']?: Profile[Key] | undefined
}

const initial: Profile = {
  ...{ contactPhone: null, language: 'fr', timezone: 'Europe/Paris', emailNotifications: true },
  ...{ lastActivity: null, factorUsedAt: null },
}

export async function profileOf(sql: Sql, accountId: string): Promise<Profile> {
  const [kept] = await sql.query<Profile>(
    `SELECT contact_phone AS "contactPhone", language, timezone, email_notifications AS "emailNotifications",
       last_activity AS "lastActivity", factor_used_at AS "factorUsedAt"
     FROM two_factor_profile WHERE account_id = $1`,
    [accountId],
  )
  return kept ?? initial
}

export async function saveProfile(sql: Sql, accountId: string, changes: ProfileChanges): Promise<void> {
  const { contactPhone, language, timezone, emailNotifications } = changes
  await sql.query('INSERT INTO two_factor_profile (account_id) VALUES ($1) ON CONFLICT DO NOTHING', [accountId])
  await sql.query(
    `UPDATE two_factor_profile SET contact_phone = coalesce($2, contact_phone), language = coalesce($3, language),
       timezone = coalesce($4, timezone), email_notifications = coalesce($5, email_notifications) WHERE account_id = $1`,
    [accountId, contactPhone ?? null, language ?? null, timezone ?? null, emailNotifications ?? null],
  )
}

/** Somebody signed in, or gave a second factor. */
export async function markActivity(sql: Sql, accountId: string, at: Date, usedFactor = false): Promise<void> {
  await sql.query(
    `INSERT INTO two_factor_profile AS kept (account_id, last_activity, factor_used_at) VALUES ($1, $2, $3)
     ON CONFLICT (account_id) DO UPDATE SET last_activity = $2, factor_used_at = coalesce($3, kept.factor_used_at)`,
    [accountId, at, usedFactor ? at : null],
  )
}
