import type { PhoneVerifier } from '../verifier.js'
import { createEndpoints, type EndpointName } from './endpoints.js'
import type { HttpOptions } from './options.js'
import { createProofGate, type ProofOptions, type VerifiedPhone } from './require-proof.js'
import { patienceMs, type WireBody, type WireReply, type WireRequest } from './wire.js'

export type { HttpOptions, ReplyAdditions } from './options.js'
export type { ProofOptions, VerifiedPhone } from './require-proof.js'

/** What a `Request` does not say of itself. */
export interface FetchContext {
  /** The address at the other end of the connection. Without it, and without `trustedProxies`, all visitors share one limit. */
  readonly address?: string | undefined
  /** Keeps a background send alive after the reply: `ctx.waitUntil` of Workers. */
  readonly waitUntil?: ((work: Promise<void>) => void) | undefined
}

export type FetchHandler = (request: Request, context?: FetchContext) => Promise<Response>

/**
 * All endpoints as one function from `Request` to `Response` (the Fetch standard): Hono, Next route handlers, Bun, Deno, Workers. They are
 * `POST /send`, `/resend`, `/verify` and `/webhooks/{provider}` below `basePath`.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 * @example
 * ```ts
 * import type { PhoneVerifier } from 'phone-verify'
 * import { phoneVerifyHandler } from 'phone-verify/fetch'
 *
 * export const makeHandler = (verifier: PhoneVerifier) => phoneVerifyHandler(verifier, { basePath: '/phone', purpose: 'registration' })
 * ```
 */
export function phoneVerifyHandler(verifier: PhoneVerifier, options: HttpOptions<Request>): FetchHandler {
  const endpoints = createEndpoints(verifier, options)
  const { basePath = '' } = options
  return async (request, context = {}) => {
    const { pathname } = new URL(request.url)
    const path = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : ''
    return responseOf(await endpoints.handle(wireOf(request, context, path), request))
  }
}

/** The endpoints one by one, whatever path they are mounted at. */
export function phoneVerifyHandlers(verifier: PhoneVerifier, options: HttpOptions<Request>): Readonly<Record<EndpointName, FetchHandler>> {
  const endpoints = createEndpoints(verifier, options)
  const handler =
    (name: EndpointName): FetchHandler =>
    async (request, context = {}) =>
      responseOf(await endpoints.answer(name, wireOf(request, context, ''), request))
  return { send: handler('send'), resend: handler('resend'), verify: handler('verify') }
}

/**
 * Wraps a handler so that only a request with a proof reaches it, which is redeemed here, once. The proof is in the header `Phone-Proof`
 * unless the option `proof` finds it elsewhere.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 */
export function requireProof(
  verifier: PhoneVerifier,
  options: ProofOptions<Request>,
  handle: (request: Request, verifiedPhone: VerifiedPhone) => Response | Promise<Response>,
): FetchHandler {
  const pass = createProofGate(verifier, options)
  return async (request, context = {}) => {
    const passed = await pass(wireOf(request, context, ''), request, undefined)
    return 'reply' in passed ? responseOf(passed.reply) : handle(request, passed.verifiedPhone)
  }
}

function wireOf(request: Request, { address, waitUntil }: FetchContext, path: string): WireRequest {
  return {
    method: request.method,
    path,
    query: new URL(request.url).search.slice(1),
    header: (name) => request.headers.get(name) ?? undefined,
    peer: address,
    signal: request.signal,
    waitUntil,
    body: (maxBytes) => readBytes(request, maxBytes),
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<WireBody> {
  if (request.bodyUsed) return { parsed: undefined }
  const reader = request.body?.getReader()
  if (reader === undefined) return { bytes: new Uint8Array() }
  const chunks: Uint8Array[] = []
  let size = 0
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    void reader.cancel().catch(() => {})
  }, patienceMs)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (isLate) return { failed: 'request_timeout' }
      if (done) return { bytes: Buffer.concat(chunks) }
      size += value.length
      if (size > maxBytes) {
        void reader.cancel().catch(() => {})
        return { failed: 'content_too_large' }
      }
      chunks.push(value)
    }
  } catch {
    return { failed: isLate ? 'request_timeout' : 'aborted' }
  } finally {
    clearTimeout(timer)
  }
}

function responseOf({ status, headers, body }: WireReply): Response {
  const lines = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]))
  return new Response(body ?? null, { status, headers: lines })
}
