import { asJsonObject, type JsonObject, readJsonObject } from './json-object.js'
import type { WireBody, WireRequest } from './wire.js'

type Failure = {
  readonly failed: 'content_too_large' | 'request_timeout' | 'unsupported_media_type' | 'invalid_request'
  readonly error?: { readonly field: string; readonly message: string }
}

/** `application/json`, in UTF-8 if it says (RFC 8259 §11). */
export const isJson = (contentType: string | undefined): boolean =>
  /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(contentType ?? '')

/** The fields of a body, or why there are none. */
export async function readFields(
  wire: WireRequest,
  maxBytes: number,
): Promise<{ readonly fields: Readonly<Record<string, unknown>> } | Failure> {
  if (Number(wire.header('content-length') ?? 0) > maxBytes) return { failed: 'content_too_large' }
  const body = await wire.body(maxBytes)
  if ('failed' in body) return body.failed === 'aborted' ? { failed: 'request_timeout' } : { failed: body.failed }
  // A few bytes of gzip may be many of JSON. What a host has unpacked already is measured by what it came to.
  const encoding = wire.header('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity' && !('parsed' in body)) return { failed: 'unsupported_media_type' }
  if ('parsed' in body && sizeOf(body.parsed) > maxBytes) return { failed: 'content_too_large' }
  const read = objectOf(body)
  return 'error' in read ? { failed: 'invalid_request', error: read.error } : read
}

export const stringField = (fields: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

const objectOf = (body: Exclude<WireBody, { readonly failed: unknown }>): JsonObject =>
  'parsed' in body ? asJsonObject(body.parsed) : readJsonObject(body.bytes)

const sizeOf = (parsed: unknown): number => {
  try {
    return Buffer.byteLength(JSON.stringify(parsed) ?? '')
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
