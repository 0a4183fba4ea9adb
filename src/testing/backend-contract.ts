import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { SmsBackend } from '../sms/backend.js'
import { holdsNothing } from './holds-nothing.js'
import { AWKWARD, CODE, PAYEE, phone, sampleMessage } from './sample-message.js'

/** A backend under test, and the truth about what went out. Every test makes its own. */
export interface BackendFixture {
  readonly backend: SmsBackend
  /** What phones would have got, oldest first, `to` in E.164. Read it where the provider is, not where the backend is. */
  readonly delivered: () => readonly Delivered[] | Promise<readonly Delivered[]>
  /** Makes the next sends fail so. */
  readonly fail?: (how: BackendFailure) => void | Promise<void>
  /** Credentials that must never appear in an error, in every form in which the backend uses them. */
  readonly secrets?: readonly string[]
  /** What receipts and errors may say in `backend`. Default: the backend's own name; for one that passes messages on, those of its leaves. */
  readonly names?: readonly string[]
  readonly dispose?: () => void | Promise<void>
}

export interface Delivered {
  readonly to: string
  readonly text: string
}

/** The three meanings of a failed send. */
export type BackendFailure = keyof typeof FAILURES

export interface BackendContract {
  /** The test function of the runner: vitest, node:test and jest fit. */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  readonly makeBackend: () => BackendFixture | Promise<BackendFixture>
  /** Every fixture has `fail`. Default: false, and "A failure MUST reject with …" is not registered, for it could not be tested. */
  readonly canFail?: boolean
}

/**
 * Registers one test for every sentence with a MUST in the contract of `SmsBackend`, under that sentence. A backend that passes may be
 * used; give `canFail: true` wherever the provider can be made to fail.
 *
 * @example
 * ```ts
 * import { outboxBackend } from 'phone-verify/sms/outbox'
 * import { backendContract } from 'phone-verify/testing'
 * import { test } from 'vitest'
 *
 * const makeBackend = () => {
 *   const backend = outboxBackend()
 *   return { backend, delivered: () => backend.messages }
 * }
 * backendContract({ test, makeBackend })
 * ```
 */
