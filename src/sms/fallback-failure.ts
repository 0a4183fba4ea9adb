import { ownWords, PhoneVerifyError } from '../errors.js'

export type FailureCode = 'ERR_PV_SMS_REFUSED' | 'ERR_PV_SMS_UNAVAILABLE' | 'ERR_PV_SMS_UNKNOWN' | 'ERR_PV_CONFIGURATION'

/** What is kept of a backend's rejection: three words that hold nothing of the message. */
export interface Failure {
  readonly code: FailureCode
  /** The leaf, as the rejection names it, else the backend that was asked. */
  readonly backend: string
  readonly providerCode: string | undefined
}

const descriptions: Readonly<Record<FailureCode, string>> = {
  ERR_PV_SMS_REFUSED: 'will not deliver to this number',
  ERR_PV_SMS_UNAVAILABLE: 'did not send, and no other backend did',
  ERR_PV_SMS_UNKNOWN: 'may have sent the message',
  ERR_PV_CONFIGURATION: 'is set up wrongly, or the text is empty or lacks what the person must read',
}

/** Reads a rejection. Whatever is not one of the four codes may have sent the message. */
export function readFailure(error: unknown, asked: string, sentCode: string | undefined): Failure {
  const { code, backend, providerCode } = ownWords(error)
  return {
    code: typeof code === 'string' && Object.hasOwn(descriptions, code) ? (code as FailureCode) : 'ERR_PV_SMS_UNKNOWN',
    backend: shortWord(backend, sentCode) ?? asked,
    providerCode: shortWord(providerCode, sentCode),
  }
}

/**
 * The one error of a send of which every attempt failed. A message that may have been sent stays one, whatever the next backend said;
 * else the last word counts, for only `unavailable` is ever followed by another.
 */
export function errorOf(failures: readonly Failure[]): PhoneVerifyError {
  const { code, backend, providerCode } = (failures.findLast((one) => one.code === 'ERR_PV_SMS_UNKNOWN') ?? failures.at(-1)) as Failure
  // Made anew: the errors of providers, and what they link to, hold codes, numbers and credentials.
  return new PhoneVerifyError(code, `${backend} ${descriptions[code]}`, { backend, providerCode })
}

/** A word of a provider, unless it could hold a number or a code of ours. */
function shortWord(word: unknown, sentCode: string | undefined): string | undefined {
  if (typeof word !== 'string' || !/^[\w.:#/-]{1,40}$/.test(word)) return undefined
  const digits = word.replace(/\D/g, '')
  return digits.length < 6 && !(sentCode && digits.includes(sentCode)) ? word : undefined
}
