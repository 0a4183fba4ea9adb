import { Ajv2020 } from 'ajv/dist/2020.js'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import { type HttpOptions, openApiDocument } from 'phone-verify/http'
import { createTestVerifier, type TestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { adapters } from './adapters.js'

type Post = (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>

interface Host {
  readonly post: Post
  close(): Promise<void>
}

type Start = (test: TestVerifier, options: HttpOptions<unknown>) => Promise<Host>

const asked = (body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

const starts: Readonly<Record<string, Start>> = {
  ...Object.fromEntries(
    adapters
      .filter(({ name }) => name === 'Express 5' || name === 'Fastify 5')
      .map(({ name, start }): [string, Start] => [
        name,
        async ({ verifier }, options) => {
          const { port, close } = await start(verifier, options)
          return { post: (path, body, headers) => fetch(`http://127.0.0.1:${port}/phone${path}`, asked(body, headers)), close }
        },
      ]),
  ),
  async Fetch({ verifier }, options) {
    const handle = phoneVerifyHandler(verifier, { ...options, basePath: '/phone' })
    const post: Post = (path, body, headers) => handle(new Request(`https://example.com/phone${path}`, asked(body, headers)))
    return { post, close: async () => {} }
  },
}

const membersOf = async (response: Response) => (await response.json()) as Readonly<Record<string, unknown>>

const document = openApiDocument({ basePath: '/phone', purpose: 'registration' })
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, uri: /^urn:[a-z-]+:\S+$/ },
})
ajv.addSchema(document, 'api')

