import type { WireHeaders } from './wire.js'

/** What the wire says itself, and what frames it. */
const owned: ReadonlySet<string> = new Set([
  ...['content-type', 'content-length', 'content-encoding', 'cache-control', 'connection', 'transfer-encoding', 'trailer'],
])

const isName = (name: string) => /^[!#$%&'*+.^`|~\w-]+$/.test(name)
const isValue = (value: unknown) => typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

/**
 * Headers of the application as they may be sent (RFC 9110 §5), by their names in lower case; those of the wire are left out.
 *
 * @throws a TypeError for a header that no server could send: said here, where it is heard, and not where the reply is written
 */
export function addedHeaders(given: Readonly<Record<string, unknown>> = {}): WireHeaders {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase()
    if (value === undefined || owned.has(lower)) continue
    const values: unknown[] = Array.isArray(value) ? Array.from(value) : [value]
    if (!isName(name) || !values.every(isValue)) throw new TypeError(`onVerified: the header ${JSON.stringify(lower)} cannot be sent`)
    headers[lower] = Array.isArray(value) ? (values as string[]) : (value as string)
  }
  return headers
}
