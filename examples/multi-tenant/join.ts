import type { PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Sentence } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import type { Route } from '../service/route.js'
import { redeemWithin } from '../service/verifier.js'
import type { Organizations } from './organizations.js'
import { createTenantRoute, unknownTenant } from './tenant-route.js'

const sentences = {
  joined: { fr: 'Bienvenue.', en: 'Welcome.' },
  refused: { fr: 'Cette preuve n’est pas valable. Recommencez.', en: 'This proof is not good. Start again.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** `/join`: what a proof allows here. The phone becomes a member of the organization that it was proven to. */
export function joinRoute(
  parts: Pick<Parts, 'database' | 'storeJoins' | 'now'>,
  organizations: Organizations,
  verifier: PhoneVerifier,
): Route {
  const { database, now } = parts
  return createTenantRoute(organizations)('join', {
    summary: 'Makes the phone of a proof a member',
    body: z.object({ proof: z.string().max(8_192) }),
    replies: { 201: 'A member', 400: 'The proof is of another organization, over or used' },
    async answer({ body, language }, { id }) {
      const redeemed = await database.transaction((transaction) =>
        // The verifier asks for the organization once more: in here, for the embedded database has one connection.
        organizations.within(transaction, async () => {
          const outcome = await redeemWithin(verifier, parts)(transaction, { proof: body.proof, purpose: 'registration', tenant: id })
          if (!outcome.ok) return outcome
          await transaction.query(
            `INSERT INTO organization_member (organization_id, phone, verified_at) VALUES ($1, $2, $3)
             ON CONFLICT (organization_id, phone) DO UPDATE SET verified_at = excluded.verified_at`,
            [id, outcome.phone, new Date(now())],
          )
          return outcome
        }),
      )
      if (redeemed.ok) return success(201, sentences.joined[language], { phone: redeemed.phone })
      // Suspended since the request began.
      if (redeemed.reason === 'unknown_tenant') return unknownTenant(language)
      return failure(400, sentences.refused[language], { reason: redeemed.reason })
    },
  })
}