/** What is wrong with a value, by the part of the document at these names. */
function faults(names: readonly (string | number)[], value: unknown): readonly string[] {
  const pointer = names.map((name) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  const validate = ajv.compile({ $ref: `api#/${encodeURI(pointer)}` })
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const told = ['ratelimit', 'ratelimit-policy', 'retry-after', 'content-language']

/** Everything in a reply that the document does not say. */
async function complaints(path: string, response: Response): Promise<readonly string[]> {
  const { status, headers } = response
  const at = ['paths', `/phone${path}`, 'post', 'responses', status]
  const said = document.paths[`/phone${path}`]?.post.responses[status]
  const type = headers.get('content-type') ?? ''
  const media = said?.content?.[type]
  if (said === undefined || media === undefined) return [`${status} ${type} is not there`]

  const body = await membersOf(response)
  const schema = 'allOf' in media.schema ? document.components.schemas.Problem : media.schema
  const known = 'properties' in schema ? Object.keys(schema.properties ?? {}) : []
  const documented = Object.keys(said.headers ?? {})
  return [
    ...faults([...at, 'content', type, 'schema'], body),
    ...Object.keys(body).flatMap((name) => (known.includes(name) ? [] : [`${name} is not there`])),
    ...told.flatMap((name) => (headers.has(name) && !documented.some((one) => one.toLowerCase() === name) ? [`${name} is not there`] : [])),
    ...documented.flatMap((name) => {
      const value = headers.get(name)
      return value === null
        ? [`${name} is missing`]
        : faults([...at, 'headers', name, 'schema'], /^\d+$/.test(value) ? Number(value) : value)
    }),
  ]
}

const phone = '+33612345678'

interface Visit extends TestVerifier {
  readonly post: Post
}

const tokenOf = async ({ post }: Visit) => (await membersOf(await post('/send', { phone })))['sessionToken'] as string
const wrongFor = (code: string) => (code === '000000' ? '000001' : '000000')

/** Tries the wrong code so often, and then once more. */
async function tryWrong(visit: Visit, times: number): Promise<Response> {
  const sessionToken = await tokenOf(visit)
  const guess = () => visit.post('/verify', { sessionToken, code: wrongFor(visit.lastCode()) })
  for (let time = 0; time < times; time++) await guess()
  return guess()
}

interface Row {
  readonly expected: string
  readonly path: '/send' | '/resend' | '/verify'
  readonly verifier?: Parameters<typeof createTestVerifier>[0]
  readonly options?: Partial<HttpOptions<unknown>>
  readonly act: (visit: Visit) => Promise<Response>
}

const send = ({ post }: Visit) => post('/send', { phone, locale: 'fr' }, { 'idempotency-key': 'a', 'accept-language': 'de, en;q=0.5' })

async function verifyRight(visit: Visit): Promise<Response> {
  const sessionToken = await tokenOf(visit)
  return visit.post('/verify', { sessionToken, code: visit.lastCode() })
}

const rows: readonly Row[] = [
  { expected: '202', path: '/send', act: send },
  {
    expected: '202',
    path: '/resend',
    async act(visit) {
      const sessionToken = await tokenOf(visit)
      visit.clock.advance(30_000)
      return visit.post('/resend', { sessionToken })
    },
  },
  { expected: '200', path: '/verify', act: verifyRight },
  { expected: '400 invalid_request', path: '/send', act: ({ post }) => post('/send', { phone: 33612345678 }) },
  { expected: '400 invalid_request', path: '/verify', act: ({ post }) => post('/verify', '{') },
  { expected: '403 blocked', path: '/send', verifier: { admit: () => ({ ok: false, reason: 'blocked' }) }, act: send },
  { expected: '404 unknown_tenant', path: '/send', options: { tenant: () => undefined }, act: send },
  {
    expected: '410 expired',
    path: '/verify',
    async act(visit) {
      const sessionToken = await tokenOf(visit)
      visit.clock.advance(600_000)
      return visit.post('/verify', { sessionToken, code: '123456' })
    },
  },
  { expected: '410 too_many_attempts', path: '/verify', act: (visit) => tryWrong(visit, 5) },
  {
    expected: '410 already_used',
    path: '/resend',
    async act(visit) {
      const sessionToken = await tokenOf(visit)
      await visit.post('/verify', { sessionToken, code: visit.lastCode() })
      visit.clock.advance(30_000)
      return visit.post('/resend', { sessionToken })
    },
  },
  { expected: '413 content_too_large', path: '/send', act: ({ post }) => post('/send', { phone: '1'.repeat(5_000) }) },
  { expected: '415 unsupported_media_type', path: '/send', act: ({ post }) => post('/send', { phone }, { 'content-type': 'text/plain' }) },
  { expected: '422 invalid_phone_number', path: '/send', act: ({ post }) => post('/send', { phone: '+33' }) },
  { expected: '422 country_not_allowed', path: '/send', verifier: { countries: ['DE'] }, act: send },
  {
    expected: '422 undeliverable',
    path: '/send',
    act(visit) {
      visit.carrier.fail('refused')
      return send(visit)
    },
  },
  {
    expected: '422 malformed_code',
    path: '/verify',
    act: async (visit) => visit.post('/verify', { sessionToken: await tokenOf(visit), code: 'x' }),
  },
  { expected: '422 incorrect_code', path: '/verify', act: (visit) => tryWrong(visit, 0) },
  { expected: '422 incorrect_code', path: '/verify', options: { disclosure: 'uniform' }, act: (visit) => tryWrong(visit, 6) },
  { expected: '422 invalid_session', path: '/verify', act: ({ post }) => post('/verify', { sessionToken: 'x', code: '123456' }) },
  { expected: '422 invalid_session', path: '/resend', act: ({ post }) => post('/resend', { sessionToken: 'x' }) },
  {
    expected: '429 rate_limited',
    path: '/send',
    async act(visit) {
      await visit.post('/send', { phone })
      return visit.post('/send', { phone })
    },
  },
  {
    expected: '429 locked',
    path: '/verify',
    verifier: { limits: { failuresPerPhone: [{ max: 1, windowMs: 60_000 }] } },
    act: (visit) => tryWrong(visit, 1),
  },
  {
    expected: '500 internal_error',
    path: '/send',
    options: { subject: () => Promise.reject(new Error('no')), onError: () => {} },
    act: send,
  },
  {
    expected: '503 unavailable',
    path: '/send',
    act(visit) {
      visit.carrier.fail('unavailable')
      return send(visit)
    },
  },
]

describe.each(Object.entries(starts))('%s answers what the document says', (_, start) => {
  test.each(rows)('$path: $expected', async ({ path, expected, verifier, options, act }) => {
    const made = createTestVerifier(verifier)
    const host = await start(made, { purpose: 'registration', ...options })
    try {
      const response = await act({ ...made, post: host.post })
      const code = response.ok ? '' : ` ${(await membersOf(response.clone()))['code']}`
      expect(`${response.status}${code}`).toBe(expected)
      expect(await complaints(path, response)).toEqual([])
    } finally {
      await host.close()
      await made.verifier.close()
    }
  })
})

describe('the document bites', () => {
  const json = (status: number, body: object, headers: Readonly<Record<string, string>>) =>
    new Response(JSON.stringify(body), { status, headers })
  const isProblem = { 'content-type': 'application/problem+json', 'content-language': 'en' }
  const gone = { type: 'urn:phone-verify:expired', title: 'The code has expired.', status: 410, code: 'expired' }

  test.each<readonly [string, Response, string]>([
    ['another status', json(418, gone, isProblem), 'is not there'],
    ['another type', json(410, gone, { ...isProblem, 'content-type': 'application/json' }), 'is not there'],
    ['a code of another status', json(410, { ...gone, code: 'locked' }, isProblem), '/code'],
    ['another status in the body', json(410, { ...gone, status: 422 }, isProblem), '/status'],
    ['no title', json(410, { ...gone, title: undefined }, isProblem), 'title'],
    ['an unknown member', json(410, { ...gone, detail: 'x' }, isProblem), 'detail'],
    ['an unknown header', json(410, gone, { ...isProblem, 'retry-after': '1' }), 'retry-after'],
    ['no language', json(410, gone, { 'content-type': 'application/problem+json' }), 'Content-Language'],
    ['no hint when to come again', json(429, { ...gone, status: 429, code: 'locked' }, isProblem), 'retryAfterMs'],
    ['a phone that is none', json(200, { phone: '0612' }, { 'content-type': 'application/json' }), '/phone'],
    ['a success of another purpose', json(200, { purpose: 'login' }, { 'content-type': 'application/json' }), '/purpose'],
  ])('%s', async (_name, response, fault) => {
    expect((await complaints('/verify', response)).join()).toContain(fault)
  })

  test('the sound one passes', async () => {
    expect(await complaints('/verify', json(410, gone, isProblem))).toEqual([])
  })
})

test('what is asked here is what the document asks for', () => {
  const faultsOf = (path: string, body: unknown) =>
    faults(['paths', `/phone${path}`, 'post', 'requestBody', 'content', 'application/json', 'schema'], body)
  expect(faultsOf('/send', { phone, locale: 'fr' })).toEqual([])
  expect(faultsOf('/send', { phone: 33612345678 })).not.toEqual([])
  expect(faultsOf('/verify', { sessionToken: 'x' })).not.toEqual([])
  for (const [path, { post }] of Object.entries(document.paths)) {
    const { example } = post.requestBody.content['application/json'] ?? {}
    expect(faultsOf(path.slice('/phone'.length), example)).toEqual([])
    for (const [status, { content }] of Object.entries(post.responses))
      for (const [type, { example }] of Object.entries(content ?? {}))
        expect(faults(['paths', path, 'post', 'responses', status, 'content', type, 'schema'], example)).toEqual([])
  }
})
