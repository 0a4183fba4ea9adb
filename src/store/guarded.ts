import { ownWords, PhoneVerifyError } from '../errors.js'
import type { Store } from './store.js'

/** Settles like the work, or rejects with `late()` when its time is up. */
export type Within = <Result>(work: Promise<Result>, late: () => Error) => Promise<Result>

/** What a verb may answer. Whatever else a store says is no leave to do anything. */
const answers: Readonly<Record<string, readonly unknown[]>> = {
  open: ['opened', 'exists', 'limited'],
  renew: ['renewed', 'absent', 'closed', 'exhausted', 'limited'],
  attempt: ['granted', 'absent', 'expired', 'closed', 'exhausted', 'limited'],
  close: ['closed', 'already', 'absent'],
  closeWithin: ['closed', 'already', 'absent'],
}

/** Without a prototype: a store must not find in a polluted Object.prototype what the core did not say. */
const own = <Part extends object>(part: Part | undefined): Part => Object.assign(Object.create(null), part)

/**
 * Any store, failing closed: a verb that outlasts its deadline or fails in any way rejects with ERR_PV_STORE, which always means "not
 * allowed". No verb is tried again: a driver that timed out may have spent what it did not report.
 */
export function guarded(store: Store, within: Within): Omit<Store, 'check'> {
  const late = () => new PhoneVerifyError('ERR_PV_STORE', 'the store did not answer in time')

  // The error of a driver may hold statements, keys and addresses: it is made anew.
  const closed = async <Result>(verb: string, run: () => Promise<Result>): Promise<Result> => {
    try {
      const answer = await within(run(), late)
      const status = verb.startsWith('close') ? answer : (answer as { readonly status?: unknown } | undefined)?.status
      if (Object.hasOwn(answers, verb) && !answers[verb]?.includes(status)) throw new Error('no answer of the contract')
      return answer
    } catch (error) {
      const { code, message } = ownWords(error)
      if (code === 'ERR_PV_ARGUMENT') throw new PhoneVerifyError(code, String(message), { field: 'transaction' })
      throw new PhoneVerifyError('ERR_PV_STORE', code === 'ERR_PV_STORE' ? String(message) : `the store failed to ${verb}`)
    }
  }

  return {
    reach: store.reach,
    open: (challenge, quotas, also) => closed('open', () => store.open(challenge, quotas, also)),
    renew: (id, change, quotas, also) => closed('renew', () => store.renew(id, own(change), quotas, also)),
    attempt: (id, quotas) => closed('attempt', () => store.attempt(id, quotas)),
    close: (id, then) => closed('close', () => store.close(id, own(then))),
    ...(store.closeWithin && {
      closeWithin: (transaction: unknown, id: string) =>
        closed('closeWithin', async () => store.closeWithin?.(transaction, id) ?? 'absent'),
    }),
    release: (keys, hit) => closed('release', () => store.release(keys, hit)),
  }
}
