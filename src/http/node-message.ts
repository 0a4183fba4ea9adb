import type { IncomingMessage, ServerResponse } from 'node:http'
import { lazily } from './lazily.js'
import { patienceMs, type WireBody, type WireReply, type WireRequest } from './wire.js'

/** A request of `node:http` that a framework may have read already. */
export interface NodeRequest extends IncomingMessage {
  /** What the host made of the body. */
  readonly body?: unknown
  /** The bytes of the body, where the host has kept them. */
  readonly rawBody?: unknown
}

export interface NodeParts {
  readonly path: string
  readonly query: string
  /** Where the body comes from: the request, or what the host pipes it through. */
  readonly source?: NodeJS.ReadableStream | undefined
}

/** The path, below the mount where the framework cuts it off, and the query, both as sent. */
export function partsOf({ url = '' }: { readonly url?: string }): { readonly path: string; readonly query: string } {
  const [path = '', ...query] = url.split('?')
  return { path, query: query.join('?') }
}

/** Those of ours that `node:http` keeps the first of; the others it joins to a list by itself. */
const keptOnce: ReadonlySet<string> = new Set(['content-type', 'content-length', 'authorization'])

/** Every value of a header, also of one that `node:http` keeps only the first of: two content types are not one. */
function headerOf({ rawHeaders = [], headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  if (value === undefined || rawHeaders.length === 0 || !keptOnce.has(name)) return value?.toString()
  const values = rawHeaders.flatMap((header, index) =>
    index % 2 === 0 && header.toLowerCase() === name ? [rawHeaders[index + 1] ?? ''] : [],
  )
  return values.length === 0 ? undefined : values.join(', ')
}

/** A request of `node:http` as the endpoints see it. */
export function fromNode(request: NodeRequest, response: ServerResponse, { path, query, source = request }: NodeParts): WireRequest {
  return {
    method: request.method ?? '',
    path,
    query,
    header: (name) => headerOf(request, name),
    peer: request.socket?.remoteAddress,
    // A guess is not worth aborting.
    signal: lazily(() => signalOf(response)),
    async body(maxBytes) {
      if (request.rawBody instanceof Uint8Array) return sized(request.rawBody, maxBytes)
      // A host's parser has been here: the bytes are gone.
      if (source === request && request.readableDidRead && request.body !== undefined) return parsedBody(request.body, maxBytes)
      return readBytes(source, maxBytes)
    },
  }
}

/** Aborted when the response is closed before it was written. */
function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  const leave = () => {
    if (!response.writableFinished) gone.abort()
  }
  if (response.closed) leave()
  else response.once('close', leave)
  return gone.signal
}

/** What a host made of a body. One that only collected it made nothing of it yet. */
export const parsedBody = (body: unknown, maxBytes: number): WireBody =>
  body instanceof Uint8Array ? sized(body, maxBytes) : { parsed: body }

const sized = (bytes: Uint8Array, maxBytes: number): WireBody => (bytes.length > maxBytes ? { failed: 'content_too_large' } : { bytes })

/** What comes after the last byte that is wanted is let go by, or the connection could not be answered. */
const readBytes = (source: NodeJS.ReadableStream, maxBytes: number): Promise<WireBody> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    // A host that read it and kept nothing: nothing comes any more.
    if ((source as { readonly readableEnded?: boolean }).readableEnded) return resolve({ bytes: new Uint8Array() })
    const end = (body: WireBody) => {
      clearTimeout(timer)
      source.off('data', take).off('end', whole).off('error', aborted).off('close', aborted)
      if ('failed' in body) source.on('error', () => {}).resume()
      resolve(body)
    }
    const take = (chunk: Buffer | string) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      size += bytes.length
      if (size > maxBytes) end({ failed: 'content_too_large' })
      else chunks.push(bytes)
    }
    const whole = () => end({ bytes: Buffer.concat(chunks) })
    const aborted = () => end({ failed: 'aborted' })
    const timer = setTimeout(() => end({ failed: 'request_timeout' }), patienceMs)
    source.on('data', take).on('end', whole).on('error', aborted).on('close', aborted)
  })

/** What a reply is written with. A body that was not read to its end makes the connection unfit for another request. */
export const replyHeaders = ({ status, headers, body }: WireReply): Record<string, string | string[]> => ({
  ...headers,
  ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
  ...((status === 413 || status === 408) && { connection: 'close' }),
})
