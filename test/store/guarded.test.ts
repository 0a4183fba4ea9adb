import { inspect } from 'node:util'
import { memoryStore } from 'phone-verify/store/memory'
import { describe, expect, test, vi } from 'vitest'
import { PhoneVerifyError } from '../../src/errors.js'
import { guarded, type Within } from '../../src/store/guarded.js'
import type { Store } from '../../src/store/store.js'

const challenge = { id: '{t}1', codeDigest: 'x'.repeat(22), attempts: 5, ttlMs: 300_000, lifeMs: 600_000 }
const quotas = [{ key: '{t}q', max: 5, windowMs: 60_000 }]
const oneShots = [{ id: '{t}p', ttlMs: 60_000 }]

/** Every verb with all of its arguments, and an answer it may give. */
const calls = {
  open: { args: [challenge, quotas, oneShots], answer: { status: 'opened', hit: 'h', room: [] } },
  renew: { args: ['{t}1', { ttlMs: 60_000, codeDigest: 'y'.repeat(22) }, quotas, oneShots], answer: { status: 'absent' } },
  attempt: { args: ['{t}1', quotas], answer: { status: 'granted', codeDigest: 'x', attemptsLeft: 4, hit: 'h', room: [] } },
  close: { args: ['{t}1', { release: ['{t}q'], hit: 'h', open: oneShots }], answer: 'closed' },
  release: { args: [['{t}q'], 'h'], answer: undefined },
} as const
type Verb = keyof typeof calls
const verbs = Object.keys(calls) as readonly Verb[]

const unbounded: Within = (work) => work

/** A store whose every verb does the same, behind its guard. */
function behind(act: (...args: readonly unknown[]) => unknown, within = unbounded) {
  const verb = vi.fn(act)
  const store = { reach: 'shared', ...Object.fromEntries(verbs.map((name) => [name, verb])) } as unknown as Store
  const guard = guarded(store, within)
  return { verb, call: (name: Verb) => (guard[name] as (...args: readonly unknown[]) => Promise<unknown>)(...calls[name].args) }
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    (answer) => expect.unreachable(inspect(answer)),
    (error: unknown) => error,
  )

test('a guarded store says how far it reaches, and has no checks of its own', () => {
  expect(guarded(memoryStore(), unbounded).reach).toBe('process')
  expect(Object.keys(guarded(memoryStore(), unbounded)).sort()).toEqual([...verbs, 'reach'].sort())
})

test('the memory store behind a guard does what it does', async () => {
  const store = guarded(memoryStore(), unbounded)
  expect(await store.open(challenge, quotas, oneShots)).toMatchObject({ status: 'opened' })
  expect(await store.attempt(challenge.id, [])).toMatchObject({ status: 'granted', codeDigest: challenge.codeDigest, attemptsLeft: 4 })
  expect(await store.renew(challenge.id, { ttlMs: 60_000 }, [])).toMatchObject({ status: 'renewed' })
  expect(await store.close(challenge.id)).toBe('closed')
  expect(await store.release(['{t}q'])).toBeUndefined()
})

describe.each(verbs)('%s', (name) => {
  const { args, answer } = calls[name]

  test('gets what it was given, as a method of its store, and answers what it answers', async () => {
    const { call, verb } = behind(async () => answer)
    expect(await call(name)).toBe(answer)
    expect(verb.mock.calls).toEqual([args])
    expect(verb.mock.contexts[0]).toMatchObject({ reach: 'shared' })
  })

  // G12: what a store says besides is no leave to do anything.
  const junk = [
    undefined,
    null,
    true,
    'OK',
    1,
    [],
    {},
    { status: 'OK' },
    { status: true },
    { status: ['granted'] },
    { status: 'constructor' },
  ]
  test.each(junk.map((value) => [inspect(value), value]))('an answer like %s is a failure', async (_, value) => {
    const { call } = behind(async () => value)
    if (name === 'release') expect(await call(name)).toBe(value)
    else expect(await failureOf(call(name))).toMatchObject({ code: 'ERR_PV_STORE', message: `the store failed to ${name}` })
  })

  // G17, finding 7: the error of a driver may hold statements, keys and addresses.
  const secret = 'redis://:hunter2@10.0.0.1 EVAL +33612345678'
  const driver = Object.assign(new Error(secret, { cause: new Error(secret) }), {
    code: 'ECONNRESET',
    command: secret,
    [Symbol('x')]: secret,
  })
  const hostile = Object.defineProperty(new Error(secret), 'code', {
    get() {
      throw new Error(secret)
    },
  })
  const thrown = [
    driver,
    new AggregateError([driver], secret),
    hostile,
    secret,
    undefined,
    null,
    7,
    { code: 'ERR_PV_TIMEOUT', message: secret },
  ]
  test.each(thrown.map((error) => [inspect(error).slice(0, 20), error]))(
    'an error is made anew, rejected or thrown: %s',
    async (_, error) => {
      const thrower = () => {
        throw error
      }
      for (const act of [thrower, () => Promise.reject(error)]) {
        const failure = await failureOf(behind(act).call(name))
        expect(failure).toBeInstanceOf(PhoneVerifyError)
        expect(failure).toMatchObject({ code: 'ERR_PV_STORE', message: `the store failed to ${name}` })
        expect(Reflect.ownKeys(failure as object).sort()).toEqual(['code', 'message', 'name', 'stack'])
        expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('hunter2')
      }
    },
  )

  test('a store that says ERR_PV_STORE itself is heard, and nothing else of its error', async () => {
    const said = Object.assign(new PhoneVerifyError('ERR_PV_STORE', 'memory: 100 000 records, none is taken'), {
      cause: secret,
      backend: secret,
    })
    const failure = await failureOf(behind(() => Promise.reject(said)).call(name))
    expect(failure).toMatchObject({ code: 'ERR_PV_STORE', message: 'memory: 100 000 records, none is taken' })
    expect(failure).not.toBe(said)
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })

  test('one that outlasts its deadline has failed; it is asked once, and what it says later is heard by nobody', async () => {
    let fail = () => {}
    const work = new Promise((_, reject) => {
      fail = () => reject(new Error(secret))
    })
    const atOnce: Within = (given, late) => Promise.race([given, Promise.reject(late())])
    const { call, verb } = behind(() => work, atOnce)
    expect(await failureOf(call(name))).toMatchObject({ code: 'ERR_PV_STORE', message: 'the store did not answer in time' })
    fail()
    await new Promise(setImmediate)
    expect(verb).toHaveBeenCalledTimes(1)
  })

  test('no failure is tried again: a driver that lost its connection may have spent what it did not report', async () => {
    const { call, verb } = behind(() => Promise.reject(new Error('ECONNRESET')))
    await failureOf(call(name))
    expect(verb).toHaveBeenCalledTimes(1)
  })
})
