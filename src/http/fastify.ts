import type { FastifyPluginAsync, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler, RouteHandlerMethod } from 'fastify'
import type { PhoneVerifier } from '../verifier.js'
import { createEndpoints, type EndpointName } from './endpoints.js'
import { fromNode, parsedBody, partsOf, replyHeaders } from './node-message.js'
import type { HttpOptions } from './options.js'
import { createProofGate, type ProofOptions, type VerifiedPhone } from './require-proof.js'
import { routeSchemas } from './schemas.js'
import type { WireReply, WireRequest } from './wire.js'

export type { HttpOptions, ReplyAdditions } from './options.js'
export type { ProofOptions, VerifiedPhone } from './require-proof.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What `requireProof` redeemed. */
    verifiedPhone?: VerifiedPhone
  }
}

/** Options of `phoneVerifyPlugin`: those of every adapter, and the verifier. */
export interface PhoneVerifyPluginOptions extends HttpOptions<FastifyRequest> {
  readonly verifier: PhoneVerifier
}

/**
 * All endpoints, for Fastify 5: `POST /send`, `/resend`, `/verify` and `/webhooks/{provider}` below the `prefix` of `register`. Encapsulated:
 * its content type parsers, its error handler and its routes touch nothing outside. The routes have JSON schemas, for `@fastify/swagger`.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import type { PhoneVerifier } from 'phone-verify'
 * import { phoneVerifyPlugin } from 'phone-verify/fastify'
 *
 * export const makeApp = (verifier: PhoneVerifier) =>
 *   Fastify().register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose: 'registration' })
 * ```
 */
export const phoneVerifyPlugin: FastifyPluginAsync<PhoneVerifyPluginOptions> = async (fastify, given) => {
  const { verifier, prefix: _, ...options } = given as PhoneVerifyPluginOptions & { readonly prefix?: string }
  const endpoints = createEndpoints(verifier, logged(options))
  const { basePath = '' } = options
  // By its segments: one of them may be a parameter.
  const depth = `${fastify.prefix}${basePath}`.split('/').filter((segment) => segment !== '').length

  // Bodies are read, and requests are checked, by the endpoints: every framework refuses the same, in the same words.
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  fastify.setValidatorCompiler(() => () => true)
  fastify.setErrorHandler((error, request, reply) => {
    if (/^FST_ERR_(?:CTP|ROUTE_MISSING_CONTENT_TYPE)/.test((error as { readonly code?: string }).code ?? '')) return all(request, reply)
    throw error
  })

  const all = (request: FastifyRequest, reply: FastifyReply) => {
    const { path, query } = partsOf(request)
    return endpoints
      .handle(
        wireOf(
          request,
          reply,
          `/${path
            .split('/')
            .slice(depth + 1)
            .join('/')}`,
          query,
        ),
        request,
      )
      .then((answer) => write(reply, answer))
  }

  for (const name of ['send', 'resend', 'verify'] as const) fastify.post(`${basePath}/${name}`, { schema: routeSchemas[name] }, all)
  if (options.webhooks !== undefined) fastify.post(`${basePath}/webhooks/:provider`, { schema: { hide: true } as object }, all)
  // Every other path and method has its answer here as well.
  const methods = fastify.supportedMethods.filter((method) => method !== 'TRACE')
  fastify.route({ method: methods, url: `${basePath}/*`, schema: { hide: true } as object, exposeHeadRoute: false, handler: all })
  const others = methods.filter((method) => method !== 'POST')
  for (const name of ['send', 'resend', 'verify'])
    fastify.route({ method: others, url: `${basePath}/${name}`, schema: { hide: true } as object, exposeHeadRoute: false, handler: all })
}

Object.assign(phoneVerifyPlugin, {
  [Symbol.for('fastify.display-name')]: 'phone-verify',
  [Symbol.for('plugin-meta')]: { name: 'phone-verify', fastify: '5.x' },
})

/** The endpoints one by one, as handlers of routes of yours. The routes' scope must leave the body unread, or parse JSON. */
export function phoneVerifyHandlers(
  verifier: PhoneVerifier,
  options: HttpOptions<FastifyRequest>,
): Readonly<Record<EndpointName, RouteHandlerMethod>> {
  const endpoints = createEndpoints(verifier, logged(options))
  const handler =
    (name: EndpointName): RouteHandlerMethod =>
    async (request, reply) => {
      const { path, query } = partsOf(request)
      return write(reply, await endpoints.answer(name, wireOf(request, reply, path, query), request))
    }
  return { send: handler('send'), resend: handler('resend'), verify: handler('verify') }
}

/**
 * A `preHandler` that lets a request pass which carries a proof, redeemed here, once: in the header `Phone-Proof`, or as `proof` in the
 * body. `request.verifiedPhone` is then the verified phone.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 */
export function requireProof(verifier: PhoneVerifier, options: ProofOptions<FastifyRequest>): preHandlerAsyncHookHandler {
  const pass = createProofGate(verifier, options)
  return async (request, reply) => {
    const { path, query } = partsOf(request)
    const passed = await pass(wireOf(request, reply, path, query), request, request.body)
    if ('reply' in passed) return write(reply, passed.reply)
    request.verifiedPhone = passed.verifiedPhone
  }
}

/** Fastify has a log of its own. */
const logged = (options: HttpOptions<FastifyRequest>): HttpOptions<FastifyRequest> => ({
  onError: (error, { log }) => log.error(error),
  ...options,
})

/** A body that is a stream was left to us; anything else is what the host made of it. */
function wireOf({ raw, body }: FastifyRequest, reply: FastifyReply, path: string, query: string): WireRequest {
  const isStream = typeof (body as NodeJS.ReadableStream | undefined)?.pipe === 'function'
  const source = isStream ? (body as NodeJS.ReadableStream) : undefined
  const wire = fromNode(raw, reply.raw, { path, query, source })
  return isStream || body === undefined ? wire : { ...wire, body: async (maxBytes) => parsedBody(body, maxBytes) }
}

/** Bytes, which Fastify neither serializes nor gives a charset. */
function write(reply: FastifyReply, answer: WireReply): FastifyReply {
  void reply.code(answer.status).headers(replyHeaders(answer))
  return reply.send(answer.body === undefined ? undefined : Buffer.from(answer.body))
}
