import { misconfigured } from '../errors.js'
import type { Verified } from '../services/verbs.js'
import type { PhoneVerifier } from '../verifier.js'
import { createLanguages } from './languages.js'
import { isOutage } from './outage.js'
import { problem } from './problem.js'
import { type SaidOptions, saidOf } from './said.js'
import type { WireReply, WireRequest } from './wire.js'

/** The phone that a proof proved, and what it was bound to. */
export type VerifiedPhone = Omit<Verified, 'ok'>

/** What a proof must be for. `Request` is the framework's own. */
export interface ProofOptions<Request> extends SaidOptions<Request> {
  readonly purpose: string
  /** Where the proof is. Default: the header `Phone-Proof`, else `proof` of a body that is parsed already. */
  readonly proof?: ((request: Request) => unknown) | undefined
}

/** The verified phone, or what the visitor is answered. */
export type ProofGate<Request> = (
  wire: WireRequest,
  own: Request,
  body: unknown,
) => Promise<{ readonly verifiedPhone: VerifiedPhone } | { readonly reply: WireReply }>

const functions: ReadonlySet<string> = new Set<keyof ProofOptions<unknown>>(['tenant', 'subject', 'payload', 'proof'])

/** Redeems the proof of a request, once: whoever comes with it again is refused. */
export function createProofGate<Request>(verifier: PhoneVerifier, options: ProofOptions<Request>): ProofGate<Request> {
  const settings: ProofOptions<Request> = Object.assign(Object.create(null), options)
  const { purpose, proof } = settings
  const problems = Object.entries(options).flatMap(([option, value]) => {
    if (option === 'purpose') return []
    if (!functions.has(option)) return [{ option, message: 'is no option of requireProof' }]
    return value === undefined || typeof value === 'function' ? [] : [{ option, message: 'must be a function' }]
  })
  if (typeof purpose !== 'string' || purpose === '') problems.push({ option: 'purpose', message: 'must be what the proof must be for' })
  if (problems.length > 0) throw misconfigured(problems)
  const languages = createLanguages()

  return async (wire, own, body) => {
    const refuse = (code: Parameters<typeof problem>[0]) => ({
      reply: problem(code, languages.wanted(undefined, undefined, wire.header('accept-language'))),
    })
    const said = await saidOf(settings, own)
    if (said === undefined) return refuse('unknown_tenant')
    const found = proof === undefined ? (wire.header('phone-proof') ?? memberOf(body)) : await proof(own)
    try {
      const outcome = await verifier.redeemProof({ proof: found, purpose, ...said })
      if (!outcome.ok) return refuse(outcome.reason)
      const { ok: _, ...verifiedPhone } = outcome
      return { verifiedPhone }
    } catch (error) {
      if (isOutage(error)) return refuse('unavailable')
      throw error
    }
  }
}

const memberOf = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'proof') ? (body as { readonly proof: unknown }).proof : undefined
