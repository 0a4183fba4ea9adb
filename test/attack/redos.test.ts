import { generateKeyPairSync } from 'node:crypto'
import { parsePhoneNumber } from 'phone-verify'
import { createTestVerifier } from 'phone-verify/testing'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientKey } from '../../src/domain/client.js'
import { normalizeCode } from '../../src/domain/code.js'
import { canonicalLocale } from '../../src/domain/locale.js'
import { isSamePhone, type PhoneNumber } from '../../src/domain/phone-number.js'
import { readTree } from '../package/module.js'

const KB = 1024
const MB = 1024 * KB

/** What parsers are slow at: openings without an end, separators, digits, and what normalisation makes longer. */
const fillers: Readonly<Record<string, string>> = {
  parentheses: '(',
  extensions: ';ext=',
  spaces: ' ',
  tabs: '\t',
  dashes: '-',
  plus: '+',
  slashes: '/',
  dots: '.',
  digits: '1',
  zeros: '0',
  'digits and spaces': '1 ',
  'language tags': 'en-',
  base64url: 'A',
  'segments of base64url': 'AAAA.',
  'Arabic digits': '\u0661',
  'mathematical digits': '\u{1d7ce}',
  'no-break spaces': '\u00a0',
  'format characters': '\u200b',
  'combining marks': 'a\u0301',
  'a ligature of eighteen letters': '\ufdfa',
  'lone surrogates': '\ud800',
}

/** So much of a filler, with a head that begins well and a tail that spoils the match. */
const text = (filler: string, length: number, [head, tail] = ['', '']) =>
  head + filler.repeat(Math.ceil(length / filler.length)).slice(0, length - head.length - tail.length) + tail

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number

/** Milliseconds of the small and the large input, run by turns, so that whatever else the machine does slows both. */
function compare(read: (input: string) => unknown, small: string, large: string, runs = 41) {
  const spent = { small: [] as number[], large: [] as number[] }
  for (let run = 0; run < runs; run++) {
    for (const [size, input] of [
      ['small', small],
      ['large', large],
    ] as const) {
      const start = performance.now()
      read(input)
      spent[size].push(performance.now() - start)
    }
  }
  return { small: median(spent.small), large: median(spent.large) }
}

/** A thousand times the length may take twenty times as long. Below a twentieth of a millisecond nothing is measured but the clock. */
const isBounded = ({ small, large }: { readonly small: number; readonly large: number }) => large <= 20 * Math.max(small, 0.05)

let token = ''
const { verifier } = createTestVerifier({ defaultCountry: 'FR' })
const { verifier: signing } = createTestVerifier({ proofKeys: [{ kid: 'k1', ...generateKeyPairSync('ed25519') }] })

beforeAll(async () => {
  const sent = await verifier.sendCode({ phone: '+33612345678', purpose: 'login' })
  if (sent.ok) token = sent.sessionToken
})

const readers: readonly (readonly [string, (input: string) => unknown])[] = [
  ['parsePhoneNumber', (input) => parsePhoneNumber(input, { defaultCountry: 'FR' })],
  ['isSamePhone', (input) => isSamePhone(input, '+33612345678' as PhoneNumber)],
  ['normalizeCode', (input) => normalizeCode(input, 6)],
  ['canonicalLocale', canonicalLocale],
]

const verbs: readonly (readonly [string, (input: string) => Promise<{ readonly ok: boolean }>])[] = [
  ['sendCode phone', (phone) => verifier.sendCode({ phone, purpose: 'login' })],
  ['sendCode locale', (locale) => verifier.sendCode({ phone: '+33', purpose: 'login', locale })],
  ['resendCode sessionToken', (sessionToken) => verifier.resendCode({ sessionToken })],
  ['verifyCode sessionToken', (sessionToken) => verifier.verifyCode({ sessionToken, code: '1', purpose: 'login' })],
  ['verifyCode code', (code) => verifier.verifyCode({ sessionToken: token, code, purpose: 'login' })],
  ['verifyCode phone', (phone) => verifier.verifyCode({ sessionToken: token, code: '1', phone, purpose: 'login' })],
  ['redeemProof proof', (proof) => verifier.redeemProof({ proof, purpose: 'login' })],
  ['redeemProof signed proof', (proof) => signing.redeemProof({ proof, purpose: 'login' })],
  ['deliver sessionToken', (sessionToken) => verifier.deliver(sessionToken)],
]

