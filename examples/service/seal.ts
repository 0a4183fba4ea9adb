import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const [algorithm, ivBytes, tagBytes] = ['aes-256-gcm', 12, 16] as const

/** Encrypts bytes (AES-256-GCM). `bound` says what they belong to: copied to anything else they open nothing. */
export function seal(key: Buffer, bound: string, content: string | Uint8Array): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(bound))
  const sealed = Buffer.concat([cipher.update(content), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** @throws where it was sealed by another key, for something else, or changed */
export function unseal(key: Buffer, bound: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
}
