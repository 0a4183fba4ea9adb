import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

/** A compact JWE (`dir`, `A256GCM`), padded to 256 bytes so that its length tells nothing. */
export function createToken<Claims extends object>(key: KeyObject, type: string) {
  const header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: 'floor', typ: type })).toString('base64url')
  const aad = Buffer.from(header)

  return {
    seal(claims: Claims): string {
      const json = JSON.stringify(claims)
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
      const ciphertext = cipher.update(json.padEnd(Math.ceil(json.length / 256) * 256), 'utf8', 'base64url') + cipher.final('base64url')
      return `${header}..${iv.toString('base64url')}.${ciphertext}.${cipher.getAuthTag().toString('base64url')}`
    },

    open(token: unknown): Claims | undefined {
      if (typeof token !== 'string' || token.length > 8_192) return undefined
      const [head, wrapped, iv = '', ciphertext = '', tag = ''] = token.split('.')
      if (head !== header || wrapped !== '' || iv.length !== 16 || tag.length !== 22) return undefined
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
        decipher.setAAD(aad).setAuthTag(Buffer.from(tag, 'base64url'))
        return JSON.parse(decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8'))
      } catch {
        return undefined
      }
    },
  }
}
