import type { SmsBackend, SmsMessage, SmsReceipt } from './backend.js'
import { type Failure, readFailure } from './fallback-failure.js'

/** What came of asking one backend once. */
export type Attempted =
  | { readonly receipt: SmsReceipt }
  | {
      readonly failure: Failure
      /** The caller's signal ended it. */
      readonly isCut: boolean
    }

/**
 * At the end of its time a backend is told to stop, and is heard for a moment more: a leaf that was still connecting then says that
 * nothing was sent, and the next may try.
 */
const lastWordMs = 50

/** Hands the message to one backend, for at most `ms` milliseconds. Never rejects; one that stays silent may have sent. */
export const attempt = (backend: SmsBackend, message: SmsMessage, ms: number, signal: AbortSignal | undefined): Promise<Attempted> =>
  new Promise((resolve) => {
    const controller = new AbortController()
    const lastMs = Math.min(lastWordMs, ms / 10)
    let isCut = false

    const settle = (attempted: Attempted) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cut)
      resolve(attempted)
    }
    const fail = (error: unknown) => settle({ failure: readFailure(error, backend.name, message.code), isCut })
    const stop = () => {
      clearTimeout(timer)
      timer = setTimeout(() => fail(undefined), lastMs)
      controller.abort()
    }
    const cut = () => {
      if (controller.signal.aborted) return
      isCut = true
      stop()
    }

    let timer = setTimeout(stop, ms - lastMs)
    signal?.addEventListener('abort', cut)
    // Within a promise: a backend that throws has rejected.
    const sending = new Promise<SmsReceipt>((done) => done(backend.send(message, controller.signal)))
    sending.then((receipt) => settle({ receipt }), fail)
  })
