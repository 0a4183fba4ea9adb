import type { Api } from './api.js'
import { apiDocument } from './api-document.js'
import { apiPage } from './api-page.js'
import type { Parts } from './parts.js'
import type { Answer } from './route.js'

/** What every service answers besides its own routes, by path: how it is, what it speaks, and the page that shows it. */
export async function ownRoutes(
  api: Api,
  { database, store, publicUrl, now }: Pick<Parts, 'database' | 'store' | 'publicUrl' | 'now'>,
): Promise<Readonly<Record<`/${string}`, () => Promise<Answer>>>> {
  const document: Answer = { status: 200, body: apiDocument(api, publicUrl), headers: { 'cache-control': 'no-cache' } }
  const pages = Object.entries(await apiPage()).map(([path, answer]) => [path, async () => answer])
  /** Database and store themselves: a verifier that was ready once does not ask again. What went well is good for a second, however many ask. */
  const ask = () => Promise.all([database.query('SELECT 1'), api.ready(), store.check?.()])
  let last: { readonly at: number; readonly answer: ReturnType<typeof ask> } | undefined
  const alive = () => {
    if (last === undefined || Math.abs(now() - last.at) >= 1_000) last = { at: now(), answer: ask() }
    return last.answer.catch((error: unknown) => {
      last = undefined
      throw error
    })
  }
  return {
    ...Object.fromEntries(pages),
    '/openapi.json': async () => document,
    '/healthz': () =>
      alive().then(
        () => ({ status: 200, body: { status: 'ok' } }),
        () => ({ status: 503, body: { status: 'unavailable' } }),
      ),
  }
}
