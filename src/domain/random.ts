import { randomFillSync } from 'node:crypto'

const pageBytes = 4_096

/** Drawn ahead: a draw from the system costs the same for sixteen bytes and for a page. */
const page = Buffer.alloc(pageBytes)
let used = pageBytes

/** Bytes of the page that were never read before, and never will be again: they are wiped behind their only reader. */
function draw<Result>(length: number, read: (from: number, to: number) => Result): Result {
  if (used + length > pageBytes) {
    randomFillSync(page)
    used = 0
  }
  const from = used
  used += length
  const result = read(from, used)
  page.fill(0, from, used)
  return result
}

/** So many bytes of the system's CSPRNG, at most a page. */
export const randomOctets = (length: number): Buffer => draw(length, (from, to) => Buffer.from(page.subarray(from, to)))

/** 128 random bits, base64url: a challenge id, a nonce, a digest that no code has. */
export const randomIdentifier = (): string => draw(16, (from, to) => page.toString('base64url', from, to))
