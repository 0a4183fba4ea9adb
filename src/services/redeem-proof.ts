import { isBoundTo, present } from '../domain/binding.js'
import { badArgument, optionalId, optionalPayload, ownFields, requiredPurpose } from '../domain/field.js'
import { isSamePhone } from '../domain/phone-number.js'
import type { Store } from '../store/store.js'
import type { Call, Proofs, Tenants } from './challenge.js'
import type { RedeemProofOutcome, RedeemProofRequest } from './verbs.js'

export interface RedeemProofParts {
  readonly purposes: ReadonlySet<string>
  readonly tenants: Tenants
  readonly proofs: Proofs
  readonly store: Store
  readonly now: () => number
}

export function createRedeemProof({ purposes, tenants, proofs, store, now }: RedeemProofParts) {
  return async (request: RedeemProofRequest, call: Call): Promise<RedeemProofOutcome> => {
    // What the server says is right, or the programmer hears of it.
    const asked = ownFields(request)
    const purpose = requiredPurpose(asked.purpose, purposes)
    const tenant = optionalId('tenant', asked.tenant)
    const subject = optionalId('subject', asked.subject)
    const payload = optionalPayload(asked.payload)
    const { transaction } = asked
    if (transaction !== undefined && !store.closeWithin) throw badArgument('transaction', 'needs a store that can join it')
    call.note({ purpose, tenant })

    // The proof is ours and whole.
    const proof = await proofs.open(asked.proof)
    if (proof === undefined) return { ok: false, reason: 'invalid_proof' }

    // It is for this tenant, purpose, subject, payload and phone: a login's proof resets no password.
    const named = { tenant, purpose, subject, payload }
    if (!isBoundTo(proof, named, proof.returnsSubject)) return { ok: false, reason: 'invalid_proof' }
    if (asked.phone !== undefined && !isSamePhone(asked.phone, proof.phone)) return { ok: false, reason: 'invalid_proof' }

    // It still lives.
    if (now() >= proof.expiresAt) return { ok: false, reason: 'expired' }

    const terms = await tenants.terms(tenant, purpose, call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }

    // Exactly one redeemer; with a transaction, once that commits.
    const closed = await (transaction === undefined ? store.close(proof.id) : store.closeWithin?.(transaction, proof.id))
    if (closed === 'already') return { ok: false, reason: 'already_redeemed' }
    if (closed !== 'closed') return { ok: false, reason: 'expired' }
    return { ok: true, ...present(proof) }
  }
}
