import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostileValues } from '../fixtures/hostile-values.js'
import { makeRig, named, phone, type Rig, unlimited, wrong } from '../fixtures/rig.js'

type Verb = 'sendCode' | 'resendCode' | 'verifyCode' | 'redeemProof' | 'notify' | 'unlock' | 'forget'
type Fields = Readonly<Record<string, unknown>>

let phones = 0
const freshPhone = () => `+1415555${String(1000 + phones++)}`

/** A rig with a challenge that is open and a proof that is not redeemed, and a good request for every verb. */
async function visit() {
  const rig = makeRig({ limits: unlimited })
  const won = await rig.start()
  const verified = await rig.verify(won.sessionToken, won.code)
  const open = await rig.start()
  const guess = { sessionToken: open.sessionToken, code: wrong(open.code), purpose: 'login' }
  const good = (): Readonly<Record<Verb, Fields>> => ({
    sendCode: { phone: freshPhone(), purpose: 'login' },
    resendCode: { sessionToken: open.sessionToken },
    verifyCode: guess,
    redeemProof: { proof: verified.ok && verified.proof, purpose: 'login' },
    notify: { phone, template: 'security_alert' },
    unlock: { phone },
    forget: { phone },
  })
  return { rig, good, guess }
}

const ask = ({ verifier }: Rig, verb: Verb, request: unknown) => ending(() => verifier[verb](request as never))

/** The outcome, or the code and field of the error. Anything else that was thrown is told at length, for it must not happen. */
async function ending(call: () => Promise<{ readonly ok: boolean }>): Promise<string> {
  let work: Promise<{ readonly ok: boolean }>
  try {
    work = call()
  } catch (error) {
    return `threw before it returned: ${error}`
  }
  try {
    return named(await work)
  } catch (error) {
    const { code, field } = error as { readonly code?: string; readonly field?: string }
    return code === undefined ? `escaped: ${error}` : `${code} ${field}`
  }
}

/** `client.id` is the member of a record. */
const withField = (request: Fields, path: string, value: unknown): Fields => {
  const [name = '', member] = path.split('.')
  return { ...request, [name]: member === undefined ? value : { [member]: value } }
}

async function endings(names: readonly string[], call: (value: unknown) => Promise<string>): Promise<Readonly<Record<string, string>>> {
  const told: Record<string, string> = {}
  for (const name of names) told[name] = await call(hostileValues[name]?.())
  return told
}

const all = Object.keys(hostileValues)
const given = all.filter((name) => name !== 'undefined')
const every = (names: readonly string[], ending: string) => Object.fromEntries(names.map((name) => [name, ending]))

const visitorFields: readonly (readonly [Verb, string, string])[] = [
  ['sendCode', 'phone', 'invalid_phone_number'],
  ['resendCode', 'sessionToken', 'invalid_session'],
  ['verifyCode', 'sessionToken', 'invalid_session'],
  ['verifyCode', 'code', 'malformed_code'],
  ['verifyCode', 'phone', 'invalid_session'],
  ['redeemProof', 'proof', 'invalid_proof'],
  ['redeemProof', 'phone', 'invalid_proof'],
  ['notify', 'phone', 'invalid_phone_number'],
  ['unlock', 'phone', 'invalid_phone_number'],
  ['forget', 'phone', 'invalid_phone_number'],
]

