import { memoryStore } from 'phone-verify/store/memory'
import { headerOf } from './adapters.js'
import { accepted, invalid, phone, posted, type Row, refused, verified } from './conversation.js'

const send = posted('/phone/send', `{"phone":"${phone}"}`)
const resend = posted('/phone/resend', '{"sessionToken":"<token>"}')
const verify = posted('/phone/verify', '{"sessionToken":"<token>","code":"<code>"}')
const guess = posted('/phone/verify', '{"sessionToken":"<token>","code":"<wrong>"}')

const fail = () => Promise.reject(new Error('the connection to 10.0.0.7 was lost, code 123456'))

const later = { 'retry-after': '5' }

/** The outcomes of the three endpoints. */
export const outcomes: readonly Row[] = [
  { name: 'a send', asked: send, answer: accepted(), sent: 1 },
  {
    name: 'a send in national form',
    verifier: { defaultCountry: 'FR' },
    asked: posted('/phone/send', '{"phone":"06 12 34 56 78"}'),
    answer: accepted(),
  },
  { name: 'a send without limits', verifier: { limits: none() }, asked: send, answer: unlimited(), sent: 1 },
  {
    name: 'a resend',
    async before({ send, test }) {
      await send()
      test.clock.advance(30_000)
    },
    asked: resend,
    answer: {
      ...accepted({
        ratelimit: '"sendsPerPhone";r=0;t=60, "sendsPerClient";r=8;t=3570, "sendsPerPrefix";r=18;t=3570, "sendsPerTenant";r=198;t=3570',
        'ratelimit-policy':
          '"sendsPerPhone";q=10;w=86400, "sendsPerClient";q=50;w=86400, "sendsPerPrefix";q=20;w=3600, "sendsPerTenant";q=1000;w=86400',
      }),
      body: '{"sessionToken":"<token>","expiresAt":"2026-01-01T00:10:00.000Z","resendAt":"2026-01-01T00:01:30.000Z"}',
    },
    sent: 2,
  },
  { name: 'the right code', before: ({ send }) => send(), asked: verify, answer: verified() },
  {
    name: 'a success with additions: theirs are beside ours, never instead',
    options: {
      onVerified: () => ({
        headers: { 'set-cookie': 'sid=1; HttpOnly', 'cache-control': 'public', 'content-type': 'text/html' },
        body: { phone: '+1', purpose: 'x', proof: 'y', verifiedAt: 0, account: 7 },
      }),
    },
    before: ({ send }) => send(),
    asked: verify,
    answer: verified(
      { 'set-cookie': 'sid=1; HttpOnly' },
      `{"phone":"${phone}","purpose":"registration","proof":"<proof>","verifiedAt":"2026-01-01T00:00:00.000Z","account":7}`,
    ),
  },
  {
    name: 'admit says no',
    verifier: { admit: () => ({ ok: false, reason: 'blocked' }) },
    asked: send,
    answer: refused(403, 'blocked'),
    sent: 0,
  },
  { name: 'admit throws', verifier: { admit: fail }, asked: send, answer: refused(403, 'blocked'), sent: 0 },
  {
    name: 'the server does not know whose request it is',
    options: { tenant: (request) => headerOf(request, 'x-tenant') },
    asked: send,
    answer: refused(404, 'unknown_tenant'),
    sent: 0,
  },
  {
    name: 'the verifier does not know the tenant',
    options: { tenant: (request) => headerOf(request, 'x-tenant') },
    verifier: { tenants: async () => undefined },
    asked: posted('/phone/send', `{"phone":"${phone}"}`, [['X-Tenant', 'acme']]),
    answer: refused(404, 'unknown_tenant'),
    sent: 0,
  },
  {
    name: 'a tenant that both know',
    options: { tenant: async (request) => headerOf(request, 'x-tenant') },
    verifier: { tenants: async () => ({}) },
    asked: posted('/phone/send', `{"phone":"${phone}"}`, [['X-Tenant', 'acme']]),
    answer: accepted(),
    sent: 1,
  },
  ...(['verify', 'resend'] as const).map(
    (name): Row => ({
      name: `no tenant: ${name}`,
      options: { tenant: () => undefined },
      asked:
        name === 'verify'
          ? posted('/phone/verify', '{"sessionToken":"x","code":"123456"}')
          : posted('/phone/resend', '{"sessionToken":"x"}'),
      answer: refused(404, 'unknown_tenant'),
    }),
  ),
  ...['0612', 'hello', '', ' ', `${phone} ext. 5`, '+1', '\\ud800', '\\u0000', `+${'9'.repeat(3_900)}`].map(
    (text): Row => ({
      name: `no phone number: ${text.slice(0, 20)}`,
      asked: posted('/phone/send', `{"phone":"${text}"}`),
      answer: refused(422, 'invalid_phone_number'),
      sent: 0,
    }),
  ),
  { name: 'another country', verifier: { countries: ['US'] }, asked: send, answer: refused(422, 'country_not_allowed'), sent: 0 },
  {
    name: 'a landline',
    asked: posted('/phone/send', '{"phone":"+33142685300"}'),
    answer: refused(422, 'number_type_not_allowed'),
    sent: 0,
  },
  {
    name: 'the carrier refuses',
    before: ({ test }) => test.carrier.fail('refused'),
    asked: send,
    answer: refused(422, 'undeliverable'),
    sent: 0,
  },
  {
    name: 'the carrier is down',
    before: ({ test }) => test.carrier.fail('unavailable'),
    asked: send,
    answer: refused(503, 'unavailable', {}, later),
    sent: 0,
  },
  {
    name: 'the carrier may have sent',
    before: ({ test }) => test.carrier.fail('unknown', 1, { sent: true }),
    asked: send,
    answer: accepted(),
    sent: 1,
  },
  {
    name: 'the carrier is set up wrongly',
    options: { onError: () => {} },
    before: ({ test }) => test.carrier.fail('configuration'),
    asked: send,
    answer: refused(500, 'internal_error'),
    sent: 0,
  },
  {
    name: 'the store fails at a send',
    verifier: { store: { ...memoryStore(), open: fail } },
    asked: send,
    answer: refused(503, 'unavailable', {}, later),
    sent: 0,
  },
  {
    name: 'the tenants function fails',
    options: { tenant: () => 'acme' },
    verifier: { tenants: fail },
    asked: send,
    answer: refused(503, 'unavailable', {}, later),
  },
  ...(['subject', 'payload', 'context', 'locale', 'client', 'tenant'] as const).map(
    (option): Row => ({
      name: `${option} throws`,
      options: { [option]: fail, onError: () => {} },
      asked: send,
      answer: refused(500, 'internal_error'),
      sent: 0,
    }),
  ),
  {
    name: 'a listener of errors that throws as well',
    options: { subject: fail, onError: () => void JSON.parse('{') },
    asked: send,
    answer: refused(500, 'internal_error'),
  },
  {
    name: 'a subject of the wrong form',
    options: { subject: () => '', onError: () => {} },
    asked: send,
    answer: refused(500, 'internal_error'),
    sent: 0,
  },
  {
    name: 'the purpose was never declared',
    options: { purpose: 'nothing', onError: () => {} },
    asked: send,
    answer: refused(500, 'internal_error'),
  },
  {
    name: 'onVerified throws',
    options: { onVerified: fail, onError: () => {} },
    before: ({ send }) => send(),
    asked: verify,
    answer: refused(500, 'internal_error'),
  },
  {
    name: 'the verifier was closed',
    before: ({ test }) => test.verifier.close(),
    asked: send,
    answer: refused(503, 'unavailable', {}, later),
  },
  {
    name: 'too soon after the first',
    before: ({ send }) => send(),
    asked: send,
    answer: refused(429, 'rate_limited', { retryAfterMs: 30_000 }, { 'retry-after': '30', ratelimit: '"sendsPerPhone";r=0;t=30' }),
    sent: 1,
  },
  {
    name: 'half a second is rounded up',
    async before({ send, test }) {
      await send()
      test.clock.advance(29_500)
    },
    asked: resend,
    answer: refused(429, 'rate_limited', { retryAfterMs: 500 }, { 'retry-after': '1', ratelimit: '"sendsPerPhone";r=0;t=1' }),
    sent: 1,
  },
  { name: 'a wrong code', before: ({ send }) => send(), asked: guess, answer: refused(422, 'incorrect_code', { attemptsLeft: 4 }) },
  { name: 'the last attempt', before: wrongly(4), asked: guess, answer: refused(422, 'incorrect_code', { attemptsLeft: 0 }) },
  { name: 'after the last attempt', before: wrongly(5), asked: verify, answer: refused(410, 'too_many_attempts') },
  { name: 'a resend after the last attempt', before: wrongly(5), asked: resend, answer: refused(410, 'too_many_attempts') },
  {
    name: 'locked',
    verifier: { limits: { failuresPerPhone: [{ max: 2, windowMs: 900_000 }] } },
    before: wrongly(2),
    asked: verify,
    answer: refused(429, 'locked', { retryAfterMs: 900_000 }, { 'retry-after': '900', ratelimit: '"failuresPerPhone";r=0;t=900' }),
  },
  {
    name: 'too many checks',
    verifier: { limits: { checksPerClient: [{ max: 1, windowMs: 300_000 }] } },
    before: wrongly(1),
    asked: verify,
    answer: refused(429, 'rate_limited', { retryAfterMs: 300_000 }, { 'retry-after': '300', ratelimit: '"checksPerClient";r=0;t=300' }),
  },
  { name: 'a code used before', before: won, asked: verify, answer: refused(410, 'already_used') },
  { name: 'a wrong code where one was used', before: won, asked: guess, answer: refused(410, 'already_used') },
  { name: 'a resend of a code used before', before: won, asked: resend, answer: refused(410, 'already_used') },
  { name: 'too late', before: aged(600_000), asked: verify, answer: refused(410, 'expired') },
  { name: 'a resend too late', before: aged(560_000), asked: resend, answer: refused(410, 'expired') },
  ...['', '12345', '1234567', 'abcdef', '12 456', '１２３４５', `${'1'.repeat(3_000)}`].map(
    (code): Row => ({
      name: `no code: ${code.slice(0, 20)}`,
      before: ({ send }) => send(),
      asked: posted('/phone/verify', `{"sessionToken":"<token>","code":"${code}"}`),
      answer: refused(422, 'malformed_code'),
    }),
  ),
  ...['', 'x', 'a.b.c', '<token>x', 'eyJhbGciOiJub25lIn0..', '__proto__'].flatMap((token): readonly Row[] => [
    {
      name: `no session to verify: ${token}`,
      before: ({ send }) => send(),
      asked: posted('/phone/verify', `{"sessionToken":"${token}","code":"<code>"}`),
      answer: refused(422, 'invalid_session'),
    },
    {
      name: `no session to resend: ${token}`,
      before: ({ send }) => send(),
      asked: posted('/phone/resend', `{"sessionToken":"${token}"}`),
      answer: refused(422, 'invalid_session'),
      sent: 1,
    },
  ]),
  ...[
    guess,
    posted('/phone/verify', '{"sessionToken":"x","code":"123456"}'),
    posted('/phone/verify', '{"sessionToken":"<token>","code":"1"}'),
  ].map(
    (asked, index): Row => ({
      name: `uniform disclosure tells no reason: ${['a wrong code', 'no session', 'no code'][index]}`,
      options: { disclosure: 'uniform' },
      before: ({ send }) => send(),
      asked,
      answer: refused(422, 'incorrect_code'),
    }),
  ),
  {
    name: 'uniform disclosure tells no lock',
    options: { disclosure: 'uniform' },
    before: wrongly(5),
    asked: verify,
    answer: refused(422, 'incorrect_code'),
  },
  {
    name: 'uniform disclosure still opens',
    options: { disclosure: 'uniform' },
    before: ({ send }) => send(),
    asked: verify,
    answer: verified(),
  },
  {
    name: 'uniform disclosure tells what is no request',
    options: { disclosure: 'uniform' },
    asked: posted('/phone/verify', '{}'),
    answer: invalid('must be a string', 'sessionToken', 'code'),
  },
]

function none() {
  const names = ['sendsPerPhone', 'sendsPerClient', 'sendsPerPrefix', 'sendsPerTenant', 'sendsPerSubject', 'checksPerClient'] as const
  return Object.fromEntries(names.map((name) => [name, []]))
}

/** The three challenges of a phone are no option. */
function unlimited() {
  const { headers, ...rest } = accepted({
    ratelimit: '"challengesPerPhone";r=2;t=600',
    'ratelimit-policy': '"challengesPerPhone";q=3;w=600',
  })
  return { ...rest, headers, body: rest.body.replace('00:00:30', '00:00:00') }
}

function wrongly(times: number): NonNullable<Row['before']> {
  return async ({ send, verify }) => {
    await send()
    for (let time = 0; time < times; time++) await verify('<wrong>')
  }
}

async function won({ send, verify }: Parameters<NonNullable<Row['before']>>[0]): Promise<void> {
  await send()
  await verify()
}

function aged(ms: number): NonNullable<Row['before']> {
  return async ({ send, test }) => {
    await send()
    test.clock.advance(ms)
  }
}
