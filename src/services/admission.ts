import type { Payload } from '../domain/binding.js'
import type { Client } from '../domain/client.js'
import type { Context } from '../domain/field.js'
import type { PhoneNumber } from '../domain/phone-number.js'
import { ownWords, PhoneVerifyError } from '../errors.js'
import type { Call } from './challenge.js'
import type { Events } from './events.js'

/** What the application may judge a send by. A decoy is shown like any other. */
export interface AdmissionRequest {
  readonly phone: PhoneNumber
  readonly country: string | undefined
  readonly purpose: string
  readonly tenant?: string | undefined
  readonly subject?: string | undefined
  readonly payload?: Payload | undefined
  readonly context?: Context | undefined
  readonly locale?: string | undefined
  readonly client?: Client | undefined
  /** Whether this is a resend. */
  readonly resend: boolean
}

export type Admission = { readonly ok: true } | { readonly ok: false; readonly reason: 'blocked' }

/** The application's own say before every send: allow-lists, a captcha, a SIM-swap look-up. */
export type Admit = (request: AdmissionRequest) => Admission | Promise<Admission>

export interface AdmissionParts {
  readonly admit: Admit | undefined
  readonly events: Events
}

/** Whether the application lets this send through. Only a clear yes does: its failure closes. */
export function createAdmission({ admit, events }: AdmissionParts) {
  return async (request: AdmissionRequest, call: Call): Promise<boolean> => {
    if (admit === undefined) return true
    try {
      const answer = await call.limit(Promise.resolve(admit(request)))
      return answer?.ok === true
    } catch (error) {
      if (ownWords(error).code === 'ERR_PV_TIMEOUT') throw new PhoneVerifyError('ERR_PV_TIMEOUT', 'admit did not settle in time')
      events.emit({ type: 'warning', warning: 'admit_failed', purpose: request.purpose })
      return false
    }
  }
}
