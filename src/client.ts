import { aheadMs } from './client/ahead-ms.js'
import { countDown } from './client/countdown.js'
import {
  createExchange,
  type PhoneClientFetch,
  type PhoneClientRequest,
  type Reply,
  throwIfAborted,
  unexpected,
} from './client/exchange.js'
import { makeIdempotencyKey } from './client/idempotency-key.js'
import type { PhonePending, PhoneProblem, PhoneProof, PhoneSendResult, PhoneVerifyResult } from './client/outcomes.js'
import { createSessionKeeper, instantOf, onClock, type PhoneClientStorage, sessionOf } from './client/session.js'
import { waitForCode } from './client/web-otp.js'

export type { PhoneClientFetch, PhoneClientRequest, PhoneClientResponse } from './client/exchange.js'
export type * from './client/outcomes.js'
export type { PhoneClientStorage } from './client/session.js'

export interface PhoneClientOptions {
  /** Where the endpoints are mounted: `/phone`, or `https://api.example.com/phone`. React Native needs the latter. */
  readonly baseUrl: string
  /** Default: the global one. */
  readonly fetch?: PhoneClientFetch | undefined
  /** What outlives a reload; `null` for memory only. Default: `sessionStorage`, else memory. */
  readonly storage?: PhoneClientStorage | null | undefined
  /** Default: `phone-verify:` and the base URL. */
  readonly storageKey?: string | undefined
  /** A BCP 47 tag: the language of texts and titles. Default: what the browser says. */
  readonly locale?: string | undefined
  /** Sent with every request, a token against forgery say. A function is asked each time; what it throws, the call rejects with. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)
    | undefined
  /** As `fetch` takes it: `include` sends cookies to another origin. Default: `fetch`'s own, `same-origin`. */
  readonly credentials?: PhoneClientRequest['credentials'] | undefined
  /** How long a reply is waited for, in milliseconds. Default 15 000. */
  readonly timeoutMs?: number | undefined
  /** Unix time in milliseconds: what `pending` and `countdown` go by. Default: the device's clock, be it right or wrong. */
  readonly now?: (() => number) | undefined
}

interface Abortable {
  /** Aborted, the call rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

export interface PhoneSendRequest extends Abortable {
  /** As typed. It is not stored. */
  readonly phone: string
  readonly locale?: string | undefined
  /** Default: one of its own, the same until this phone's send is answered. */
  readonly idempotencyKey?: string | undefined
}

export interface PhoneClient<Added extends object = object> {
  /** The code that is on its way, also after a reload; undefined when there is none, or it has expired. */
  readonly pending: PhonePending | undefined
  /** Sends a code. Tried again after `network_error` it sends no second SMS. */
  send(request: PhoneSendRequest): Promise<PhoneSendResult>
  /** Sends again. It may be called also when the code has expired. */
  resend(request?: Abortable): Promise<PhoneSendResult>
  /** Checks what the person typed. */
  verify(request: { readonly code: string } & Abortable): Promise<PhoneVerifyResult<Added>>
  /** WebOTP: the code of the SMS, or undefined where that is not to be had. Never rejects. */
  waitForCode(request?: Abortable): Promise<string | undefined>
  /** Tells the seconds left until a resend is let through, or until the code ends: at once, then each second until 0. Returns how to stop it. */
  countdown(which: 'resend' | 'expiry', listener: (secondsLeft: number) => void, request?: Abortable): () => void
  /** Forgets the code that is on its way. */
  reset(): void
}

/** After these no code opens the challenge any more. */
const endings: readonly string[] = ['expired', 'invalid_session', 'too_many_attempts', 'already_used']

const nothingPending: PhoneProblem = { ok: false, reason: 'invalid_session', title: 'This verification is not valid. Start again.' }

