import { createHmac } from 'node:crypto'
import { Secret } from 'otpauth'
import type { Sql } from '../service/database.js'

/** 80 bits each: too many to be guessed where the database is stolen, which 8 characters are not. */
const [count, bytes] = [10, 10]

export interface BackupCodes {
  /** Codes for their owner to keep, and what the database keeps of them. */
  draw(accountId: string): { readonly codes: readonly string[]; readonly digests: readonly string[] }
  /** These from now on, and none that was before. */
  replace(sql: Sql, accountId: string, digests: readonly string[]): Promise<void>
  /** Uses a code up: true for exactly one of those who come with it. */
  claim(sql: Sql, accountId: string, code: string): Promise<boolean>
}

/** A backup code as it was typed, in its one form; nothing where it cannot be one. */
export const readBackupCode = (typed: string): string | undefined => /^[A-Z2-7]{16}$/.exec(typed.replace(/[\s-]/g, '').toUpperCase())?.[0]

export function createBackupCodes(key: Buffer): BackupCodes {
  const digestOf = (accountId: string, code: string) => createHmac('sha256', key).update(`${accountId} ${code}`).digest('base64url')
  return {
    draw(accountId) {
      const drawn = Array.from({ length: count }, () => new Secret({ size: bytes }).base32)
      return {
        codes: drawn.map((code) => code.replace(/(?<=^(?:.{4})+)(?!$)/g, '-')),
        digests: drawn.map((code) => digestOf(accountId, code)),
      }
    },
    async replace(sql, accountId, digests) {
      await sql.query('DELETE FROM two_factor_backup_code WHERE account_id = $1', [accountId])
      await sql.query('INSERT INTO two_factor_backup_code (account_id, digest) SELECT $1, unnest($2::text[])', [accountId, digests])
    },
    async claim(sql, accountId, code) {
      const claimed = await sql.query('DELETE FROM two_factor_backup_code WHERE account_id = $1 AND digest = $2 RETURNING 1', [
        ...[accountId, digestOf(accountId, code)],
      ])
      return claimed.length > 0
    },
  }
}
