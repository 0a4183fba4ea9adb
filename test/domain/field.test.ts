import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Payload } from '../../src/domain/binding.js'
import {
  optionalClient,
  optionalContext,
  optionalId,
  optionalPayload,
  optionalSignal,
  ownFields,
  requiredBoolean,
  requiredPurpose,
  requireSmall,
} from '../../src/domain/field.js'

class Amount {
  readonly amount = 5
}

/** Values of every type, each of the wrong one for most fields. */
const wrongTypes: readonly unknown[] = [
  ...[null, true, 0, 1, Number.NaN, 1n, Symbol('x'), () => 'x', '', 'x'],
  ...[[], ['x'], [['a', 'b']], new Map([['a', 'b']]), new Set(['a']), new Date(0), Promise.resolve({ a: 'b' }), Buffer.from('x')],
  ...[new Amount(), new String('x'), new Number(1), /x/, new Error('x'), new Uint8Array(1), new URL('https://example.com')],
]

const named = (value: unknown): readonly [string, unknown] => [inspect(value).split('\n')[0]?.slice(0, 40) ?? '', value]

/** The wrong types, less those that this field takes. */
const except = (...accepted: readonly unknown[]) => wrongTypes.filter((value) => !accepted.includes(value)).map(named)

/** Throws ERR_PV_ARGUMENT that names the field, never its value. */
function refuses(field: string, act: () => unknown) {
  let error: unknown
  try {
    act()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({
    code: 'ERR_PV_ARGUMENT',
    field,
    message: expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')}: `)),
  })
}

describe('an id the server says', () => {
  test.each(['x', '0', ' ', 'null', '__proto__', 'a:b|c{d}\n\0', '😀', '\ufdd0', 'x'.repeat(256), '😀'.repeat(128)])(
    '%.20j is one',
    (id) => {
      expect(optionalId('subject', id)).toBe(id)
    },
  )

  test('undefined is absent', () => expect(optionalId('subject', undefined)).toBeUndefined())

  test.each([...except('x'), ...['x'.repeat(257), 'x'.repeat(65_536)].map(named)])('%s is none', (_, value) => {
    refuses('subject', () => optionalId('subject', value))
  })

  // T-BND-04: all lone surrogates are the same three bytes in UTF-8, and two ids would have one key.
  test.each(['\ud800', 'a\udfffb', '\udc00\ud800', '😀\ud83d'])('ill-formed Unicode is none: %j', (value) => {
    refuses('tenant', () => optionalId('tenant', value))
  })
})

describe('a purpose', () => {
  const declared = new Set(['login', 'delivery_pin'])

  test('that was declared is one', () => expect(requiredPurpose('delivery_pin', declared)).toBe('delivery_pin'))

  const undeclared = [undefined, 'Login', 'login ', 'toString', '__proto__', 'constructor'].map(named)
  test.each([...except(), ...undeclared])('%s is none', (_, value) => refuses('purpose', () => requiredPurpose(value, declared)))
})

describe('a payload', () => {
  test.each<[Payload]>([
    [{ amount: 5 }],
    [{ amount: -0.5, payee: 'Zoë', urgent: false }],
    [{ ['x'.repeat(64)]: '' }],
    [{ constructor: 'a', toString: 'b', 'a b': 'c', '😀': 'd' }],
  ])('%j is one', (payload) => expect(optionalPayload(payload)).toEqual(payload))

  test('it is copied', () => {
    const given = { amount: 5 }
    expect(optionalPayload(given)).not.toBe(given)
  })

  test('undefined and {} are absent', () => expect([optionalPayload(undefined), optionalPayload({})]).toEqual([undefined, undefined]))

  test('an object of another realm, or without a prototype, is one', () => {
    expect(optionalPayload(runInNewContext('({ amount: 5 })'))).toEqual({ amount: 5 })
    expect(optionalPayload(Object.assign(Object.create(null), { amount: 5 }))).toEqual({ amount: 5 })
  })

  // A map, a date or a promise that nobody awaited has no members of its own: read as absent, it would bind nothing.
  test.each(except())('%s is none', (_, value) => refuses('payload', () => optionalPayload(value)))

  const members = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, 1n, Symbol('x'), {}, [], ['5'], new Date(0), () => 5, '\ud800']
  test.each(members.map(named))('a member may not be %s', (_, member) => {
    refuses('payload.amount', () => optionalPayload({ amount: member }))
  })

  test.each(['', 'x'.repeat(65), '\ud800', 'a\ud800', '__proto__'])('a member may not be named %.20j', (name) => {
    refuses('payload', () => optionalPayload(Object.fromEntries([[name, 'x']])))
  })

  // T-INP-04.
  test('what it does not say itself, a polluted prototype does not say either', () => {
    Object.assign(Object.prototype, { payee: 'Mallory' })
    try {
      expect(Object.keys(optionalPayload({ amount: 5 }) ?? {})).toEqual(['amount'])
      expect(optionalPayload({})).toBeUndefined()
    } finally {
      Reflect.deleteProperty(Object.prototype, 'payee')
    }
  })
})