describe('a field of the visitor may hold anything (T-INP-01)', () => {
  test.each(visitorFields)('%s: %s is %s, and nothing is spent', async (verb, field, reason) => {
    const { rig, good, guess } = await visit()
    const sent = rig.outbox.messages.length
    // To a verb that compares a phone only where one is given, undefined is none.
    const names = field === 'phone' && reason !== 'invalid_phone_number' ? given : all
    let told = {}
    const asked = await rig.asked(async () => {
      told = await endings(names, (value) => ask(rig, verb, withField(good()[verb], field, value)))
    })
    expect(told).toEqual(every(names, reason))
    expect(asked).toEqual([])
    expect(rig.outbox.messages).toHaveLength(sent)
    expect(await ask(rig, 'verifyCode', guess)).toBe('incorrect_code 4')
  })

  test('deliver: the session token', async () => {
    const { rig } = await visit()
    const told = endings(all, (value) => ending(() => rig.verifier.deliver(value)))
    expect(await told).toEqual(every(all, 'invalid_session'))
  })

  test.each(['sendCode', 'notify'] as const)('%s: a bad locale is ignored', async (verb) => {
    const { rig, good } = await visit()
    const told = await endings(all, (value) => ask(rig, verb, { ...good()[verb], locale: value }))
    expect(told).toEqual(every(all, 'ok'))
    expect(new Set(rig.outbox.messages.map(({ locale }) => locale))).toEqual(new Set([undefined]))
  })
})

const ids = ['undefined', 'the word __proto__']
const records = ['undefined', 'empty object', 'object with a length']
const noClient = [...records, 'query operator', 'deeply nested', 'circular', 'throwing toString', 'own __proto__']

/** What a field of the server does take of all that: absent ones, and odd values of the right type. */
const serverFields: readonly (readonly [Verb, string, readonly string[]])[] = [
  ['sendCode', 'purpose', []],
  ['sendCode', 'tenant', ids],
  ['sendCode', 'subject', ids],
  ['sendCode', 'payload', records],
  ['sendCode', 'context', records],
  ['sendCode', 'payload.amount', ['true', 'zero', 'a number', 'empty string', 'the word __proto__']],
  ['sendCode', 'context.city', ['zero', 'a number', 'empty string', 'the word __proto__']],
  ['sendCode', 'client', noClient],
  ['sendCode', 'client.id', ids],
  ['sendCode', 'client.ip', ids],
  ['sendCode', 'channel', ['undefined']],
  ['sendCode', 'decoy', ['undefined']],
  ['sendCode', 'idempotencyKey', ids],
  ['sendCode', 'signal', ['undefined']],
  ['resendCode', 'tenant', ids],
  ['resendCode', 'subject', ids],
  ['resendCode', 'client', noClient],
  ['resendCode', 'client.ip', ids],
  ['resendCode', 'signal', ['undefined']],
  ['verifyCode', 'purpose', []],
  ['verifyCode', 'tenant', ids],
  ['verifyCode', 'subject', ids],
  ['verifyCode', 'payload', records],
  ['verifyCode', 'client', noClient],
  ['verifyCode', 'client.id', ids],
  ['redeemProof', 'purpose', []],
  ['redeemProof', 'tenant', ids],
  ['redeemProof', 'subject', ids],
  ['redeemProof', 'payload', records],
  ['redeemProof', 'transaction', ['undefined']],
  ['notify', 'template', []],
  ['notify', 'tenant', ids],
  ['notify', 'context', records],
  ['unlock', 'purpose', ['undefined']],
  ['unlock', 'tenant', ids],
  ['unlock', 'subject', ids],
  ['forget', 'tenant', ids],
]

/** Of a record, the member at fault may be named as well. */
const namesField = (path: string) => new RegExp(`^ERR_PV_ARGUMENT ${path.replace(/\..*/, '')}(?:$|\\.)`)
const isEnding = /^(?:ok|[a-z_]+(?: \d+)?(?: [a-zA-Z]+)?)$/

