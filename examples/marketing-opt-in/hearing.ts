import { AsyncLocalStorage } from 'node:async_hooks'
import type { PhoneVerifyEvent } from 'phone-verify'

export interface Hearing {
  readonly onEvent: (event: PhoneVerifyEvent) => void
  /** Does the work, and tells which challenge its events were about: the evidence of a consent, and the thread to the rest of the log. */
  hear<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly challenge: string }>
}

export function createHearing(): Hearing {
  const heard = new AsyncLocalStorage<{ challenge: string }>()
  return {
    onEvent({ challenge }) {
      const ear = heard.getStore()
      if (ear !== undefined && challenge !== undefined) ear.challenge = challenge
    },
    hear: (work) => {
      const ear = { challenge: '' }
      return heard.run(ear, async () => ({ result: await work(), challenge: ear.challenge }))
    },
  }
}
