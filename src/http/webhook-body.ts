import { createHash, timingSafeEqual } from 'node:crypto'
import type { ProblemCode } from './problem.js'
import type { WireRequest } from './wire.js'

/** The longest report that is read, in bytes. */
const maxBytes = 65_536

/** The bytes of a report, or what the host made of them, or why it did not come. */
export async function readWebhookBody(
  request: WireRequest,
): Promise<{ readonly bytes: Uint8Array } | { readonly parsed: unknown } | { readonly refused: ProblemCode }> {
  if (Number(request.header('content-length') ?? 0) > maxBytes) return { refused: 'content_too_large' }
  const body = await request.body(maxBytes)
  // A body that broke off is not what was signed.
  if ('failed' in body) return { refused: body.failed === 'aborted' ? 'forbidden' : body.failed }
  // A host that parses to bytes has kept them.
  if (!('parsed' in body && body.parsed instanceof Uint8Array)) return body
  return body.parsed.length > maxBytes ? { refused: 'content_too_large' } : { bytes: body.parsed }
}

/** Whether a signature, or a digest, is the one expected, in a time that does not depend on where they differ. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Whether these bytes have this SHA-256, in lower-case hex. */
export const hasDigest = (bytes: Uint8Array, digest: string): boolean => isSame(digest, createHash('sha256').update(bytes).digest('hex'))