describe('one megabyte takes no longer than one kilobyte (T-INP-05)', () => {
  test.each(readers)('%s', (_, read) => {
    for (const [name, filler] of Object.entries(fillers)) {
      const spent = compare(read, text(filler, KB), text(filler, MB))
      expect(isBounded(spent), `${name}: ${JSON.stringify(spent)}`).toBe(true)
    }
  })

  // The work before the first `await` of a verb is all that an input this long ever gets: the answer is a matter of microtasks.
  test.each(verbs)('%s', async (_, verb) => {
    for (const [name, filler] of Object.entries(fillers)) {
      const outcomes: Promise<{ readonly ok: boolean }>[] = []
      const spent = compare((input) => outcomes.push(verb(input)), text(filler, KB), text(filler, MB), 9)
      expect(isBounded(spent), `${name}: ${JSON.stringify(spent)}`).toBe(true)
      for (const outcome of await Promise.all(outcomes)) expect(outcome.ok).toBe(false)
    }
  })
})

describe('the longest input that is read at all takes time in proportion (T-INP-05)', () => {
  test.each(readers)('%s', (name, read) => {
    const [longest, ends] = name === 'normalizeCode' ? [32, ['', 'x']] : name === 'canonicalLocale' ? [64, ['en', '!']] : [64, ['+33', 'x']]
    for (const [filler, part] of Object.entries(fillers)) {
      const spent = compare(read, text(part, longest / 4, ends as [string, string]), text(part, longest, ends as [string, string]))
      expect(isBounded(spent), `${filler}: ${JSON.stringify(spent)}`).toBe(true)
    }
  })

  test('an address of a client', () => {
    for (const [filler, part] of Object.entries({ ...fillers, colons: ':', groups: 'f:', 'dotted groups': '1.', zones: '%' })) {
      const spent = compare((ip) => clientKey({ ip }), text(part, 16, [':', '']), text(part, 64, [':', '']))
      expect(isBounded(spent), `${filler}: ${JSON.stringify(spent)}`).toBe(true)
    }
  })

  test.each(['', '..', '..AAAAAAAAAAAAAAAA.', '..AAAAAAAAAAAAAAAA.AAAA.'])('a token with our own header, then %j', async (after) => {
    const header = token.slice(0, token.indexOf('.'))
    for (const part of ['A', 'AAAA.', '.', '-', 'AAAAA', ' ']) {
      const outcomes: Promise<unknown>[] = []
      const read = (sessionToken: string) => outcomes.push(verifier.resendCode({ sessionToken }))
      for (const length of [8 * KB, MB]) {
        const spent = compare(read, text(part, KB, [header + after, '']), text(part, length, [header + after, '']), 21)
        expect(isBounded(spent), `${part} of ${length}: ${JSON.stringify(spent)}`).toBe(true)
      }
      await Promise.all(outcomes)
    }
  })
})

test('control: this measure sees a parser that is quadratic', () => {
  const quadratic = (input: string) => / +$/.test(input)
  expect(isBounded(compare(quadratic, text(' ', KB, ['', 'x']), text(' ', 8 * KB, ['', 'x']), 5))).toBe(false)
})

/** Regular expression literals of a file, by the compiler's own parser. */
function literals(source: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text)
    if (ts.isIdentifier(node) && node.text === 'RegExp') found.push('RegExp')
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023, true))
  return found
}

const unbounded = /^(?:[*+]|\{\d+,\})/

/**
 * Whether a group that may repeat without bound holds something that may repeat without bound: the shape of most exponential matches.
 * A heuristic: it knows neither `(a|a)*` nor `\s*\s*`, which is why the inputs are measured as well.
 */
function nestsQuantifiers(literal: string): boolean {
  const open: boolean[] = []
  let repeats = false
  const plain = literal.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x')
  for (let at = 0; at < plain.length; at++) {
    const quantified = unbounded.test(plain.slice(at + 1))
    if (plain[at] === '(') {
      open.push(repeats)
      repeats = false
    } else if (plain[at] === ')') {
      if (repeats && quantified) return true
      repeats = (open.pop() ?? false) || repeats || quantified
    } else repeats ||= quantified
  }
  return false
}

describe('regular expressions', () => {
  const found = [...readTree('src', '.ts').values()].flatMap(literals)

  test('none of src nests one unbounded quantifier in another, and none is made at run time', () => {
    expect(found.length).toBeGreaterThan(20)
    expect(found.filter((literal) => literal === 'RegExp' || nestsQuantifiers(literal))).toEqual([])
  })

  test.each(['/(a+)+$/', '/^(?:[a-z]*,)*$/', '/(\\w+\\s?)+x/', '/((a|b+)c)*/', '/(?:a{2,})+/', '/(?:x(?:y)+)+/'])(
    'control: %s does',
    (literal) => {
      expect(literals(`const evil = ${literal}`)).toEqual([literal])
      expect(nestsQuantifiers(literal)).toBe(true)
    },
  )

  test.each(['/(?:[\\w-]{4})*/', '/^[+*]+(?:a|b){2,3}$/', '/(?:a\\+)+/', '/(?:a)+(?:b)+/'])('control: %s does not', (literal) => {
    expect(nestsQuantifiers(literal)).toBe(false)
  })
})
