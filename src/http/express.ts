import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { PhoneVerifier } from '../verifier.js'
import { createEndpoints, type EndpointName } from './endpoints.js'
import { fromNode, type NodeRequest, partsOf, replyHeaders } from './node-message.js'
import type { HttpOptions } from './options.js'
import { createProofGate, type ProofOptions, type VerifiedPhone } from './require-proof.js'
import type { WireReply } from './wire.js'

export type { HttpOptions, ReplyAdditions } from './options.js'
export type { ProofOptions, VerifiedPhone } from './require-proof.js'

declare global {
  namespace Express {
    interface Request {
      /** What `requireProof` redeemed. */
      verifiedPhone?: VerifiedPhone
    }
  }
}

/**
 * All endpoints, for Express 5 and 4: `POST /send`, `/resend`, `/verify` and `/webhooks/{provider}` below where it is mounted. It reads its
 * bodies itself; mount it before `express.json()`.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 * @example
 * ```ts
 * import express from 'express'
 * import type { PhoneVerifier } from 'phone-verify'
 * import { phoneVerifyRouter } from 'phone-verify/express'
 *
 * export const makeApp = (verifier: PhoneVerifier) => express().use('/phone', phoneVerifyRouter(verifier, { purpose: 'registration' }))
 * ```
 */
export function phoneVerifyRouter(verifier: PhoneVerifier, options: HttpOptions<Request>): RequestHandler {
  const endpoints = createEndpoints(verifier, options)
  const { basePath = '' } = options
  return (request, response, next) => {
    const parts = partsOf(request)
    if (!parts.path.startsWith(`${basePath}/`)) return next()
    const wire = fromNode(request, response, { ...parts, path: parts.path.slice(basePath.length) })
    endpoints
      .handle(wire, request)
      .then((reply) => write(response, reply))
      .catch(next)
  }
}

/** The endpoints one by one, to be mounted where they are wanted: `app.post('/code', send)`. */
export function phoneVerifyHandlers(
  verifier: PhoneVerifier,
  options: HttpOptions<Request>,
): Readonly<Record<EndpointName, RequestHandler>> {
  const endpoints = createEndpoints(verifier, options)
  const handler =
    (name: EndpointName): RequestHandler =>
    (request, response, next) => {
      endpoints
        .answer(name, fromNode(request, response, partsOf(request)), request)
        .then((reply) => write(response, reply))
        .catch(next)
    }
  return { send: handler('send'), resend: handler('resend'), verify: handler('verify') }
}

/**
 * Lets a request pass that carries a proof, which is redeemed here, once: in the header `Phone-Proof`, or as `proof` in a body that was
 * parsed before. `request.verifiedPhone` is then the verified phone.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 */
export function requireProof(verifier: PhoneVerifier, options: ProofOptions<Request>): RequestHandler {
  const pass = createProofGate(verifier, options)
  return (request: Request, response: Response, next: NextFunction) => {
    pass(fromNode(request, response, partsOf(request)), request, (request as NodeRequest).body)
      .then((passed) => {
        if ('reply' in passed) return write(response, passed.reply)
        request.verifiedPhone = passed.verifiedPhone
        next()
      })
      .catch(next)
  }
}

function write(response: Response, reply: WireReply): void {
  // The host, or the visitor, may have ended it meanwhile.
  if (response.headersSent || response.destroyed) return
  response.removeHeader('X-Powered-By')
  response.writeHead(reply.status, replyHeaders(reply)).end(reply.body)
}
