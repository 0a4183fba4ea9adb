import { createHash, randomBytes } from 'node:crypto'
import type { Sql } from '../service/database.js'

/** Whose password may be reset, and the proof that allows it. */
export interface Grant {
  readonly accountId: string
  readonly proof: string
}

export interface Grants {
  /** @returns the token by which its holder comes back */
  open(grant: Grant, expiresAt: Date): Promise<string>
  /** The grant of a token. Every call is one of five tries, counted before anything is looked at. */
  take(token: string): Promise<Grant | undefined>
}

const tries = 5
const digestOf = (token: string) => createHash('sha256').update(token).digest('base64url')

/** Restricted reset sessions: each lives as long as its proof, and opens nothing but a new password for one account. */
export const createGrants = (sql: Sql, now: () => number): Grants => ({
  async open({ accountId, proof }, expiresAt) {
    const token = randomBytes(32).toString('base64url')
    await sql.query('DELETE FROM password_reset_grant WHERE expires_at <= $1', [new Date(now())])
    await sql.query('INSERT INTO password_reset_grant (digest, account_id, proof, tries_left, expires_at) VALUES ($1, $2, $3, $4, $5)', [
      ...[digestOf(token), accountId, proof, tries, expiresAt],
    ])
    return token
  },

  async take(token) {
    const [grant] = await sql.query<Grant>(
      `UPDATE password_reset_grant SET tries_left = tries_left - 1 WHERE digest = $1 AND tries_left > 0 AND expires_at > $2
       RETURNING account_id::text AS "accountId", proof`,
      [digestOf(token), new Date(now())],
    )
    return grant
  },
})
