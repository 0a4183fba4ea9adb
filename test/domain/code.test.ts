import { createHmac, createSecretKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { deriveCode, normalizeCode } from '../../src/domain/code.js'

const key = createSecretKey(Buffer.alloc(32, 7))
const lengths = [4, 5, 6, 7, 8, 9, 10]

/** Written apart from the implementation: draws of 48 bits, those above the largest multiple of 10ⁿ thrown away. */
function reference(id: string, nonce: string, length: number): string {
  const space = 10n ** BigInt(length)
  const usable = (2n ** 48n / space) * space
  for (let round = 0; ; round++) {
    const hex = createHmac('sha256', key).update([id, nonce, round].join('|')).digest('hex')
    const draw = (hex.match(/.{12}/g) ?? []).map((part) => BigInt(`0x${part}`)).find((it) => it < usable)
    if (draw !== undefined) return (draw % space).toString().padStart(length, '0')
  }
}

/** Sum of squared deviations from an even spread, in units of what is expected. */
const chiSquare = (counts: ArrayLike<number>, total: number) =>
  Array.from(counts).reduce((sum, count) => sum + (count - total / counts.length) ** 2 / (total / counts.length), 0)

describe('T-ENT-01: codes are uniform', () => {
  // The key and the ids are fixed, so that the figures are the same on every run. Critical values of p = .001: 27.9 for 9 degrees of
  // freedom, 148.2 for 99.
  test.each(lengths)('%i digits: each position, the first two together, and leading zeros', { timeout: 60_000 }, (length) => {
    const total = length === 6 ? 1_000_000 : 100_000
    const positions = Array.from({ length }, () => new Uint32Array(10))
    const pairs = new Uint32Array(100)
    for (let n = 0; n < total; n++) {
      const code = deriveCode(key, `challenge-${n}`, 'nonce', length)
      for (let at = 0; at < length; at++) positions[at]![code.charCodeAt(at) - 48]!++
      pairs[Number(code.slice(0, 2))]!++
    }
    for (const counts of positions) expect(chiSquare(counts, total)).toBeLessThan(27.9)
    expect(chiSquare(pairs, total)).toBeLessThan(148.2)
    if (length === 6) expect(Math.abs(positions[0]![0]! / total - 0.1)).toBeLessThan(0.0015)
  })

  test.each(lengths)('%i digits: always so many, the very ones that another release makes', (length) => {
    for (let n = 0; n < 1_000; n++) {
      const code = deriveCode(key, `{tag}${n}`, String(n % 7), length)
      expect(code).toMatch(/^[0-9]+$/)
      expect(code).toHaveLength(length)
      expect(code).toBe(reference(`{tag}${n}`, String(n % 7), length))
    }
  })

  // Ids whose first draw is too high: without rejection the low codes of ten digits would come 1.8 in 100 000 times more often.
  test.each([
    [10, 'id-8670'],
    [10, 'id-19197'],
    [10, 'id-81713'],
    [9, 'id-1367978'],
    [8, 'id-3722435'],
  ])('%i digits: the first draw of %s is thrown away', (length, id) => {
    const first = createHmac('sha256', key).update(`${id}|nonce|0`).digest().readUIntBE(0, 6)
    expect(deriveCode(key, id, 'nonce', length)).not.toBe(String(first % 10 ** length).padStart(length, '0'))
    expect(deriveCode(key, id, 'nonce', length)).toBe(reference(id, 'nonce', length))
  })

  test('key, challenge and nonce each make another code', () => {
    const code = deriveCode(key, 'id', 'nonce', 10)
    expect(deriveCode(key, 'id', 'nonce', 10)).toBe(code)
    expect(deriveCode(createSecretKey(Buffer.alloc(32, 8)), 'id', 'nonce', 10)).not.toBe(code)
    expect(deriveCode(key, 'id2', 'nonce', 10)).not.toBe(code)
    expect(deriveCode(key, 'id', 'nonce2', 10)).not.toBe(code)
  })
})

describe('T-ENT-02: nothing predictable has a say', () => {
  test('neither Math.random nor Date.now', () => {
    const codes = () => Array.from({ length: 100 }, (_, n) => deriveCode(key, String(n), 'nonce', 6))
    const before = codes()
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    const now = vi.spyOn(Date, 'now').mockReturnValue(0)
    expect(codes()).toEqual(before)
    expect([random.mock.calls, now.mock.calls]).toEqual([[], []])
  })

  test('no file of src says Math.random', () => {
    const src = new URL('../../src/', import.meta.url)
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    expect(files.length).toBeGreaterThan(40)
    expect(files.filter((name) => /Math\s*(?:\.|\[\s*['"`])\s*random/.test(readFileSync(new URL(name, src), 'utf8')))).toEqual([])
  })
})

/** The value of every decimal digit of Unicode, by the locale data of ICU and by compatibility: two tables that src does not use. */
function digitValues(): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const numberingSystem of Intl.supportedValuesOf('numberingSystem')) {
    const spelling = new Intl.NumberFormat('en', { numberingSystem, useGrouping: false })
    for (let value = 0; value < 10; value++) {
      const digit = spelling.format(value)
      if (/^\p{Nd}$/u.test(digit)) values.set(digit, String(value))
    }
  }
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    const digit = String.fromCodePoint(codePoint)
    if (/\p{Nd}/u.test(digit) && /^[0-9]$/.test(digit.normalize('NFKC'))) values.set(digit, digit.normalize('NFKC'))
  }
  return values
}

const dashes = [...'-\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u301c\ufe58\ufe63\uff0d']
const spaces = [...' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000']

describe('T-INP-03: what was typed', () => {
  test.each([
    ['123456', '123456'],
    ['000000', '000000'],
    [' 123 456 ', '123456'],
    ['12-34-56', '123456'],
    ['1 2 3 4 5 6', '123456'],
    ['１２３４５６', '123456'],
    ['١٢٣٤٥٦', '123456'],
    ['۱۲۳۴۵۶', '123456'],
    ['१२३ ४५६', '123456'],
    ['𝟏𝟐𝟑𝟜𝟝𝟞', '123456'],
    ['1٢३４5𝟔', '123456'],
    ['𝟎'.repeat(6), '000000'],
  ])('%j is the code %s', (input, code) => expect(normalizeCode(input, 6)).toBe(code))

  const refused = [
    ...['', ' ', '-', '12345', '1234567', '12345a', '1e5', '1e5000', '0x1F00', '+123456', '-1.234', '123.456', '123,456', '123_456'],
    ...['123/456', '123456\n', '\n123456', '123\t456', '123\r456', '123\u0000456', '123\u200b456', '\ufeff123456', '\u202a123456'],
    ...['123\u00ad456', '①②③④⑤⑥', '¹²³⁴⁵⁶', '½23456', 'ⅠⅡⅢⅣⅤⅥ', '一二三四五六', '𐄇𐄈𐄉𐄊𐄋𐄌', '12345\u0661\u0302', '123456\ud835'],
    ...['null', '__proto__', '{"$ne":""}', '1'.repeat(33), `123456${' '.repeat(27)}`, '1'.repeat(10_000_000)],
  ]
  test.each(refused.map((input) => [input.slice(0, 20), input]))('%j is no code', (_, input) => {
    expect(normalizeCode(input, 6)).toBeUndefined()
  })

  const values: readonly unknown[] = [
    ...[undefined, null, true, false, 0, 123456, 123456n, Number.NaN, Symbol('123456'), () => '123456', [], ['123456'], {}, { length: 6 }],
    ...[{ toString: () => '123456' }, new String('123456'), Buffer.from('123456'), new Proxy([], {}), new Date(), /123456/],
  ]
  test.each(values.map((input) => [inspect(input), input]))('%s is no code', (_, input) => {
    expect(normalizeCode(input, 6)).toBeUndefined()
  })

  test('32 characters of spaced digits outside the BMP are few enough', () => {
    expect(normalizeCode(`${'𝟗 '.repeat(9)}𝟗`, 10)).toBe('9'.repeat(10))
  })

  test('every decimal digit of Unicode counts by value; spaces and dashes fall away; every other character is refused', {
    timeout: 60_000,
  }, () => {
    const values = digitValues()
    const separators = new Set([...dashes, ...spaces])
    const neither = /[\p{L}\p{M}\p{Nl}\p{No}\p{C}\p{S}\p{Po}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Pc}\p{Zl}\p{Zp}]/u
    const wrong: string[] = []
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
      const one = String.fromCodePoint(codePoint)
      const read = normalizeCode(`12${one}345`, 6) ?? normalizeCode(`12${one}3456`, 6)
      const right = values.has(one) ? `12${values.get(one)}345` : separators.has(one) ? '123456' : undefined
      if (read !== right && (right !== undefined || neither.test(one))) wrong.push(codePoint.toString(16))
    }
    expect(wrong).toEqual([])
    expect(values.size).toBeGreaterThanOrEqual(650)
  })

  test('the normalizer is total and idempotent, and gives so many digits or nothing', () => {
    const digit = fc.constantFrom(...digitValues().keys())
    const spelled = fc.array(fc.oneof(digit, fc.constantFrom(...dashes, ...spaces))).map((parts) => parts.join(''))
    const visitor = fc.oneof(spelled, fc.string({ unit: 'binary' }), fc.anything({ withBigInt: true, withDate: true }))
    fc.assert(
      fc.property(visitor, fc.constantFrom(...lengths), (input, length) => {
        const code = normalizeCode(input, length)
        if (code === undefined) return
        expect(code).toMatch(new RegExp(`^[0-9]{${length}}$`))
        expect(normalizeCode(code, length)).toBe(code)
      }),
      { numRuns: 10_000 },
    )
  })
})
