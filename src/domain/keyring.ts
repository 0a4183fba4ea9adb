import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'

/** The keys one secret makes, one for each use, so that no output of one use means anything in another. */
export interface Keys {
  /** Names the secret in tokens; says nothing of it. */
  readonly id: string
  readonly code: KeyObject
  readonly digest: KeyObject
  readonly session: KeyObject
  readonly proof: KeyObject
}

/** All secrets that are live, and the one key of quotas and ledger. */
export interface Keyring {
  /** Makes everything new. */
  readonly current: Keys
  /** Newest first. */
  readonly all: readonly Keys[]
  byId(id: string): Keys | undefined
  /** A keyed hash of what must be found again and never read: the phone in a quota key, a tenant in a tag. 128 bits, base64url. */
  index(...fields: readonly (string | undefined)[]): string
}

/** Keys per use by HKDF-SHA-256 (RFC 5869) from secrets of at least 32 bytes. The first secret makes, all are accepted. */
export function createKeyring(secrets: readonly string[], indexSecret: string): Keyring {
  const all = secrets.map(keysOf)
  const indexKey = derive(indexSecret, 'index')
  return {
    current: all[0] as Keys,
    all,
    byId: (id) => all.find((keys) => keys.id === id),
    index: (...fields) => mac(indexKey, fields),
  }
}

/**
 * HMAC-SHA-256 over fields that cannot run into each other, truncated to 128 bits (RFC 2104 §5), base64url. Each field is preceded by its
 * length; an absent one is no empty one.
 */
export function mac(key: KeyObject, fields: readonly (string | undefined)[]): string {
  let framed = ''
  for (const field of fields) framed += field === undefined ? '-' : `${field.length}:${field}`
  const whole = createHmac('sha256', key).update(framed).digest('base64url')
  return whole.slice(0, lastPlace) + lastOf[whole.charCodeAt(lastPlace)]
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const lastPlace = 21

/** 128 bits end two bits into the 22nd character: what it is with the other four unset, by its code. To cut the text is faster than to cut the bytes. */
const lastOf: readonly string[] = Array.from({ length: 128 }, (_, code) => 'AQgw'[alphabet.indexOf(String.fromCharCode(code)) >> 4] ?? '')

/** Whether two digests are the same, in a time that does not depend on where they differ. What is not a whole digest matches nothing. */
export function matches(given: string, kept: unknown): boolean {
  if (typeof kept !== 'string') return false
  const a = Buffer.from(given)
  const b = Buffer.from(kept)
  return a.length === digestLength && b.length === digestLength && timingSafeEqual(a, b)
}

const digestLength = 22

const keysOf = (secret: string): Keys => ({
  id: derive(secret, 'key id').export().toString('base64url', 0, 6),
  code: derive(secret, 'code'),
  digest: derive(secret, 'digest'),
  session: derive(secret, 'session token'),
  proof: derive(secret, 'proof'),
})

const derive = (secret: string, use: string): KeyObject =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', secret, 'phone-verify', `phone-verify v1 ${use}`, 32)))
