import { describe, expect, test } from 'vitest'
import { converse } from '../../examples/terminal/conversation.js'
import { createDemo } from '../../examples/terminal/demo.js'
import type { DemoOptions } from '../../examples/terminal/options.js'
import { createPhone } from '../../examples/terminal/phone.js'
import { scriptedTerminal } from '../../examples/terminal/script.js'
import { duration } from '../../examples/terminal/sentences.js'
import { memoryStore } from '../../src/store/memory.js'
import { fakeClock } from '../../src/testing/clock.js'

const mobile = '+33612345678'
const esc = '\u001b'
const wrongFiveTimes = Array<string>(5).fill('@wrong')

/** The phone on the screen. */
const backendOf = (write: (text: string) => void) => {
  const phone = createPhone(write)
  return { sms: phone, lastCode: phone.lastCode }
}

/** One conversation in this process. `codes` are those that were drawn. */
async function play(lines: readonly string[], options: Partial<DemoOptions> = {}) {
  const clock = fakeClock()
  let output = ''
  const write = (text: string) => {
    output += text
  }
  const store = memoryStore({ now: clock.now })
  const given = { country: undefined, purpose: 'login', ttlMs: undefined, resend: 'same', ...options } as const
  const demo = createDemo(given, { store, backend: backendOf(write), now: clock.now })
  const terminal = scriptedTerminal({ lines, write, wait: clock.advance, phone: demo.phone })
  const verified = await converse(demo, terminal).finally(() => demo.verifier.close())
  const codes = [...output.matchAll(/│ (\d{6}) (?:is|confirms)/g)].map(([, code]) => code as string)
  return { verified, output, codes, said: output.split('\n').filter((line) => !/^[╭│├╰]|^$/.test(line)) }
}

const numberAsked = (answer: string) => `Phone number (q leaves): ${answer}`
const codeAsked = (answer: string) => `Code (r resends, n starts anew, q leaves): ${answer}`
const welcome = 'This demo verifies a phone number. No SMS leaves this machine: it is drawn here.'
const tooEarly = (wait: string) => `Not yet: wait ${wait}. (rate_limited by sendsPerPhone)`

