import { PhoneVerifyError } from '../errors.js'

/** A Keyv, version 5 or 6: the members that are called, and no more. */
export interface KeyvLike {
  get(key: string): Promise<unknown>
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  delete(key: string): Promise<unknown>
  on?(event: 'error', listener: (error: unknown) => void): unknown
}

/** What is to be set: a key, its value, and for how long. */
export type Entry = readonly [key: string, value: string, ttlMs: number]

/** A Keyv that fails closed: whatever is no clear answer rejects with ERR_PV_STORE. What has many parts settles when all of them have. */
export interface KeyvClient {
  get(keys: readonly string[]): Promise<(string | undefined)[]>
  set(entries: readonly Entry[]): Promise<void>
  /** True for the one caller that deleted it. */
  delete(key: string): Promise<boolean>
}

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `keyvStore: ${message}`)

/** Why this cannot be used, where that is seen without a call. */
export function whyUnfit(keyv: unknown): string | undefined {
  const { get, set, delete: remove, opts } = Object(keyv)
  const callable = [get, set, remove].every((member) => typeof member === 'function')
  if (!callable || keyv instanceof Map) return 'must be a Keyv, version 5 or 6'
  // An option of version 5; some adapters tell of a failure in no other way.
  return opts?.emitErrors === false ? 'must emit errors: remove emitErrors: false' : undefined
}

/** Waits for all, also when one fails: what is still on its way must not arrive after the lock is gone. */
const all = async <Result>(work: readonly Promise<Result>[]): Promise<Result[]> => {
  await Promise.allSettled(work)
  return Promise.all(work)
}

/**
 * Version 5 swallows what a store throws unless `throwOnErrors` is set; version 6 does as soon as somebody listens to 'error', and without
 * a listener an adapter's 'error' may end the process. So there is always a listener, and a call during which it heard anything has failed.
 * Of calls at once the wrong one may fail too, which is the safe side.
 */
export const createKeyvClient = (keyv: KeyvLike & { throwOnErrors?: unknown }): KeyvClient => {
  let errors = 0
  keyv.on?.('error', () => {
    errors += 1
  })

  // What an adapter throws may hold keys, values and addresses: it is made anew.
  const call = async (verb: string, run: () => Promise<unknown>) => {
    const before = errors
    let answer: unknown
    try {
      if ('throwOnErrors' in keyv && keyv.throwOnErrors !== true) keyv.throwOnErrors = true
      answer = await run()
    } catch {
      throw fault(`the adapter failed to ${verb}`)
    }
    if (errors !== before) throw fault(`the adapter told of an error during ${verb}`)
    return answer
  }

  const get = async (key: string) => {
    const answer = await call('get', () => keyv.get(key))
    if (answer === undefined || typeof answer === 'string') return answer
    throw fault('get answered what was never set')
  }
  const set = async ([key, value, ttlMs]: Entry) => {
    const answer = await call('set', () => keyv.set(key, value, Math.ceil(ttlMs)))
    if (answer !== true) throw fault('set did not answer true')
  }

  return {
    get: (keys) => all(keys.map(get)),
    async set(entries) {
      await all(entries.map(set))
    },
    async delete(key) {
      const answer = await call('delete', () => keyv.delete(key))
      if (typeof answer === 'boolean') return answer
      throw fault('delete answered neither true nor false')
    },
  }
}
