import type { Payload } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { makePair } from '../fixtures/pair.js'
import { makeRig, named, phone, unlimited, wrong } from '../fixtures/rig.js'

/** What a code and a proof are issued for: each dimension once as issued, once as something else. */
const dimensions = {
  tenant: ['acme', 'other'],
  purpose: ['payment', 'withdrawal'],
  phone: [phone, '+14155552672'],
  subject: ['user-1', 'user-2'],
  payload: [
    { amount: '49.90 EUR', payee: 'Zoë' },
    { amount: '49.91 EUR', payee: 'Zoë' },
  ],
} as const

type Tuple = { tenant: string; purpose: string; phone: string; subject: string; payload: Payload }

/** All 32 ways to differ in some of the dimensions, the first in none. */
const combinations = Array.from({ length: 32 }, (_, bits) => {
  const tuple = Object.entries(dimensions).map(([name, values], at) => [name, values[(bits >> at) & 1]])
  return Object.fromEntries(tuple) as Tuple
})

const options = { purposes: { withdrawal: { payloadRequired: true, ledger: 'subject' } }, limits: unlimited } as const

describe('T-BND-01: of every combination only what was issued works', () => {
  test('for a code: 1 of 64, with the audience as the sixth dimension', async () => {
    const { one, other } = makePair(options, { audience: 'https://other.example' })
    const [issued] = combinations
    const { sessionToken, code } = await one.start(issued)
    const accepted: string[] = []
    for (const [name, { verify }] of Object.entries({ other, one })) {
      for (const [bits, presented] of [...combinations.entries()].reverse()) {
        const outcome = await verify(sessionToken, code, presented)
        if (outcome.ok) accepted.push(`${name} ${bits}`)
        else expect(outcome).toEqual({ ok: false, reason: 'invalid_session' })
      }
    }
    expect(accepted).toEqual(['one 0'])
  })

  test('for a proof: 1 of 64, with the audience as the sixth dimension', async () => {
    const { one, other } = makePair(options, { audience: 'https://other.example' })
    const [issued] = combinations as [Tuple]
    const { sessionToken, code } = await one.start(issued)
    const verified = await one.verify(sessionToken, code, issued)
    const proof = verified.ok ? verified.proof : ''
    const accepted: string[] = []
    for (const [name, { verifier }] of Object.entries({ other, one })) {
      for (const [bits, presented] of [...combinations.entries()].reverse()) {
        const outcome = await verifier.redeemProof({ proof, ...presented })
        if (outcome.ok) accepted.push(`${name} ${bits}`)
        else expect(outcome).toEqual({ ok: false, reason: 'invalid_proof' })
      }
    }
    expect(accepted).toEqual(['one 0'])
  })

  test.each([
    ['issuer', { issuer: 'https://other.example' }],
    ['audience', { audience: 'https://other.example' }],
    ['secret', { secret: 'another-secret-altogether-0123456789ab' }],
  ])('another %s opens neither', async (_, own) => {
    const { one, other } = makePair({ limits: unlimited }, own)
    const { sessionToken, code } = await one.start()
    expect(named(await other.verify(sessionToken, code))).toBe('invalid_session')
    expect(named(await other.verifier.resendCode({ sessionToken }))).toBe('invalid_session')
    expect(named(await other.verifier.deliver(sessionToken))).toBe('invalid_session')
    const verified = await one.verify(sessionToken, code)
    expect(named(await other.verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' }))).toBe('invalid_proof')
  })

  test.each(['tenant', 'subject', 'payload'] as const)(
    'the %s that was absent on send must be absent on verify, and on redemption',
    async (name) => {
      const { start, verify, verifier } = makeRig()
      const { sessionToken, code } = await start()
      const said = { [name]: dimensions[name][0] }
      expect(named(await verify(sessionToken, code, said))).toBe('invalid_session')
      const verified = await verify(sessionToken, code)
      const proof = verified.ok ? verified.proof : ''
      expect(named(await verifier.redeemProof({ proof, purpose: 'login', ...said }))).toBe('invalid_proof')
      expect(named(await verifier.redeemProof({ proof, purpose: 'login' }))).toBe('ok')
    },
  )

  test('a code of one challenge opens no other, in whatever dimension they differ', async () => {
    const { start, verify } = makeRig(options)
    const [issued] = combinations as [Tuple]
    const { code } = await start(issued)
    for (const bits of [1, 2, 4, 8, 16]) {
      const presented = combinations[bits] as Tuple
      const other = await start(presented)
      const guess = other.code === code ? wrong(code) : code
      expect(named(await verify(other.sessionToken, guess, presented))).toBe('incorrect_code 4')
      expect(named(await verify(other.sessionToken, other.code, presented))).toBe('ok')
    }
  })
})

describe('T-BND-02: what is approved', () => {
  const payload = { amount: '49.90 EUR', payee: 'Zoë', express: true, items: 3 }

  test.each([
    ['another amount', { ...payload, amount: '49.91 EUR' }],
    ['another payee', { ...payload, payee: 'Zoe' }],
    ['a flag that is a word', { ...payload, express: 'true' }],
    ['a number that is a word', { ...payload, items: '3' }],
    ['a field less', { amount: payload.amount, payee: payload.payee, express: true }],
    ['a field more', { ...payload, tip: 1 }],
    ['a name in another case', { Amount: payload.amount, payee: payload.payee, express: true, items: 3 }],
    ['the values of two fields exchanged', { ...payload, amount: payload.payee, payee: payload.amount }],
    ['none', undefined],
  ])('changed after the send to %s is refused, and nothing is spent', async (_, changed) => {
    const { start, verify, asked } = makeRig()
    const bound = { purpose: 'payment', subject: 'user-1' }
    const { sessionToken, code } = await start({ ...bound, payload })
    const verbs = await asked(async () => {
      for (let guess = 0; guess < 10; guess++)
        expect(named(await verify(sessionToken, code, { ...bound, payload: changed }))).toBe('invalid_session')
    })
    expect(verbs).toEqual([])
    expect(named(await verify(sessionToken, code, { ...bound, payload }))).toBe('ok')
  })

  test('is the same in whatever order its fields are said', async () => {
    const { start, verify } = makeRig()
    const { sessionToken, code } = await start({ purpose: 'payment', payload })
    const reversed = Object.fromEntries(Object.entries(payload).reverse())
    expect(named(await verify(sessionToken, code, { purpose: 'payment', payload: reversed }))).toBe('ok')
  })

  test('stands in the text that carried the code', async () => {
    const { start, outbox } = makeRig()
    const { code } = await start({ purpose: 'payment', payload })
    for (const part of [code, '49.90 EUR', 'Zoë', 'true', '3']) expect(outbox.last()?.text).toContain(part)
  })
})
