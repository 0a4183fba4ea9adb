import type { createTestVerifier, TestVerifier } from 'phone-verify/testing'
import { type Adapter, type AnyOptions, startHost } from './adapters.js'
import { ask, type RawReply, type RawRequest } from './raw-client.js'

/** What is answered. Of the headers all are named but those that only carry: `Date`, `Connection`, `Content-Length` and the like. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Word for word, but for `<token>` and `<proof>`. */
  readonly body: string
}

/** What went before, over the same wire. */
export interface Stage {
  readonly test: TestVerifier
  /** Starts a challenge, whose token is `<token>` from now on. */
  send(phone?: string): Promise<void>
  /** Tries a code; the one that was sent unless it is said. */
  verify(code?: string): Promise<void>
  ask(request: RawRequest): Promise<RawReply>
}

/** One request and its answer, the same behind every framework. */
export interface Row {
  readonly name: string
  readonly options?: AnyOptions
  readonly verifier?: Parameters<typeof createTestVerifier>[0]
  readonly before?: (stage: Stage) => Promise<void> | void
  /** `<token>`, `<code>` and `<wrong>` stand for what the last challenge has, and a code that it has not. */
  readonly asked: RawRequest
  readonly answer: Answer
  /** How many SMS there are in the end, where that is the point. */
  readonly sent?: number
  /** In which language the last SMS was asked for. */
  readonly smsLocale?: string
  /** Where a framework answers before we are asked: what it does, by the adapter's name. */
  readonly except?: Readonly<Record<string, { readonly why: string; readonly answer: Answer }>>
}

export const phone = '+33612345678'

export const isJson: readonly (readonly [string, string])[] = [['Content-Type', 'application/json']]

/** A request as a client of ours makes it. */
export const posted = (path: string, body: string | Uint8Array, headers: RawRequest['headers'] = []): RawRequest => ({
  path,
  headers: [...isJson, ...headers],
  body,
})

const json = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/** 202, with the limits of a first send. */
export const accepted = (headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 202,
  headers: {
    ...json,
    ratelimit:
      '"challengesPerPhone";r=2;t=600, "sendsPerPhone";r=0;t=30, "sendsPerClient";r=9;t=3600, "sendsPerPrefix";r=19;t=3600, "sendsPerTenant";r=199;t=3600',
    'ratelimit-policy':
      '"challengesPerPhone";q=3;w=600, "sendsPerPhone";q=10;w=86400, "sendsPerClient";q=50;w=86400, "sendsPerPrefix";q=20;w=3600, "sendsPerTenant";q=1000;w=86400',
    ...headers,
  },
  body: '{"sessionToken":"<token>","expiresAt":"2026-01-01T00:10:00.000Z","resendAt":"2026-01-01T00:00:30.000Z"}',
})

/** 200, at the first instant of the clock. */
export const verified = (
  headers: Readonly<Record<string, string>> = {},
  body = `{"phone":"${phone}","purpose":"registration","proof":"<proof>","verifiedAt":"2026-01-01T00:00:00.000Z"}`,
): Answer => ({ status: 200, headers: { ...json, ...headers }, body })

/** The titles in English, as people read them. */
const titles = {
  invalid_request: 'The request is not as it must be.',
  blocked: 'This request cannot be served.',
  unknown_tenant: 'There is nobody of that name here.',
  not_found: 'There is nothing here.',
  method_not_allowed: 'This can only be posted.',
  expired: 'The code has expired. Ask for a new one.',
  too_many_attempts: 'Too many wrong codes. Ask for a new one.',
  already_used: 'This code has already been used.',
  content_too_large: 'The request is too large.',
  unsupported_media_type: 'The request must be JSON.',
  invalid_phone_number: 'This is not a valid phone number.',
  country_not_allowed: 'Phone numbers of this country are not accepted.',
  number_type_not_allowed: 'This kind of phone number is not accepted.',
  undeliverable: 'This phone number cannot receive our messages.',
  malformed_code: 'This does not look like a code.',
  incorrect_code: 'The code is wrong.',
  invalid_session: 'This verification is not valid. Start again.',
  rate_limited: 'Too many requests. Try again later.',
  locked: 'Too many wrong codes. Try again later.',
  internal_error: 'Something went wrong.',
  unavailable: 'The service is not available at the moment. Try again later.',
}

/** A problem, with what its body and its headers have besides. */
export const refused = (
  status: number,
  code: keyof typeof titles,
  members: object = {},
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/problem+json', 'content-language': 'en', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify({ type: `urn:phone-verify:${code}`, title: titles[code], status, code, ...members }),
})

/** 400, for these fields. */
export const invalid = (message: string, ...fields: readonly string[]): Answer =>
  refused(400, 'invalid_request', { errors: fields.map((field) => ({ field, message })) })

/** What only carries a reply, and is the server's and the connection's. */
const carrying = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'])

/** What came of a row. */
export interface Played {
  readonly answer: Answer
  /** How long the reply's body was: tokens of one kind are of one length. */
  readonly bytes: number
  readonly sent: number
  readonly smsLocale: string | undefined
  /** Whether a code that was sent, or the phone before it was verified, is anywhere in the reply. */
  readonly tells: boolean
}

/** Plays one row against one adapter, on a server of its own. */
export async function play(adapter: Adapter, row: Row): Promise<Played> {
  const host = await startHost(adapter, row.options, row.verifier)
  const { test, port } = host
  let token = ''
  const code = () => test.outbox.messages.findLast((message) => message.code !== undefined)?.code ?? ''
  const wrong = () => code().replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
  const filled = (text: string) => text.replaceAll('<token>', token).replaceAll('<code>', code()).replaceAll('<wrong>', wrong())
  const stage: Stage = {
    test,
    async send(to = phone) {
      const reply = await ask(port, posted('/phone/send', JSON.stringify({ phone: to })))
      if (reply.status !== 202) throw new Error(`no challenge: ${reply.body}`)
      token = JSON.parse(reply.body).sessionToken
    },
    async verify(guess = '<code>') {
      await ask(port, posted('/phone/verify', filled(`{"sessionToken":"<token>","code":"${guess}"}`)))
    },
    ask: (request) => ask(port, request),
  }
  try {
    await row.before?.(stage)
    const { body } = row.asked
    const reply = await ask(port, { ...row.asked, body: typeof body === 'string' ? filled(body) : body })
    await test.settled()
    const all = JSON.stringify(reply)
    const codes = test.outbox.messages.flatMap((message) => message.code ?? [])
    return {
      answer: masked(reply),
      bytes: Buffer.byteLength(reply.body),
      sent: test.outbox.messages.length,
      smsLocale: test.outbox.messages.at(-1)?.locale,
      tells: codes.some((each) => all.includes(each)) || (reply.status !== 200 && all.includes(phone.slice(1))),
    }
  } finally {
    await host.close()
  }
}

function masked({ status, headers, body }: RawReply): Answer {
  const names = headers.map(([name]) => name)
  if (new Set(names).size < names.length) throw new Error(`a header came twice: ${names}`)
  return {
    status,
    headers: Object.fromEntries(headers.filter(([name]) => !carrying.has(name))),
    body: body
      .replace(/"sessionToken":"[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+"/, '"sessionToken":"<token>"')
      .replace(/"proof":"[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+"/, '"proof":"<proof>"'),
  }
}
