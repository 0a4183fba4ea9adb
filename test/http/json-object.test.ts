import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asJsonObject, readJsonObject } from '../../src/http/json-object.js'

const read = (text: string | Uint8Array) => readJsonObject(typeof text === 'string' ? Buffer.from(text) : text)

const wrong = (message: string, field = 'body') => ({ error: { field, message } })

/** Own fields as `JSON.parse` has them, `__proto__` among them. */
const plain = (value: object) => Object.entries(value)

/** What JSON.parse makes of a text, if anything. */
const attempt = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

describe('a body that is one JSON object', () => {
  test('is what JSON.parse makes of it, where no name comes twice', () => {
    const object = fc.dictionary(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'a', '"', '\\', ':', '{}')),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space)
        const result = read(text)
        if ('error' in result) throw new Error(`${result.error.message}: ${text}`)
        expect(plain(result.fields)).toEqual(plain(JSON.parse(text)))
        expect(Object.getPrototypeOf(result.fields)).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  test('is refused where JSON.parse refuses it, and only there', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1', 'null', ' ', '\\u0061', '""', '"a":'), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        const parsed = attempt(text)
        if (parsed === undefined) expect(read(text)).toEqual(wrong('must be JSON in UTF-8'))
        else if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value))
          expect(read(text)).toEqual(wrong('must be a JSON object'))
        else {
          const result = read(text)
          if ('fields' in result) expect(plain(result.fields)).toEqual(plain(parsed.value))
          else expect(result.error.message).toBe('must not come twice')
        }
      }),
      { numRuns: 5_000 },
    )
  })

  test('with a name twice is refused, wherever and however it is written', () => {
    const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('__proto__', 'phone', '', '"', '\\'))
    const escaped = (text: string) =>
      `"${[...text].map((character) => [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')).join('')}"`
    fc.assert(
      fc.property(name, fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.boolean(), (twice, others, value, isEscaped) => {
        const members = Object.entries(others).map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`)
        const text = `{${[`${JSON.stringify(twice)}:1`, ...members, `${isEscaped ? escaped(twice) : JSON.stringify(twice)}:${JSON.stringify(value)}`].join(', ')}}`
        expect(read(text)).toMatchObject({ error: { message: 'must not come twice' } })
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['{"phone":1,"phone":2}', 'phone'],
    ['{"a_1":1,"x":[{"y":1,"y":2}],"a_1":2}', 'a_1'],
    ['{"":1,"":2}', 'body'],
    ['{"<b>":1,"<b>":2}', 'body'],
    [`{"${'a'.repeat(33)}":1,"${'a'.repeat(33)}":2}`, 'body'],
    ['{"__proto__":1,"__proto__":2}', 'body'],
  ])('%s says which, where it is safe to say', (text, field) => expect(read(text)).toEqual(wrong('must not come twice', field)))

  test.each([
    '{"a":{"b":1},"b":2}',
    '{"a":[{"b":1},{"b":2}]}',
    '{"a":"\\"a\\":1,\\"a\\":2","b":"{\\"a\\":1"}',
    '{"a":{"a":{"a":1}}}',
    '{"a":1,"A":2}',
  ])('%s has each name once', (text) => expect(read(text)).toHaveProperty('fields'))

  test.each([
    [0xff],
    [0x22, 0xc0, 0xaf, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
    [0x22, 0xe2, 0x82, 0x22],
  ])('bytes that are no UTF-8 are refused, not replaced', (...bytes) =>
    expect(read(Buffer.from(bytes))).toEqual(wrong('must be JSON in UTF-8')),
  )

  test('any bytes at all get an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(Object.keys(read(bytes))).toHaveLength(1)
      }),
    )
  })

  test('neither a polluted prototype nor __proto__ says anything', () => {
    const result = read('{"__proto__":{"phone":"x"},"constructor":{"prototype":{}}}')
    if ('error' in result) throw new Error(result.error.message)
    expect(result.fields['phone']).toBeUndefined()
    expect(Object.keys(result.fields)).toEqual(['__proto__', 'constructor'])
    expect({}).not.toHaveProperty('phone')
  })
})

describe('what a host has parsed', () => {
  test.each([undefined, null, 0, 'text', true, [], [{}], () => {}, Symbol('x')])('%s is no object', (value) => {
    expect(asJsonObject(value)).toEqual(wrong('must be a JSON object'))
  })

  test('counts with its own fields alone', () => {
    const result = asJsonObject(Object.assign(Object.create({ phone: 'inherited' }), { code: '1' }))
    expect(result).toEqual({ fields: { code: '1' } })
    expect('fields' in result && result.fields['phone']).toBeFalsy()
  })
})
