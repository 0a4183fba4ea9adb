import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { stringifySetCookie } from 'cookie'
import type { Account } from '../accounts/account.js'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import type { Visitor } from '../service/route.js'
import { passwordTag } from './password-tag.js'

/** How long a device is remembered, in milliseconds: 30 days. */
export const deviceMs = 30 * 24 * 3_600_000

export interface Device {
  readonly id: string
  readonly name: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  readonly isCurrent: boolean
}

export interface Devices {
  /** Remembers whoever asks: the cookie that says so. */
  remember(sql: Sql, account: Account, visitor: Visitor): Promise<string>
  /** Whether this account has given a second factor on this device. */
  recognize(sql: Sql, account: Account, visitor: Visitor): Promise<boolean>
  list(sql: Sql, account: Account, visitor: Visitor): Promise<readonly Device[]>
  /** Forgets one device, or all: how many that were. */
  forget(sql: Sql, accountId: string, id?: string): Promise<number>
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

export function createDevices({ publicUrl, now }: Pick<Parts, 'publicUrl' | 'now'>): Devices {
  const secure = publicUrl.protocol === 'https:'
  // `__Host-`: a browser takes it from this host alone, and over TLS.
  const cookie = secure ? '__Host-device' : 'device'
  const digestOf = (visitor: Visitor) => sha256(visitor.cookie(cookie) ?? '')
  const instant = (fromNowMs = 0) => new Date(now() + fromNowMs)

  return {
    async remember(sql, account, visitor) {
      const token = randomBytes(32).toString('base64url')
      await sql.query('DELETE FROM two_factor_device WHERE account_id = $1 AND (expires_at <= $2 OR digest = $3)', [
        ...[account.id, instant(), digestOf(visitor)],
      ])
      await sql.query(
        `INSERT INTO two_factor_device (id, account_id, digest, password_tag, name, created_at, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
        [
          ...[randomUUID(), account.id, sha256(token), passwordTag(account)],
          ...[(visitor.userAgent ?? '').slice(0, 200), instant(), instant(deviceMs)],
        ],
      )
      return stringifySetCookie(cookie, token, { httpOnly: true, secure, sameSite: 'strict', path: '/', maxAge: deviceMs / 1_000 })
    },

    async recognize(sql, account, visitor) {
      const known = await sql.query(
        `UPDATE two_factor_device SET last_used_at = $4
         WHERE digest = $1 AND account_id = $2 AND password_tag = $3 AND expires_at > $4 RETURNING 1`,
        [digestOf(visitor), account.id, passwordTag(account), instant()],
      )
      return known.length > 0
    },

    list: (sql, account, visitor) =>
      sql.query<Device>(
        `SELECT id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", digest = $4 AS "isCurrent"
         FROM two_factor_device WHERE account_id = $1 AND password_tag = $2 AND expires_at > $3 ORDER BY created_at DESC`,
        [account.id, passwordTag(account), instant(), digestOf(visitor)],
      ),

    async forget(sql, accountId, id) {
      const forgotten = await sql.query(
        'DELETE FROM two_factor_device WHERE account_id = $1 AND ($2::text IS NULL OR id::text = $2) RETURNING 1',
        [accountId, id ?? null],
      )
      return forgotten.length
    },
  }
}
