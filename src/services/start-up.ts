import { settleWithin } from '../domain/deadline.js'
import { PhoneVerifyError } from '../errors.js'
import type { Store, StoreWarning } from '../store/store.js'
import type { Call } from './challenge.js'

/** The store's own checks, once. Until they pass, every call fails closed; a check that failed is tried again by the next call. */
export interface StartUp {
  /** Whether there is nothing to wait for. */
  readonly passed: () => boolean
  pass(call: Call): Promise<void>
}

export interface StartUpParts {
  readonly store: Store
  /** A check that hangs is given up after this, and the next call begins another. */
  readonly checkMs: number
  /** Hears what the store warns of. */
  readonly warn: (warning: StoreWarning) => void
}

export function createStartUp({ store, checkMs, warn }: StartUpParts): StartUp {
  let passed = typeof store.check !== 'function'
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    try {
      // In a turn of its own, so that a check that throws at once fails like one that rejects.
      const checked = Promise.resolve().then(() => store.check?.(warn))
      await settleWithin(checked, checkMs, () => refusal(undefined))
      passed = true
    } catch (error) {
      throw refusal(error)
    } finally {
      running = undefined
    }
  }

  return {
    passed: () => passed,
    async pass(call) {
      if (passed) return
      running ??= run()
      try {
        await call.limit(running)
      } catch (error) {
        throw refusal(error)
      }
    },
  }
}

/** A store that says itself why it must not be used is heard: its configuration error names what to change. */
function refusal(error: unknown): PhoneVerifyError {
  const { code, message } = (error ?? {}) as Partial<PhoneVerifyError>
  if (code === 'ERR_PV_CONFIGURATION' || code === 'ERR_PV_STORE') return new PhoneVerifyError(code, String(message))
  return new PhoneVerifyError('ERR_PV_STORE', 'the start-up checks of the store did not pass')
}
