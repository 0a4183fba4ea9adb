import type { PhoneVerifyEvent } from 'phone-verify'
import type { Answered } from '../../service/api.js'
import { createFamily } from './family.js'

export interface Measures {
  /** Hears what the verifier decides. */
  hear(event: PhoneVerifyEvent): void
  /** Hears of every reply. */
  observe(answered: Answered): void
  /** All of it as text, in the exposition format 0.0.4 of Prometheus. */
  render(): string
}

/** Upper bounds in seconds. The last is the one that the alarm rings at. */
const buckets = [0.05, 0.1, 0.25, 0.5, 1, 2]

/** Counts since the process began. Rates and shares are Prometheus's to make, over all processes: see `alerts.yml`. */
export function createMeasures(): Measures {
  const requests = createFamily('registration_requests_total', 'counter', 'Replies, by route and status.')
  const seconds = createFamily('registration_request_seconds', 'histogram', 'Time to the end of a reply.')
  const codes = createFamily('registration_codes_total', 'counter', 'Codes that were sent, sent again, and typed right.')
  const sms = createFamily('registration_sms_total', 'counter', 'Text messages, by what the provider said.')
  for (const stage of ['sent', 'resent', 'activated']) codes.add({ stage }, 0)
  for (const outcome of ['accepted', 'unknown', 'refused', 'failed']) sms.add({ outcome }, 0)

  return {
    hear(event) {
      if (event.type === 'verify' && event.outcome === 'ok') codes.add({ stage: 'activated' })
      if (event.type !== 'send' && event.type !== 'resend') return
      if (event.outcome === 'ok') {
        codes.add({ stage: event.type === 'send' ? 'sent' : 'resent' })
        sms.add({ outcome: event.delivery === 'accepted' ? 'accepted' : 'unknown' })
      } else if (event.outcome === 'undeliverable') sms.add({ outcome: 'refused' })
      else if (event.outcome.startsWith('ERR_PV_SMS_')) sms.add({ outcome: 'failed' })
    },

    observe({ method, path, status, ms }) {
      const of = { path: path || 'none' }
      requests.add({ method, ...of, status: String(status) })
      for (const le of buckets) seconds.add({ ...of, le: String(le) }, ms <= le * 1_000 ? 1 : 0, '_bucket')
      seconds.add({ ...of, le: '+Inf' }, 1, '_bucket')
      seconds.add(of, ms / 1_000, '_sum')
      seconds.add(of, 1, '_count')
    },

    render: () => [requests, seconds, codes, sms].map((family) => family.render()).join(''),
  }
}
