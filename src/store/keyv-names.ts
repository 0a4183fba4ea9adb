import { createHash, randomBytes } from 'node:crypto'

/** Keys of an adapter, and names that nobody else gives. */
export interface KeyvNames {
  record(id: string): string
  quota(key: string): string
  probe(): string
  call(): string
}

/** A hash has one form and one length on every server: no character, case or length, no half of a character, makes one name of two. */
export const createKeyvNames = (prefix: string): KeyvNames => {
  const hashed = (text: string) => createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex')
  const own = randomBytes(9).toString('base64url')
  let calls = 0
  return {
    record: (id) => `${prefix}r:${hashed(id)}`,
    quota: (key) => `${prefix}q:${hashed(key)}`,
    probe: () => `${prefix}p:${randomBytes(12).toString('hex')}`,
    call() {
      calls += 1
      return `${own}${calls.toString(36)}`
    },
  }
}
