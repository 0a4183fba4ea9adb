import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { PhoneVerifier } from 'phone-verify'
import { createTestVerifier } from 'phone-verify/testing'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { listen } from '../fixtures/listen.js'
import { blocksOf, readMarkdown } from '../package/markdown.js'

const page = readMarkdown().get('docs/http.md') ?? ''

/** A block of the page that begins with its file's name, as a module. */
async function load(file: string): Promise<Readonly<Record<string, (verifier: PhoneVerifier) => never>>> {
  const block = blocksOf(page).find(({ code }) => code.startsWith(`// ${file}\n`))
  if (block === undefined) throw new Error(`docs/http.md has no block ${file}`)
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true }
  const { outputText } = ts.transpileModule(block.code, { compilerOptions: options })
  const imported = new Map<string, unknown>()
  for (const [, name = ''] of block.code.matchAll(/from '([^']+)'/g)) imported.set(name, { __esModule: true, ...(await import(name)) })
  const exported = {}
  new Function('require', 'exports', outputText)((name: string) => imported.get(name), exported)
  return exported
}

interface FastifyLike {
  ready(): Promise<unknown>
  routing: RequestListener
}

/** How each snippet is started. */
const mounts: readonly (readonly [string, (verifier: PhoneVerifier) => Promise<string>])[] = [
  ['with-express.ts', async (verifier) => listen((await load('with-express.ts'))['makeExpressApp']?.(verifier) as never)],
  [
    'with-fastify.ts',
    async (verifier) => {
      const app = (await load('with-fastify.ts'))['makeFastifyApp']?.(verifier) as unknown as FastifyLike
      await app.ready()
      return listen(app.routing)
    },
  ],
  [
    'with-hono.ts',
    async (verifier) => {
      const app = (await load('with-hono.ts'))['makeHonoApp']?.(verifier) as unknown as { readonly fetch: typeof fetch }
      return listen(getRequestListener(app.fetch as never))
    },
  ],
]

describe.each(mounts)('the snippet %s', (_name, start) => {
  test('sends, verifies, and lets the proof pass once', async () => {
    const { verifier, outbox } = createTestVerifier()
    const url = await start(verifier)
    const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, string>> }
    }

    const sent = await post('/phone/send', { phone: '+33612345678' })
    expect(sent).toMatchObject({ status: 202, body: { sessionToken: expect.any(String) } })
    const { sessionToken } = sent.body
    const verified = await post('/phone/verify', { sessionToken, code: outbox.last()?.code })
    expect(verified).toMatchObject({ status: 200, body: { phone: '+33612345678', purpose: 'registration' } })

    const headers = { 'phone-proof': verified.body['proof'] ?? '' }
    expect(await post('/accounts', {}, headers)).toEqual({ status: 201, body: { phone: '+33612345678' } })
    expect(await post('/accounts', {}, headers)).toMatchObject({ status: 422, body: { code: 'already_redeemed' } })
    expect(await post('/accounts', {})).toMatchObject({ status: 422, body: { code: 'invalid_proof' } })
  })
})