describe('a field of the server is right, or the programmer hears its name (T-INP-01)', () => {
  test.each(serverFields)('%s: %s', async (verb, field, accepted) => {
    const { rig, good } = await visit()
    const refused = all.filter((name) => !accepted.includes(name))
    const sent = rig.outbox.messages.length
    const call = (value: unknown) => ask(rig, verb, withField(good()[verb], field, value))
    let told: Readonly<Record<string, string>> = {}
    const asked = await rig.asked(async () => {
      told = await endings(refused, call)
    })
    for (const name of refused) expect(told[name], name).toMatch(namesField(field))
    expect(asked).toEqual([])
    expect(rig.outbox.messages).toHaveLength(sent)
    for (const [name, ending] of Object.entries(await endings(accepted, call))) expect(ending, name).toMatch(isEnding)
  })

  test('deliver: the signal', async () => {
    const rig = makeRig({ delivery: 'deferred' })
    const { sessionToken } = await rig.start()
    const asked = await rig.asked(async () => {
      const told = endings(given, (value) => ending(() => rig.verifier.deliver(sessionToken, { signal: value as AbortSignal })))
      expect(await told).toEqual(every(given, 'ERR_PV_ARGUMENT signal'))
    })
    expect(asked).toEqual([])
    expect(await ending(() => rig.verifier.deliver(sessionToken))).toBe('ok')
  })

  test('a name within a record is told only where it cannot be a number, a code or a second line', async () => {
    const { rig, good } = await visit()
    for (const name of ['+14155552671', '482913', 'amount\nfake: line', '\u202eamount'])
      expect(await ask(rig, 'sendCode', { ...good().sendCode, payload: { [name]: null } })).toBe('ERR_PV_ARGUMENT payload')
  })
})

const verbs: readonly Verb[] = ['sendCode', 'resendCode', 'verifyCode', 'redeemProof', 'notify', 'unlock', 'forget']

describe('the request itself (T-INP-01)', () => {
  test.each(verbs)('%s: no object, or one that cannot be read', async (verb) => {
    const { rig } = await visit()
    const told = await endings(all, (value) => ask(rig, verb, value))
    for (const [name, ending] of Object.entries(told)) {
      expect(ending, name).toMatch(/^(?:ERR_PV_ARGUMENT (?:request|purpose|template)|invalid_session|invalid_phone_number)$/)
    }
    for (const name of ['undefined', 'null', 'a number', 'function', 'throwing Proxy', 'revoked Proxy', 'throwing getter'])
      expect(told[name], name).toBe('ERR_PV_ARGUMENT request')
  })

  test.each(verbs)('%s: what it does not know is not looked at', async (verb) => {
    const { rig, good } = await visit()
    const extra = Object.fromEntries(all.map((name) => [name, hostileValues[name]?.()]))
    expect(await ask(rig, verb, { ...extra, ...good()[verb], [Symbol('phone')]: 1 })).toMatch(/^(?:ok|incorrect_code 4)$/)
  })

  test.each(verbs)('%s: each field is read once, so that it cannot change behind a check', async (verb) => {
    const { rig, good } = await visit()
    const reads: string[] = []
    const request = { signal: undefined, ...good()[verb] }
    const seen = new Proxy(request, {
      get(target, name) {
        reads.push(String(name))
        return Reflect.get(target, name)
      },
    })
    expect(await ask(rig, verb, seen)).toMatch(/^(?:ok|incorrect_code 4)$/)
    expect(reads.sort()).toEqual(Object.keys(request).sort())
  })
})

test('whatever a field holds, there is an outcome or the name of the field (T-INP-01)', { timeout: 60_000 }, async () => {
  const { rig, good } = await visit()
  const wild = fc.anything({
    ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true },
    ...{ withObjectString: true, withSparseArray: true, withTypedArray: true, stringUnit: 'binary' },
  })
  const fields = [...visitorFields, ...serverFields]
  await fc.assert(
    fc.asyncProperty(fc.nat(fields.length - 1), wild, async (index, value) => {
      const [verb, field, answer] = fields[index] as (typeof fields)[number]
      const told = await ask(rig, verb, withField(good()[verb], field, value))
      if (typeof answer === 'string' && value !== undefined) return told === answer
      // A word may be the name of a template that nobody has written.
      return isEnding.test(told) || namesField(field).test(told) || (field === 'template' && told === 'ERR_PV_CONFIGURATION undefined')
    }),
    { numRuns: 20_000 },
  )
})
