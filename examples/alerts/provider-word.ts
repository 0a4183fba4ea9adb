import { AsyncLocalStorage } from 'node:async_hooks'
import type { PhoneVerifyEvent } from 'phone-verify'

export type Duty = 'credentials_refused' | 'credit_used_up'

/** What an operator must put right, by what Twilio (five digits) and Vonage say of a text that they did not take. */
const duties: ReadonlyMap<string | undefined, Duty> = new Map([
  ...(['20003', '4', 'http_401', 'http_403'] as const).map((code) => [code, 'credentials_refused'] as const),
  ...(['9', '1070', 'http_402'] as const).map((code) => [code, 'credit_used_up'] as const),
])

export interface ProviderWord {
  readonly onEvent: (event: PhoneVerifyEvent) => void
  /** Does the work, and tells whether the provider named something to put right. */
  hear<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly duty: Duty | undefined }>
}

/** An outcome says that the provider is away; its event says in which words. */
export function createProviderWord(): ProviderWord {
  const heard = new AsyncLocalStorage<{ code: string | undefined }>()
  return {
    onEvent({ providerCode }) {
      const ear = heard.getStore()
      if (ear !== undefined) ear.code = providerCode
    },
    hear(work) {
      const ear: { code: string | undefined } = { code: undefined }
      return heard.run(ear, async () => ({ result: await work(), duty: duties.get(ear.code) }))
    },
  }
}
