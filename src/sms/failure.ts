import { PhoneVerifyError } from '../errors.js'

/** The three ways in which a send may fail, in the name of one backend. A provider's own words never go along, for they repeat ours. */
export interface Failures {
  /** This number, for good. */
  refused(what: string, providerCode?: string): PhoneVerifyError
  /** Certainly not sent. */
  unavailable(what: string, providerCode?: string): PhoneVerifyError
  /** May have been sent. */
  unknown(what: string, providerCode?: string): PhoneVerifyError
}

export type Meaning = keyof Failures

export function createFailures(backend: string): Failures {
  const failure = (code: PhoneVerifyError['code']) => (what: string, providerCode?: string) =>
    new PhoneVerifyError(code, `${backend}: ${what}`, { backend, ...(providerCode !== undefined && { providerCode }) })
  return {
    refused: failure('ERR_PV_SMS_REFUSED'),
    unavailable: failure('ERR_PV_SMS_UNAVAILABLE'),
    unknown: failure('ERR_PV_SMS_UNKNOWN'),
  }
}
