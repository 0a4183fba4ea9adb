import assert from 'node:assert/strict'
import fc from 'fast-check'
import { boundariesOf } from './boundaries.js'
import {
  back,
  bounds,
  circumstances,
  clients,
  guesses,
  manyTwists,
  named,
  numbers,
  oneNumber,
  onePurpose,
  someone,
  spelling,
  spellings,
  ticks,
  twists,
} from './given.js'
import type { Reference } from './reference.js'
import { sendAndCompare, settle } from './send-and-compare.js'
import type { System } from './system.js'

interface Pair {
  readonly model: Reference
  readonly real: System
}

/** One kind of command: what it may be given, and what it does to both and compares. */
const command = <Given>(name: string, given: fc.Arbitrary<Given>, run: (given: Given, pair: Pair) => Promise<void>) =>
  given.map(
    (value): fc.AsyncCommand<Reference, System> => ({
      check: () => true,
      run: (model, real) => run(value, { model, real }),
      toString: () => `${name}(${fc.stringify(value)})`,
    }),
  )

const indexOf = (list: readonly unknown[], ago: number) => list.length - 1 - (ago % Math.max(1, list.length))

const send = command('send', fc.record({ bound: bounds, number: numbers, how: circumstances }), (given, pair) => {
  const { narrow, verifier } = pair.real
  const isNarrow = narrow !== undefined
  const bound = isNarrow ? { tenant: undefined, purpose: narrow, subject: undefined, payload: undefined } : given.bound
  const number = isNarrow ? oneNumber : given.number
  return sendAndCompare(
    given.how,
    pair,
    () => verifier.sendCode({ ...bound, phone: number.typed, client: given.how.who.client }),
    (asked) => pair.model.send(bound, number, asked),
  )
})

const resend = command('resend', fc.record({ ago: back, twist: twists, how: circumstances }), ({ ago, twist, how }, pair) => {
  const { model, real } = pair
  const index = indexOf(model.tokens, ago)
  const challenge = model.tokens[index]?.challenge
  const { tenant, subject } = named(challenge, twist)
  return sendAndCompare(
    how,
    pair,
    () => real.verifier.resendCode({ sessionToken: real.tokens[index] ?? 'forged', tenant, subject, client: how.who.client }),
    (asked) => model.resend(model.tokens[index], { tenant, subject }, asked),
  )
})

const typed = fc.record({ ago: back, twist: twists, guess: guesses, spell: spelling, who: clients })

const verify = command('verify', typed, async ({ ago, twist, guess, spell, who }, { model, real }) => {
  const index = indexOf(model.tokens, ago)
  const token = model.tokens[index]
  const right = token?.challenge.code ?? '0000000000'
  const another = model.tokens.findLast(({ challenge }) => challenge !== token?.challenge && challenge.code !== undefined)
  const codes: Readonly<Record<string, string>> = {
    right,
    wrong: right.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
    old: (token && real.codes.get(token.challenge)?.[0]) ?? right,
    other: another?.challenge.code ?? right,
  }
  const code = codes[guess] ?? guess
  const names = named(token?.challenge, twist)
  const call = { ...names, sessionToken: real.tokens[index] ?? 'forged', code: spellings[spell](code), client: who.client }
  const { outcome, proof } = await settle(real.verifier.verifyCode(call))
  const expected = model.verify(token, /^\d+$/.test(code) ? code : '', names, who.counted)
  assert.deepStrictEqual(outcome, expected)
  assert.equal(proof !== undefined, expected.ok)
  if (proof !== undefined) real.proofs.push(proof)
})

const redeem = command('redeem', fc.record({ ago: back, twist: manyTwists }), async ({ ago, twist }, { model, real }) => {
  const index = indexOf(model.proofs, ago)
  const names = named(model.proofs[index]?.challenge, twist)
  const { outcome } = await settle(real.verifier.redeemProof({ ...names, proof: real.proofs[index] ?? 'forged' }))
  assert.deepStrictEqual(outcome, model.redeem(model.proofs[index], names))
})

const tick = command('tick', ticks, async (how, { model, real }) => {
  const boundaries = boundariesOf(model)
  const ms = typeof how === 'number' ? how : Math.max(0, (boundaries[how.boundary % boundaries.length] ?? 0) + how.offsetMs)
  real.clock.advance(ms)
  await real.bench.advance?.(ms)
  model.tick(ms)
})

/** A new secret at the end, as one deploys it; the newest to the front, where it begins to make; all but the first away. */
const rotate = command('rotate', fc.constantFrom('append', 'move', 'drop'), async (step, { model, real }) => {
  const live = model.secrets()
  const newest = live.at(-1) as string
  if (step === 'append') model.rotate([...live.slice(0, 3), `${newest}+`])
  if (step === 'move') model.rotate([newest, ...live.slice(0, -1)])
  if (step === 'drop') model.rotate(live.slice(0, 1))
  real.rotate(model.secrets())
})

/** Whom an operator names. */
const personOf = ({ tenant, number }: typeof someone extends fc.Arbitrary<infer Person> ? Person : never, { narrow }: System) =>
  narrow === undefined ? { tenant, number } : { tenant: undefined, number: oneNumber }
const subjects = fc.constantFrom(undefined, 'ann', 'bob')

const unlock = command('unlock', fc.record({ person: someone, purpose: onePurpose, subject: subjects }), async (given, { model, real }) => {
  const { purpose, subject } = given
  const { tenant, number } = personOf(given.person, real)
  assert.deepStrictEqual(await real.verifier.unlock({ phone: number.typed, tenant, purpose, subject }), { ok: true })
  model.unlock({ tenant, phone: number.phone, subject }, purpose && [purpose])
})

const forget = command('forget', someone, async (person, { model, real }) => {
  const { tenant, number } = personOf(person, real)
  assert.deepStrictEqual(await real.verifier.forget({ phone: number.typed, tenant }), { ok: true })
  model.forget({ tenant, phone: number.phone })
})

// Listed as often as it is wanted: a sequence lives from its guesses, and a rotation ends much of it.
const kinds = [send, send, send, send, resend, resend, resend, resend, verify, verify, verify, verify, verify, verify, verify, verify]

/** Sequences of at most sixty commands. */
export const commands = fc.commands([...kinds, redeem, redeem, tick, tick, tick, tick, rotate, unlock, forget], {
  maxCommands: 60,
  size: 'max',
})