describe('a context', () => {
  test('is strings and finite numbers', () => expect(optionalContext({ city: 'Lyon', n: 3 })).toEqual({ city: 'Lyon', n: 3 }))
  test('has no booleans', () => refuses('context.yes', () => optionalContext({ yes: true })))
  test.each(except())('%s is none', (_, value) => refuses('context', () => optionalContext(value)))

  test('payload and context together are at most 1 KB of JSON, counted in bytes', () => {
    const fits = { a: 'é'.repeat(508) }
    expect(Buffer.byteLength(JSON.stringify(fits))).toBe(1_024)
    expect(() => requireSmall(fits, undefined)).not.toThrow()
    expect(() => requireSmall(undefined, fits)).not.toThrow()
    expect(() => requireSmall(undefined, undefined)).not.toThrow()
    refuses('payload', () => requireSmall({ a: `${fits.a}x` }, undefined))
    refuses('context', () => requireSmall(undefined, { a: `${fits.a}x` }))
    refuses('payload', () => requireSmall(fits, { n: 1 }))
  })
})

describe('a client', () => {
  test.each([
    [undefined, undefined],
    [{}, { id: undefined, ip: undefined }],
    [
      { id: 'a', ip: '::1', port: 5 },
      { id: 'a', ip: '::1' },
    ],
  ])('%j is %j', (given, client) => expect(optionalClient(given)).toEqual(client))

  test.each(except())('%s is none', (_, value) => refuses('client', () => optionalClient(value)))
  test.each(except('x'))('its id may not be %s', (_, value) => refuses('client.id', () => optionalClient({ id: value })))
  test.each([...except('x'), named('x'.repeat(65))])('its ip may not be %s', (_, value) => {
    refuses('client.ip', () => optionalClient({ ip: value }))
  })
  test('what it does not say itself, nobody says', () => {
    expect(optionalClient(Object.create(Object.create(null, { ip: { value: '::1' } })))).toEqual({})
  })
})

describe('the others', () => {
  test('a request is an object, and what it does not say itself, nobody says', () => {
    for (const value of [undefined, ...wrongTypes.filter((it) => typeof it !== 'object' || it === null)])
      refuses('request', () => ownFields(value as object))
    const fields = ownFields(Object.assign(Object.create({ purpose: 'admin' }), { phone: 'x' })) as Record<string, unknown>
    expect([fields['phone'], fields['purpose'], fields['toString']]).toEqual(['x', undefined, undefined])
  })

  test.each(except(true))('%s is no boolean', (_, value) => refuses('decoy', () => requiredBoolean('decoy', value)))
  test('true and false are', () => expect([requiredBoolean('decoy', true), requiredBoolean('decoy', false)]).toEqual([true, false]))

  test.each([...except(), ...[{ aborted: false }, { aborted: false, addEventListener: () => {} }].map(named)])(
    '%s is no signal',
    (_, value) => refuses('signal', () => optionalSignal(value)),
  )
  test('a signal of any realm is, by its shape', () => {
    const { signal } = new AbortController()
    expect([optionalSignal(undefined), optionalSignal(signal)]).toEqual([undefined, signal])
    expect(() => optionalSignal({ aborted: false, addEventListener: () => {}, removeEventListener: () => {} })).not.toThrow()
  })
})
