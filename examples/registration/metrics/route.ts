import { createHash, timingSafeEqual } from 'node:crypto'
import { bearerToken, staff } from '../../accounts/access.js'
import type { Sessions } from '../../accounts/sessions.js'
import { type Access, type Route, route } from '../../service/route.js'
import type { Measures } from './measures.js'

export interface MetricsParts {
  readonly measures: Measures
  readonly sessions: Sessions
  /** What a scraper sends as its bearer token. Without one, only the staff reads. */
  readonly metricsToken: string | undefined
}

const digestOf = (text: string) => createHash('sha256').update(text).digest()

/** How many register, and how many fail to, is nobody's business. A scraper has no account, so it has a token of its own. */
const reader = (sessions: Sessions, metricsToken: string | undefined): Access<unknown> => ({
  says: 'METRICS_TOKEN as the bearer token, or an access token of a member of staff',
  async admit(visitor) {
    const token = bearerToken(visitor)
    const isScraper = metricsToken !== undefined && token !== undefined && timingSafeEqual(digestOf(token), digestOf(metricsToken))
    return isScraper ? { who: undefined } : staff(sessions).admit(visitor)
  },
})

export const metricsRoute = ({ measures, sessions, metricsToken }: MetricsParts): Route =>
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'What this process counted, for Prometheus',
    access: reader(sessions, metricsToken),
    replies: { 200: 'Text in the exposition format 0.0.4' },
    async answer() {
      return { status: 200, body: measures.render(), headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }
    },
  })
