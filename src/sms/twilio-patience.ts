import { setMaxListeners } from 'node:events'

export interface Patience {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly late: () => Error
}

/** What a client answers while somebody still waits for it: a client of the application may know neither time nor signals. */
export const within = <Result>(ask: () => Promise<Result>, { timeoutMs, signal, late }: Patience): Promise<Result> =>
  new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
    const giveUp = () => {
      settle()
      reject(late())
    }
    const timer = setTimeout(giveUp, timeoutMs)
    // Many sends may share one signal, a server's shutdown say: that is no leak to warn of.
    if (signal) setMaxListeners(0, signal)
    signal?.addEventListener('abort', giveUp)
    // Within a promise: a client that throws has rejected.
    new Promise<Result>((done) => done(ask())).finally(settle).then(resolve, reject)
  })