describe('a conversation', () => {
  test('verifies a number and redeems its proof once', async () => {
    const { verified, said, output, codes } = await play([mobile, '@code'])
    expect(verified).toBe(true)
    expect(said).toEqual([
      welcome,
      numberAsked(mobile),
      'The code is good for 5 min. It can be sent again in 30 s.',
      codeAsked('@code'),
      `verified ${mobile} for login`,
      expect.stringMatching(/^proof {4}[\w-]{16}…[\w-]{8} \(\d{3} characters\)$/),
      `scope    ${mobile}, login; one use within 10 min`,
      `redeemed ${mobile} for login`,
      'again    A proof works once. (already_redeemed)',
    ])
    expect(codes).toHaveLength(1)
    expect(output).toContain(`│ SMS to ${mobile} `)
    expect(output.indexOf('│ SMS to')).toBeLessThan(output.indexOf('Code ('))
    expect(output).not.toContain(esc)
  })

  test('takes the code that is drawn, however it is grouped', async () => {
    const clock = fakeClock()
    const drawn: string[] = []
    const demo = createDemo(
      { country: 'FR', purpose: 'login', ttlMs: undefined, resend: 'same' },
      { store: memoryStore({ now: clock.now }), backend: backendOf((text) => drawn.push(text)), now: clock.now },
    )
    const answers = (function* () {
      yield '06 12 34 56 78'
      const [, first, second] = /│ (\d{3})(\d{3}) is/.exec(drawn.join('')) ?? []
      yield `${first}-${second}`
    })()
    const ask = async () => answers.next().value || undefined
    expect(await converse(demo, { ask, say: () => {} })).toBe(true)
  })

  test('counts five wrong codes, then refuses the right one and starts anew', async () => {
    const { verified, said } = await play([mobile, ...wrongFiveTimes, '@code', mobile, '@wait 30s', mobile, '@code'])
    expect(said.filter((line) => line.startsWith('Wrong code'))).toEqual(
      ['4 attempts', '3 attempts', '2 attempts', '1 attempt', 'no attempts'].map((left) => `Wrong code: ${left} left. (incorrect_code)`),
    )
    const over = said.indexOf('Too many wrong codes: now even the right one is refused. (too_many_attempts)')
    expect(said.slice(over + 1, over + 4)).toEqual(['You can start anew with a number.', numberAsked(mobile), tooEarly('30 s')])
    expect(verified).toBe(true)
  })

  test('locks a phone after ten wrong codes, whatever the challenge', async () => {
    const round = [mobile, ...wrongFiveTimes, 'n']
    const { verified, said } = await play([...round, '@wait 30s', ...round, '@wait 1m', mobile, '@code'])
    expect(verified).toBe(false)
    expect(said).toContain('Too many wrong codes: locked for 13 min 30 s. (locked by failuresPerPhone)')
  })

  test('resends when it is time, the same code', async () => {
    const { verified, said, codes } = await play([mobile, 'r', '@wait 29s', 'R', '@wait 1s', 'r', '@code'])
    expect(said.filter((line) => /^(Not|The code)/.test(line))).toEqual([
      'The code is good for 5 min. It can be sent again in 30 s.',
      tooEarly('30 s'),
      tooEarly('1 s'),
      'The code is good for 5 min. It can be sent again in 1 min.',
    ])
    expect(codes).toHaveLength(2)
    expect(codes[0]).toBe(codes[1])
    expect(verified).toBe(true)
  })

  test('resends a new code where that is wanted', async () => {
    const { verified, codes } = await play([mobile, '@wait 30s', 'r', '@wait 1m', 'r', '@code'], { resend: 'new' })
    expect(codes).toHaveLength(3)
    // Two neighbours may be alike by chance, three are not.
    expect(new Set(codes).size).toBeGreaterThan(1)
    expect(verified).toBe(true)
  })

  test('an expired code can be sent again while there is time', async () => {
    const { verified, said } = await play([mobile, '@wait 1m', '@code', 'r', '@code'], { ttlMs: 60_000 })
    const expired = said.indexOf('The time for this code is over. (expired)')
    expect(said.slice(expired + 1, expired + 3)).toEqual(['r sends it again while there is time, n starts anew.', codeAsked('r')])
    expect(verified).toBe(true)
  })

  test('after ten minutes only a new start helps', async () => {
    const { verified, said } = await play([mobile, '@wait 541s', 'r', mobile, '@code'], { purpose: 'registration' })
    const expired = said.indexOf('The time for this code is over. (expired)')
    expect(said.slice(expired + 1, expired + 3)).toEqual(['You can start anew with a number.', numberAsked(mobile)])
    expect(verified).toBe(true)
  })

  test.each([
    ['nonsense', 'no number', 'invalid_phone_number'],
    ['a national number without a country', '0612345678', 'invalid_phone_number'],
    ['a landline', '+33123456789', 'number_type_not_allowed'],
    ['a premium number', '+33899123456', 'number_type_not_allowed'],
  ])('refuses %s and asks again', async (_, number, reason) => {
    const { verified, said, codes } = await play([number, mobile, '@code'])
    expect(said[2]).toMatch(new RegExp(`^[A-Z].*\\. \\(${reason}\\)$`))
    expect(said[3]).toBe(numberAsked(mobile))
    expect(codes).toHaveLength(1)
    expect(verified).toBe(true)
  })

  test('what is no code costs no attempt', async () => {
    const { said } = await play([mobile, 'abc', '12345', '@wrong'])
    expect(said.filter((line) => line.endsWith('(malformed_code)'))).toHaveLength(2)
    expect(said).toContain('Wrong code: 4 attempts left. (incorrect_code)')
  })

  test.each([
    ['q instead of a number', ['q', mobile, '@code']],
    ['Q instead of a code', [mobile, 'Q', '@code']],
    ['the end of the input before a number', []],
    ['the end of the input before a code', [mobile]],
  ])('leaves at %s', async (_, lines) => {
    const { verified, said } = await play(lines)
    expect(verified).toBe(false)
    expect(said.at(-1)).toBe('Bye.')
  })

  test('a payment shows what is approved, in the SMS and in the scope', async () => {
    const { verified, output } = await play([mobile, '@code'], { purpose: 'payment' })
    expect(output).toMatch(/│ \d{6} confirms at Acme: amount {4}│\n│ 19\.90 EUR, payee Acme Books\./)
    expect(output).toContain(`scope    ${mobile}, payment, amount 19.90 EUR, payee Acme Books; one use within 10 min`)
    expect(verified).toBe(true)
  })

  test('an SMS that leaves after the reply is drawn before the code is asked for', async () => {
    const { verified, output } = await play([mobile, '@code'], { purpose: 'password_reset' })
    expect(output.indexOf('│ SMS to')).toBeLessThan(output.indexOf('Code ('))
    expect(verified).toBe(true)
  })

  test.each([
    [0, '0 s'],
    [1, '1 s'],
    [59_001, '1 min'],
    [61_000, '1 min 1 s'],
  ])('says %i ms as %s', (ms, words) => expect(duration(ms)).toBe(words))
})

describe('a script', () => {
  test('may hold comments and empty lines, and steers no terminal', async () => {
    const { verified, output } = await play(['# a visit', '', `${esc}[31m${mobile}`, `  ${mobile}\r`, '@code'])
    expect(output).not.toContain(esc)
    expect(output).not.toContain('a visit')
    expect(verified).toBe(true)
  })

  test.each([
    ['an unknown directive', ['@sleep 3'], /the script says @sleep 3/],
    ['a code before there is one', ['@code'], /no SMS has arrived/],
  ])('fails at %s', async (_, lines, message) => {
    await expect(play(lines)).rejects.toThrow(message)
  })
})
