import type { SmsBackend } from './backend.js'

/** A tenant's backend, as the application says. */
export type ResolveBackend = (
  tenant: string | undefined,
  signal?: AbortSignal,
) => SmsBackend | undefined | null | Promise<SmsBackend | undefined | null>

/** What came of asking the application. */
export type Found = { readonly status: 'found'; readonly backend: SmsBackend } | { readonly status: 'nobody' | 'failed' }

/** Asks the application once. Never rejects: what `resolve` throws may hold credentials, and is dropped. */
export const lookUp = (resolve: ResolveBackend, tenant: string | undefined, timeoutMs: number): Promise<Found> =>
  new Promise((done) => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      controller.abort()
      done({ status: 'failed' })
    }, timeoutMs)
    // Within a promise: a function that throws has rejected.
    const asked = new Promise<unknown>((answer) => answer(resolve(tenant, controller.signal)))
    const found = asked.then(foundIn).catch((): Found => ({ status: 'failed' }))
    found
      .then(done)
      .finally(() => clearTimeout(timer))
      .catch(() => {})
  })

/** Whatever is no backend is nobody's: `rows[tenant]` finds something for a tenant that calls itself `constructor`. */
function foundIn(answer: unknown): Found {
  const { name, send } = (answer ?? {}) as SmsBackend
  return typeof name === 'string' && typeof send === 'function' ? { status: 'found', backend: answer as SmsBackend } : { status: 'nobody' }
}