export function backendContract({ test, makeBackend, canFail = false }: BackendContract): void {
  const withFixture = async (run: (fixture: BackendFixture) => Promise<void>): Promise<void> => {
    const fixture = await makeBackend()
    await run(fixture).finally(() => fixture.dispose?.())
  }
  const sentence = (title: string, run: (fixture: BackendFixture) => Promise<void>) => test(title, () => withFixture(run))

  sentence('send MUST resolve only when the provider has taken the message, and then hand it over exactly once.', async (fixture) => {
    for (const count of [1, 2]) {
      await fixture.backend.send(sampleMessage({ text: `Acme: ${CODE}, send ${count}`, mustContain: [CODE] }))
      await countIs(fixture, count, 'when send resolves')
      await countStays(fixture, count)
    }
  })

  sentence('send MUST deliver text to the number in to, character for character.', async (fixture) => {
    const sent = AWKWARD.map((text, index) => sampleMessage({ to: phone(index), text, mustContain: [] }))
    for (const one of sent) await fixture.backend.send(one)
    assert.deepEqual(await deliveredBy(fixture), sent.map(addressed))
  })

  sentence('send MUST name the backend in its receipt.', async (fixture) => {
    const { backend, messageId, segments } = await fixture.backend.send(sampleMessage())
    assert.ok(namesOf(fixture).includes(backend), `the receipt names ${inspect(backend)}`)
    assert.ok(messageId === null || (typeof messageId === 'string' && messageId !== ''), 'messageId is neither null nor an id')
    assert.ok(segments === undefined || (Number.isInteger(segments) && segments > 0), 'segments is not a count')
  })

  sentence('send MUST NOT change the message it was given.', async (fixture) => {
    for (const one of [sampleMessage(), sampleMessage({ text: 'Acme' })]) {
      const before = structuredClone(one)
      await fixture.backend.send(one).catch(() => undefined)
      assert.deepEqual(one, before)
    }
    await fixture.backend.send(Object.freeze(sampleMessage()))
  })

  sentence('Sends made at once MUST NOT mix.', async (fixture) => {
    const sent = Array.from({ length: 24 }, (_, index) =>
      sampleMessage({ to: phone(index), text: `Acme: ${CODE}, send ${index}`, mustContain: [CODE] }),
    )
    const receipts = await Promise.all(sent.map((one) => fixture.backend.send(one)))
    const ids = receipts.flatMap(({ messageId }) => messageId ?? [])
    assert.equal(new Set(ids).size, ids.length, 'two receipts share an id')
    const inOrder = (all: readonly Delivered[]) => all.map(({ to, text }) => `${to} ${text}`).sort()
    assert.deepEqual(inOrder(await deliveredBy(fixture)), inOrder(sent))
  })

  sentence('A text that lacks one of mustContain MUST reject with ERR_PV_CONFIGURATION before any input or output.', async (fixture) => {
    await fixture.backend.send(sampleMessage())
    // Were the provider asked first, its failure would hide the mistake.
    await fixture.fail?.('unavailable')
    for (const text of ['Acme', `Acme: ${CODE}`, `Acme: ${PAYEE}`]) {
      hasCode(await rejection(fixture.backend.send(sampleMessage({ text }))), 'ERR_PV_CONFIGURATION')
    }
    await countStays(fixture, 1)
  })

  sentence('An empty text MUST reject with ERR_PV_CONFIGURATION before any input or output.', async (fixture) => {
    await fixture.fail?.('unavailable')
    hasCode(await rejection(fixture.backend.send(sampleMessage({ text: '', mustContain: [] }))), 'ERR_PV_CONFIGURATION')
    await countStays(fixture, 0)
  })

  sentence('A signal aborted before the call MUST reject with ERR_PV_SMS_UNAVAILABLE, and nothing is sent.', async (fixture) => {
    const controller = new AbortController()
    await fixture.backend.send(sampleMessage(), controller.signal)
    controller.abort()
    const error = await rejection(fixture.backend.send(sampleMessage(), controller.signal))
    hasCode(error, 'ERR_PV_SMS_UNAVAILABLE')
    isNamed(error, fixture)
    await countStays(fixture, 1)
  })

  if (canFail) {
    test('A failure MUST reject with ERR_PV_SMS_REFUSED, ERR_PV_SMS_UNAVAILABLE or ERR_PV_SMS_UNKNOWN, and name the backend.', async () => {
      for (const how of HOWS) {
        await withFixture(async (fixture) => {
          const error = await failure(fixture, how)
          hasCode(error, FAILURES[how])
          isNamed(error, fixture)
          if (how !== 'unknown') return countStays(fixture, 0)
          assert.ok((await deliveredBy(fixture)).length <= 1, 'one send went out more than once')
        })
      }
    })
  }

  sentence(
    'An error MUST NOT hold the code, the number, the text or a credential: not in its message, properties or cause.',
    async (fixture) => {
      const { backend, secrets } = fixture
      const lacking = sampleMessage({ text: `Acme: ${PAYEE}` })
      holdsNothing(await rejection(backend.send(lacking)), lacking, secrets)
      const dirty = AbortSignal.abort(new Error(`${phone(0)} ${sampleMessage().text} ${secrets?.join(' ')}`))
      holdsNothing(await rejection(backend.send(sampleMessage(), dirty)), sampleMessage(), secrets)
      if (!canFail) return
      for (const how of HOWS) {
        await withFixture(async (failing) => holdsNothing(await failure(failing, how), sampleMessage(), failing.secrets))
      }
    },
  )
}

const FAILURES = { refused: 'ERR_PV_SMS_REFUSED', unavailable: 'ERR_PV_SMS_UNAVAILABLE', unknown: 'ERR_PV_SMS_UNKNOWN' } as const
const HOWS = Object.keys(FAILURES) as BackendFailure[]

const addressed = ({ to, text }: Delivered): Delivered => ({ to, text })

const deliveredBy = async (fixture: BackendFixture) => (await fixture.delivered()).map(addressed)

const namesOf = ({ backend, names = [backend.name] }: BackendFixture): readonly unknown[] => names.filter((name) => name !== '')

async function countIs(fixture: BackendFixture, count: number, when: string): Promise<void> {
  assert.equal((await fixture.delivered()).length, count, `messages delivered ${when}`)
}

/** Gives a send that was left running a few turns of the event loop to show. */
async function countStays(fixture: BackendFixture, count: number): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  await countIs(fixture, count, 'in the end')
}

async function rejection(sending: Promise<unknown>): Promise<unknown> {
  const outcome = await sending.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  assert.ok(outcome, 'send resolved')
  return outcome.error
}

async function failure(fixture: BackendFixture, how: BackendFailure): Promise<unknown> {
  assert.ok(fixture.fail, 'canFail is set, but makeBackend gave no fail')
  await fixture.fail(how)
  return rejection(fixture.backend.send(sampleMessage()))
}

const field = (error: unknown, name: 'code' | 'backend'): unknown => (error as { readonly [name]?: unknown } | null | undefined)?.[name]

const hasCode = (error: unknown, code: string): void => assert.equal(field(error, 'code'), code)

function isNamed(error: unknown, fixture: BackendFixture): void {
  assert.ok(namesOf(fixture).includes(field(error, 'backend')), `the error names ${inspect(field(error, 'backend'))}`)
}