/**
 * The wire of `phone-verify/express`, `/fastify` and `/fetch` for a browser or React Native. `Added` is what the server's `onVerified` puts
 * into the reply.
 *
 * @example
 * ```ts
 * import { createPhoneClient } from 'phone-verify/client'
 *
 * const client = createPhoneClient({ baseUrl: '/phone' })
 * const sent = await client.send({ phone: '+14155552671' })
 * if (!sent.ok) throw new Error(sent.title ?? 'No connection.')
 * const verified = await client.verify({ code: '482913' })
 * export const proof = verified.ok ? verified.proof : undefined
 * ```
 */
export function createPhoneClient<Added extends object = object>(options: PhoneClientOptions): PhoneClient<Added> {
  const { baseUrl, storage, storageKey = `phone-verify:${baseUrl}`, locale: preferred, now = () => Date.now() } = options
  const exchange = createExchange(options)
  const session = createSessionKeeper(storage, storageKey)
  /** The keys of sends that nobody answered yet, by phone. */
  const unanswered = new Map<string, string>()
  /** Sends and resets, numbered as they begin, and the number that the session is of. */
  let begun = 0
  let settled = 0

  const languageOf = (tag = ''): Readonly<Record<string, string>> => (/^[\w-]+$/.test(tag) ? { 'accept-language': tag } : {})

  /** What a reply has sent, remembered unless something newer is. */
  const sent = (reply: Reply, isNewest: () => boolean): PhoneSendResult => {
    if (!reply.ok) return reply
    const said = sessionOf(reply.body)
    if (said === undefined) return unexpected
    const fresh = onClock(said, options.now === undefined ? aheadMs(reply.date) : 0)
    if (isNewest()) session.write(fresh)
    return { ok: true, expiresAt: fresh.expiresAt, resendAt: fresh.resendAt }
  }

  /** Asks about the challenge at hand. A late reply must not touch the one that came after it. */
  const ask = async (path: string, fields: Readonly<Record<string, unknown>>, signal: AbortSignal | undefined) => {
    const held = session.read()
    const since = settled
    if (held === undefined) throwIfAborted(signal)
    const reply: Reply = held
      ? await exchange(path, { sessionToken: held.sessionToken, ...fields }, languageOf(preferred), signal)
      : nothingPending
    const isHeld = () => settled === since && session.read() !== undefined
    if (!reply.ok && endings.includes(reply.reason) && isHeld()) session.clear()
    return { reply, isHeld }
  }

  return {
    get pending() {
      const { expiresAt, resendAt } = session.read() ?? {}
      return expiresAt && resendAt && expiresAt.getTime() > now() ? { expiresAt, resendAt } : undefined
    },

    async send({ phone, locale = preferred, idempotencyKey = unanswered.get(phone) ?? makeIdempotencyKey(), signal }) {
      begun += 1
      const order = begun
      unanswered.set(phone, idempotencyKey)
      const reply = await exchange('/send', { phone, locale }, { ...languageOf(locale), 'idempotency-key': idempotencyKey }, signal)
      const result = sent(reply, () => order > settled)
      if (result.ok) settled = Math.max(settled, order)
      const isAnswered = result.ok || result.title !== undefined
      if (isAnswered && unanswered.get(phone) === idempotencyKey) unanswered.delete(phone)
      return result
    },

    async resend({ signal } = {}) {
      const { reply, isHeld } = await ask('/resend', {}, signal)
      return sent(reply, isHeld)
    },

    async verify({ code, signal }) {
      const { reply, isHeld } = await ask('/verify', { code }, signal)
      if (!reply.ok) return reply
      const { body } = reply
      const verifiedAt = instantOf(body['verifiedAt'])
      if (typeof body['phone'] !== 'string' || typeof body['proof'] !== 'string' || verifiedAt === undefined) return unexpected
      if (isHeld()) session.clear()
      return { ...body, ok: true, verifiedAt } as Added & PhoneProof
    },

    waitForCode,

    countdown(which, listener, { signal } = {}) {
      const instant = which === 'resend' ? 'resendAt' : 'expiresAt'
      return countDown(() => session.read()?.[instant].getTime(), now, listener, signal)
    },

    reset() {
      begun += 1
      settled = begun
      session.clear()
    },
  }
}
