import { expect, test } from 'vitest'
import { asciiDigit } from '../../src/domain/digit.js'

// The zeros of every script with digits of its own, from UnicodeData.txt 17.0. A runtime with an older Unicode does not know the last ones.
const zeros: readonly number[] = [
  ...[0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20],
  ...[0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900],
  ...[0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0],
  ...[0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x1e140],
  ...[0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0],
  // Unicode 16 and 17.
  ...[0x10d40, 0x116d0, 0x116da, 0x11bf0, 0x11de0, 0x16130, 0x16d70, 0x1ccf0, 0x1e5f1],
  // Mathematical digits: five runs that touch.
  ...[0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6],
]

const known = zeros.filter((zero) => /\p{Nd}/u.test(String.fromCodePoint(zero)))

test('there are the digits of at least 65 scripts to read', () => {
  expect(new Set(known).size).toBeGreaterThanOrEqual(65)
})

test.each(known.map((zero) => [zero.toString(16), zero] as const))('the ten digits from U+%s count by value', (_, zero) => {
  const digits = Array.from({ length: 10 }, (_, value) => String.fromCodePoint(zero + value))
  expect(digits.map(asciiDigit).join('')).toBe('0123456789')
})

test('every decimal digit of Unicode is one of a run of ten', () => {
  const runs = new Set<number>()
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    const digit = String.fromCodePoint(codePoint)
    if (/\p{Nd}/u.test(digit)) runs.add(codePoint - Number(asciiDigit(digit)))
  }
  expect(
    [...runs]
      .flatMap((zero) => Array.from({ length: 10 }, (_, value) => zero + value))
      .filter((it) => !/\p{Nd}/u.test(String.fromCodePoint(it))),
  ).toEqual([])
})
