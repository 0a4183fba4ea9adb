import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Binding, canonicalPayload, isBoundTo, type Payload, present } from '../../src/domain/binding.js'
import { samplePhone } from '../fixtures/challenge.js'

const bound: Binding = { tenant: 'acme', purpose: 'payment', subject: 'user-17', payload: { amount: '49.90', payee: 'Zoë' } }
const bare: Binding = { tenant: undefined, purpose: 'login', subject: undefined, payload: undefined }

describe('T-BND-01: what a code was issued for, it opens, and nothing else', () => {
  const others: Readonly<Record<keyof Binding, readonly unknown[]>> = {
    tenant: [undefined, '', 'Acme', 'acme ', 'other'],
    purpose: ['login', 'Payment', 'payment2', '', undefined],
    subject: [undefined, '', 'user-1', 'USER-17', 'user-17\0'],
    payload: [undefined, {}, { amount: '49.90' }, { amount: 49.9, payee: 'Zoë' }, { amount: '49.90', payee: 'Zoe\u0308' }],
  }
  const fields = Object.keys(others) as readonly (keyof Binding)[]
  const rows = fields.flatMap((field) => others[field].map((value) => [field, value] as const))

  test('the same is bound', () => {
    expect(isBoundTo(bound, { ...bound, payload: { payee: 'Zoë', amount: '49.90' } }, false)).toBe(true)
    expect(isBoundTo(bare, { ...bare }, false)).toBe(true)
  })

  test.each(rows)('another %s is not: %j', (field, value) => {
    expect(isBoundTo(bound, { ...bound, [field]: value }, false)).toBe(false)
  })

  test.each(fields.filter((field) => field !== 'purpose'))('a %s that was absent must be absent', (field) => {
    expect(isBoundTo(bare, { ...bare, [field]: bound[field] }, false)).toBe(false)
    expect(isBoundTo({ ...bare, [field]: bound[field] }, bare, false)).toBe(false)
  })

  test('of the 16 ways to mix two bindings only one is bound', () => {
    const foreign: Binding = { tenant: 'other', purpose: 'login', subject: 'user-18', payload: { amount: '4.99', payee: 'Zoë' } }
    const mixes = Array.from({ length: 16 }, (_, bits) =>
      fields.map((field, at) => [field, (bits >> at) & 1 ? foreign[field] : bound[field]]),
    )
    expect(mixes.map((mix) => isBoundTo(bound, Object.fromEntries(mix), false))).toEqual([true, ...Array(15).fill(false)])
  })

  test('where the subject is returned it may go unsaid, and nothing else may', () => {
    expect(isBoundTo(bound, { ...bound, subject: undefined }, true)).toBe(true)
    expect(isBoundTo(bound, { ...bound, subject: 'user-18' }, true)).toBe(false)
    expect(isBoundTo({ ...bound, subject: undefined }, bound, true)).toBe(false)
    for (const field of ['tenant', 'payload']) expect(isBoundTo(bound, { ...bound, [field]: undefined }, true)).toBe(false)
  })
})

describe('canonicalPayload is RFC 8785', () => {
  // Appendix B, "Number Serialization Samples".
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the number of bits %s is %s', (bits, spelled) => {
    expect(canonicalPayload({ n: Buffer.from(bits, 'hex').readDoubleBE() })).toBe(`{"n":${spelled}}`)
  })

  // §3.2.2, as far as a payload is flat.
  test('numbers and strings are written as ECMAScript does', () => {
    expect([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27].map((n) => canonicalPayload({ n }))).toEqual([
      ...['{"n":333333333.3333333}', '{"n":1e+30}', '{"n":4.5}', '{"n":0.002}', '{"n":1e-27}'],
    ])
    expect(canonicalPayload({ string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/' })).toBe(
      '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    expect(canonicalPayload({ all: '\b\t\n\f\r\0\u001f\u007f\u2028' })).toBe('{"all":"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f\u2028"}')
    expect(canonicalPayload({ yes: true, no: false })).toBe('{"no":false,"yes":true}')
    expect(canonicalPayload({})).toBe('{}')
  })

  // §3.2.3: by UTF-16 code units, so that the emoji comes before U+FB33.
  test('members are sorted by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']
    const payload = Object.fromEntries(names.map((name) => [name, name]))
    expect(canonicalPayload(payload)).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:${JSON.stringify(name)}`).join(',')}}`)
    expect(canonicalPayload({ b: 1, a: 1, B: 1, 10: 1, 9: 1 })).toBe('{"10":1,"9":1,"B":1,"a":1,"b":1}')
  })

  test('two payloads have one spelling if and only if they are the same, whatever order they were written in', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.constantFrom('1', 'true', '"', '","a":"', ':', '{}', 'null', ''),
    )
    const value = fc.oneof(text, fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 2 }))
    const payload: fc.Arbitrary<Payload> = fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '1'), text), value, { maxKeys: 4 })
    const asWritten = (it: Payload) => new Map(Object.entries(it).map(([name, member]) => [name, member === 0 ? 0 : member]))
    const same = (a: Payload, b: Payload) => {
      const [left, right] = [asWritten(a), asWritten(b)]
      return left.size === right.size && [...left].every(([name, member]) => right.has(name) && right.get(name) === member)
    }
    fc.assert(
      fc.property(payload, payload, (a, b) => (canonicalPayload(a) === canonicalPayload(b)) === same(a, b)),
      { numRuns: 20_000 },
    )
    fc.assert(
      fc.property(payload, (it) => {
        const turned = Object.fromEntries(Object.entries(it).reverse())
        expect(canonicalPayload(turned)).toBe(canonicalPayload(it))
        expect(asWritten(JSON.parse(canonicalPayload(it)))).toEqual(new Map([...asWritten(it)].sort()))
      }),
    )
  })
})

test('an outcome has the fields that are there, and no others', () => {
  expect(Object.keys(present({ ...bare, phone: samplePhone }))).toEqual(['phone', 'purpose'])
  expect(present({ ...bound, phone: samplePhone })).toEqual({ ...bound, phone: samplePhone })
  expect(present({ ...bound, phone: samplePhone, id: 'secret' } as never)).not.toHaveProperty('id')
})
