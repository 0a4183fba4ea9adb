import type { ResendCodeOutcome, SendCodeOutcome, VerifyCodeOutcome } from '../services/verbs.js'
import type { PhoneVerifier } from '../verifier.js'
import { addedHeaders } from './added-headers.js'
import { clientAddress } from './client-address.js'
import { createCors } from './cors.js'
import { createLanguages } from './languages.js'
import { lazily } from './lazily.js'
import { type HttpOptions, readOptions } from './options.js'
import { isOutage } from './outage.js'
import { type ProblemCode, type ProblemDetails, problem } from './problem.js'
import { fullLimit, rateLimit } from './rate-limit.js'
import { isJson, readFields, stringField } from './request-body.js'
import { saidOf } from './said.js'
import { createWebhooks } from './webhooks.js'
import type { WireHeaders, WireReply, WireRequest } from './wire.js'

export type EndpointName = 'send' | 'resend' | 'verify'

/** The wire, whichever framework carries it. `Request` is the framework's own, which the options' functions are given. */
export interface Endpoints<Request> {
  /** Answers a request by its path below the base path, `/send` say. Never rejects. */
  handle(request: WireRequest, own: Request): Promise<WireReply>
  /** Answers a request as one endpoint, whatever its path. Never rejects. */
  answer(endpoint: EndpointName, request: WireRequest, own: Request): Promise<WireReply>
}

interface Visit<Request> {
  readonly wire: WireRequest
  readonly own: Request
  readonly fields: Readonly<Record<string, unknown>>
  /** The languages that the visitor reads, the most wanted first. */
  readonly reads: () => readonly string[]
}

