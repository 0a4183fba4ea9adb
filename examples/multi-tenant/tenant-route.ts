import { failure } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import { network } from '../service/network.js'
import { outcomeAnswer, type RefusedOutcome } from '../service/outcome-answer.js'
import { type Answer, type Asked, type Route, route } from '../service/route.js'
import type { Organization, Organizations } from './organizations.js'

const sentences = {
  unknown: { fr: 'Organisation inconnue.', en: 'Unknown organization.' },
  malformed: { fr: 'Le code est incomplet.', en: 'The code is incomplete.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** One answer for whoever is not served: unknown, suspended, or written otherwise. */
export const unknownTenant = (language: Language): Answer => failure(404, sentences.unknown[language], { reason: 'unknown_tenant' })

/** An outcome that is no success. How long a code is, is the organization's affair. */
export function refusedAnswer(outcome: RefusedOutcome, language: Language): Answer {
  if (outcome.reason === 'unknown_tenant') return unknownTenant(language)
  if (outcome.reason === 'malformed_code') return failure(400, sentences.malformed[language], { reason: outcome.reason })
  return outcomeAnswer(outcome, language)
}

type TenantRoute<Body> = Pick<Route<Body>, 'summary' | 'body' | 'replies'> & {
  answer(asked: Asked<Body, undefined>, organization: Organization): Promise<Answer>
}

/** Makes `POST /:organization/<verb>`, which answers for organizations that are served, and for nobody else. */
export const createTenantRoute =
  (organizations: Organizations) =>
  <Body>(verb: string, { summary, body, replies, answer }: TenantRoute<Body>): Route =>
    route<Body>({
      ...{ method: 'POST', path: `/:organization/${verb}`, summary, body },
      // By organization too: what an address asks of one takes no room from what it asks of another.
      throttles: [
        {
          name: `tenant_${verb}`,
          spans: [{ max: 60, windowMs: 60_000 }],
          key: ({ params, ip }) => JSON.stringify([params['organization'], network(ip)]),
        },
      ],
      replies: { ...replies, 404: 'No such organization, or it is suspended' },
      async answer(asked) {
        const organization = await organizations.serving(asked.params['organization'])
        return organization === undefined ? unknownTenant(asked.language) : answer(asked, organization)
      },
    })
