import { objectOf } from './json-object.js'
import type { PhoneFailure, PhoneNoAnswer, PhoneProblemReason } from './outcomes.js'

/** What the client asks of `fetch`. */
export interface PhoneClientRequest {
  readonly method: 'POST'
  readonly headers: Record<string, string>
  readonly body: string
  readonly signal: AbortSignal
  readonly credentials?: 'omit' | 'same-origin' | 'include'
}

/** What the client reads of a response. */
export interface PhoneClientResponse {
  readonly ok: boolean
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

export type PhoneClientFetch = (url: string, request: PhoneClientRequest) => Promise<PhoneClientResponse>

export interface ExchangeOptions {
  readonly baseUrl: string
  readonly fetch?: PhoneClientFetch | undefined
  readonly headers?: Headers | (() => Headers | Promise<Headers>) | undefined
  readonly credentials?: PhoneClientRequest['credentials'] | undefined
  readonly timeoutMs?: number | undefined
}

type Headers = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, unknown>>

/** `date` is the server's clock, as far as a page may read it. */
export type Reply = { readonly ok: true; readonly body: Fields; readonly date: string | null } | PhoneFailure

/** Posts fields to a path below the base, and reads the reply. Rejects when `signal` is aborted, and for no other reason of the network. */
export type Exchange = (path: string, fields: Fields, headers: Headers, signal: AbortSignal | undefined) => Promise<Reply>

export const unexpected: PhoneNoAnswer = { ok: false, reason: 'unexpected_reply' }

export function createExchange({ baseUrl, fetch: given, headers, credentials, timeoutMs = 15_000 }: ExchangeOptions): Exchange {
  return async (path, fields, own, signal) => {
    const said = typeof headers === 'function' ? await headers() : headers
    throwIfAborted(signal)
    const all: Record<string, string> = {}
    // By their names in lower case: `Content-Type` beside `content-type` would be sent as a list of both.
    for (const [name, value] of Object.entries({ ...said, ...own })) all[name.toLowerCase()] = value
    all['content-type'] = 'application/json'

    const controller = new AbortController()
    const request = {
      ...({ method: 'POST', headers: all, body: JSON.stringify(fields), signal: controller.signal } as const),
      ...(credentials && { credentials }),
    }
    let stop = () => {}
    let timer: ReturnType<typeof setTimeout> | undefined
    // Beside the signal: not every `fetch` there is listens to it, and some only until the headers are there.
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(new Error('stopped'))
      timer = setTimeout(stop, timeoutMs)
      signal?.addEventListener('abort', stop)
    })
    try {
      return await Promise.race([(given ?? fetch)(baseUrl.replace(/\/+$/, '') + path, request).then(read), stopped])
    } catch {
      throwIfAborted(signal)
      return { ok: false, reason: 'network_error' }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      controller.abort()
    }
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  // React Native's signals may have no reason.
  if (signal?.aborted) throw signal.reason ?? Object.assign(new Error('The call was aborted.'), { name: 'AbortError' })
}

async function read(response: PhoneClientResponse): Promise<Reply> {
  const body = objectOf(await response.text())
  if (body === undefined) return unexpected
  if (response.ok) return { ok: true, body, date: response.headers.get('date') }
  const { code, type, title, attemptsLeft, retryAfterMs, errors } = body
  if (typeof code !== 'string' || type !== `urn:phone-verify:${code}`) return unexpected
  const retryAfter = numberOr(retryAfterMs, Number(response.headers.get('retry-after')) * 1_000)
  return {
    ...{ ok: false, reason: code as PhoneProblemReason, title: typeof title === 'string' ? title : code },
    ...(typeof attemptsLeft === 'number' && { attemptsLeft }),
    ...(retryAfter > 0 && { retryAfterMs: retryAfter }),
    ...(Array.isArray(errors) && { errors }),
  }
}

const numberOr = (value: unknown, other: number): number => (typeof value === 'number' ? value : other)