const allowed: WireHeaders = { allow: 'POST, OPTIONS' }
const json: WireHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/**
 * The endpoints `POST /send`, `/resend`, `/verify` and `/webhooks/{provider}`, free of any framework: an adapter turns its request into a
 * `WireRequest` and writes the reply. Failures are `application/problem+json` (RFC 9457).
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 */
export function createEndpoints<Request>(verifier: PhoneVerifier, options: HttpOptions<Request>): Endpoints<Request> {
  const settings = readOptions(options)
  const { purpose, onVerified, onError, disclosure, trustedProxies, maxBodyBytes, waitUntil } = settings
  const cors = createCors(settings.cors)
  const languages = createLanguages(settings.languages)
  const receiveReport = createWebhooks(settings.webhooks, { report: verifier.reportDelivery, now: Date.now })

  /** What the request is bound to, and who asks. */
  const asked = async ({ wire, own }: Visit<Request>) => {
    const said = await saidOf(settings, own)
    if (said === undefined) return undefined
    const client = await settings.client?.(own)
    const ip = clientAddress(wire.peer, wire.header('x-forwarded-for'), trustedProxies)
    // A client without a name is none: it is limited by its address, and never skipped.
    return { ...said, client: client?.id === undefined && client?.ip === undefined ? { ip } : client }
  }

  /** How a send goes on after its reply, and when it need not go on at all. */
  const onwards = ({ wire, own }: Visit<Request>) => ({
    signal: typeof wire.signal === 'function' ? wire.signal() : wire.signal,
    waitUntil: waitUntil === undefined ? wire.waitUntil : (work: Promise<void>) => waitUntil(work, own),
  })

  const sent = (outcome: SendCodeOutcome | ResendCodeOutcome, refuse: Refuse): WireReply => {
    if (!outcome.ok) return refused(outcome, refuse)
    const { sessionToken, expiresAt, resendAt, limits, policies } = outcome
    return {
      status: 202,
      headers: { ...json, ...rateLimit(limits, policies) },
      body: JSON.stringify({ sessionToken, expiresAt, resendAt }),
    }
  }

  const endpoints: Readonly<Record<EndpointName, (visit: Visit<Request>, refuse: Refuse) => Promise<WireReply>>> = {
    async send(visit, refuse) {
      const phone = stringField(visit.fields, 'phone')
      const idempotencyKey = visit.wire.header('idempotency-key')
      if (phone === undefined) return refuse('invalid_request', { errors: [mustBeString('phone')] })
      if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
        return refuse('invalid_request', { errors: [{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }] })

      const said = await asked(visit)
      if (said === undefined) return refuse('unknown_tenant')
      const [context, decoy] = await Promise.all([settings.context?.(visit.own), settings.decoy?.(phone, visit.own)])
      const locale = languages.offered(visit.reads())
      const request = { phone, purpose, ...said, context, decoy, idempotencyKey, locale, ...onwards(visit) }
      return sent(await verifier.sendCode(request), refuse)
    },

    async resend(visit, refuse) {
      const sessionToken = stringField(visit.fields, 'sessionToken')
      if (sessionToken === undefined) return refuse('invalid_request', { errors: [mustBeString('sessionToken')] })
      const said = await asked(visit)
      if (said === undefined) return refuse('unknown_tenant')
      const { payload: _, ...rest } = said
      return sent(await verifier.resendCode({ sessionToken, ...rest, ...onwards(visit) }), refuse)
    },

    async verify(visit, refuse) {
      const [sessionToken, code] = [stringField(visit.fields, 'sessionToken'), stringField(visit.fields, 'code')]
      if (sessionToken === undefined || code === undefined) {
        const missing = [...(sessionToken === undefined ? ['sessionToken'] : []), ...(code === undefined ? ['code'] : [])]
        return refuse('invalid_request', { errors: missing.map(mustBeString) })
      }
      const said = await asked(visit)
      const outcome: VerifyCodeOutcome =
        said === undefined ? { ok: false, reason: 'unknown_tenant' } : await verifier.verifyCode({ sessionToken, code, purpose, ...said })
      if (!outcome.ok) return disclosure === 'uniform' ? refuse('incorrect_code') : refused(outcome, refuse)

      const added = (await onVerified?.(outcome, visit.own)) ?? {}
      const { phone, proof, verifiedAt } = outcome
      const body = JSON.stringify({ ...added.body, phone, purpose, proof, verifiedAt })
      return { status: 200, headers: { ...addedHeaders(added.headers), ...json }, body }
    },
  }

  /** The steps of every endpoint, before anything of the body is believed. */
  const answer: Endpoints<Request>['answer'] = async (endpoint, wire, own) => {
    const common = cors.headers(wire)
    const readsOf = (body?: unknown, server?: string) => lazily(() => languages.wanted(body, server, wire.header('accept-language')))
    let reads = readsOf()
    const refuse: Refuse = (code, details, headers) => problem(code, reads(), details, { ...common, ...headers })

    if (wire.method === 'OPTIONS') return { status: 204, headers: { ...allowed, 'cache-control': 'no-store', ...cors.preflight(wire) } }
    if (wire.method !== 'POST') return refuse('method_not_allowed', {}, allowed)
    // Only JSON makes a browser ask before another site's page may post: no form can.
    if (!isJson(wire.header('content-type'))) return refuse('unsupported_media_type')
    try {
      const body = await readFields(wire, maxBodyBytes)
      if ('failed' in body) return refuse(body.failed, body.error && { errors: [body.error] })
      reads = readsOf(body.fields['locale'], await settings.locale?.(own))
      const reply = await endpoints[endpoint]({ wire, own, fields: body.fields, reads }, refuse)
      return { ...reply, headers: { ...common, ...reply.headers } }
    } catch (error) {
      if (isOutage(error)) return refuse('unavailable')
      tell(onError, error, own)
      return refuse('internal_error')
    }
  }

  const webhook = async (provider: string, wire: WireRequest, own: Request): Promise<WireReply> => {
    try {
      if (wire.method !== 'POST') return problem('method_not_allowed', [], {}, { allow: 'POST' })
      const refusal = await receiveReport(provider, wire)
      return refusal === undefined ? { status: 204, headers: { 'cache-control': 'no-store' } } : problem(refusal, [])
    } catch (error) {
      tell(onError, error, own)
      return problem('internal_error', [])
    }
  }

  return {
    answer,
    handle(wire, own) {
      const [, name = '', provider] = /^\/(send|resend|verify|webhooks)(?:\/(\w{1,20}))?$/.exec(wire.path) ?? []
      if (name === 'webhooks' && provider !== undefined && settings.webhooks !== undefined) return webhook(provider, wire, own)
      if (Object.hasOwn(endpoints, name) && provider === undefined) return answer(name as EndpointName, wire, own)
      const reads = languages.wanted(undefined, undefined, wire.header('accept-language'))
      return Promise.resolve(problem('not_found', reads, {}, cors.headers(wire)))
    },
  }
}

type Refuse = (code: ProblemCode, details?: ProblemDetails, headers?: WireHeaders) => WireReply

const mustBeString = (field: string) => ({ field, message: 'must be a string' })

/** What the visitor did wrong, by its own name on the wire. */
function refused(
  outcome: Exclude<SendCodeOutcome | ResendCodeOutcome | VerifyCodeOutcome, { readonly ok: true }>,
  refuse: Refuse,
): WireReply {
  if (outcome.reason === 'incorrect_code') return refuse('incorrect_code', { attemptsLeft: outcome.attemptsLeft })
  if (outcome.reason === 'rate_limited' || outcome.reason === 'locked')
    return refuse(outcome.reason, { retryAfterMs: outcome.retryAfterMs }, fullLimit(outcome.limit, outcome.retryAfterMs))
  return refuse(outcome.reason)
}

/** A listener that throws must not keep the visitor waiting. */
function tell<Request>(onError: (error: unknown, request: Request) => void, error: unknown, own: Request): void {
  try {
    onError(error, own)
  } catch {}
}
