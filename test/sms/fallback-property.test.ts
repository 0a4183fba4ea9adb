import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PhoneVerifyError } from '../../src/errors.js'
import type { SmsBackend, SmsMessage } from '../../src/sms/backend.js'
import { fallback } from '../../src/sms/fallback.js'
import { makeMessage, outcomeOf } from './fallback-leaf.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** What a backend does with one message. A word with `+` lets the phone get it all the same. */
const deeds = [
  'takes',
  'unavailable',
  'refused',
  'configuration',
  'unknown',
  'unknown+',
  'foreign',
  'foreign+',
  'silent',
  'silent+',
] as const
type Deed = (typeof deeds)[number]

const codes: Readonly<Record<string, PhoneVerifyError['code']>> = {
  unavailable: 'ERR_PV_SMS_UNAVAILABLE',
  refused: 'ERR_PV_SMS_REFUSED',
  configuration: 'ERR_PV_CONFIGURATION',
  unknown: 'ERR_PV_SMS_UNKNOWN',
}

/** A backend that does as it is told, one deed a send; what phones got goes to `sent`, who was asked to `asked`. */
const obeying = (name: string, next: () => Deed, sent: SmsMessage[], asked: string[]): SmsBackend => ({
  name,
  send(message) {
    asked.push(name)
    const deed = next()
    if (deed === 'takes' || deed.endsWith('+')) sent.push(message)
    const what = deed.replace('+', '')
    if (what === 'takes') return Promise.resolve({ backend: name, messageId: null })
    if (what === 'silent') return new Promise(() => {})
    const code = codes[what]
    throw code ? new PhoneVerifyError(code, what, { backend: name }) : new Error('foreign')
  },
})

type Sender = (backends: readonly SmsBackend[], failoverOnUnknown: boolean) => Pick<SmsBackend, 'send'>

const run = { breadth: fc.integer({ min: 1, max: 4 }), deed: fc.constantFrom(...deeds) }
const plans = run.breadth.chain((breadth) =>
  fc.array(fc.array(run.deed, { minLength: breadth, maxLength: breadth }), { minLength: 1, maxLength: 12 }),
)

/** Every send of a plan on one backend, whose breakers remember; a row of the plan says what each would do. */
const keepsItsPromises = (makeSender: Sender) =>
  fc.asyncProperty(plans, fc.boolean(), async (plan, failoverOnUnknown) => {
    const sent: SmsMessage[] = []
    const asked: string[] = []
    let row: readonly Deed[] = []
    const ways = plan[0]!.map((_, index) => obeying(`b${index}`, () => row[index] ?? 'takes', sent, asked))
    const backend = makeSender(ways, failoverOnUnknown)
    for (row of plan) {
      sent.length = 0
      asked.length = 0
      const ending = outcomeOf(backend.send(makeMessage()))
      await vi.advanceTimersByTimeAsync(11_000)
      const outcome = await Promise.race([ending, Promise.resolve('pending')])

      expect(outcome).not.toBe('pending')
      expect(sent.length, 'SMS to one phone').toBeLessThanOrEqual(failoverOnUnknown ? 2 : 1)
      expect(new Set(sent.map(({ to, text, code }) => `${to} ${text} ${code}`)).size).toBeLessThanOrEqual(1)
      expect(new Set(asked).size).toBe(asked.length)
      const isCertain = ['ERR_PV_SMS_UNAVAILABLE', 'ERR_PV_SMS_REFUSED', 'ERR_PV_CONFIGURATION'].includes(outcome)
      if (isCertain) expect(sent).toEqual([])
      if (outcome.startsWith('b')) expect(sent.length).toBeGreaterThan(0)
      const did = new Set(row)
      if (outcome === 'ERR_PV_SMS_UNKNOWN') expect([...did].some((deed) => /^(unknown|foreign|silent)/.test(deed))).toBe(true)
      // Whatever the breakers think, a message that somebody would take gets there.
      if ([...did].every((deed) => deed === 'takes' || deed === 'unavailable') && did.has('takes')) expect(outcome).toMatch(/^b/)
      if (outcome === 'ERR_PV_SMS_UNAVAILABLE') expect(asked.length).toBe(row.length)
    }
  })

test('any sequence of failures: one SMS, two of one text where the application opted in, and an outcome that is true', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    keepsItsPromises((backends, failoverOnUnknown) => fallback(backends, { failoverOnUnknown, failures: 2, coolDownMs: 25_000 })),
    { numRuns: 600 },
  )
})

/** The control: what one writes first, with a deadline. */
const naive: Sender = (backends) => ({
  async send(message) {
    let last: unknown
    for (const backend of backends) {
      try {
        const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), 2_000))
        late.catch(() => {})
        return await Promise.race([backend.send(message), late])
      } catch (error) {
        last = error
      }
    }
    throw last
  },
})

test('the control: trying the next after any error sends twice', async () => {
  const { failed, errorInstance } = await fc.check(keepsItsPromises(naive), { numRuns: 600, seed: 1 })
  expect(failed).toBe(true)
  expect(String(errorInstance)).toContain('SMS to one phone')
})
