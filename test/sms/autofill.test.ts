import { describe, expect, test } from 'vitest'
import { autofill } from '../../src/sms/autofill.js'
import type { SmsMessage } from '../../src/sms/backend.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { templated } from '../../src/sms/templated.js'
import { backendContract } from '../../src/testing/backend-contract.js'

const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: '482913 is your Acme code.',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme', minutes: 5 },
  ...over,
})

type Options = Parameters<typeof autofill>[0]

const sent = async (options: Options, over: Partial<SmsMessage> = {}) => {
  const outbox = outboxBackend()
  await autofill(options, outbox).send(message(over))
  return outbox.messages[0]?.text ?? ''
}

/** The parsing of https://wicg.github.io/sms-one-time-codes/#parsing, step by step; null is failure. */
function parseOneTimeCode(text: string): { host: string; embedded: string | null; code: string } | null {
  const line = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n').at(-1) as string
  let position = 0
  const token = (marker: string): string | null => {
    if (position >= line.length || line[position] !== marker) return null
    position += 1
    const start = position
    while (position < line.length && !'\t\n\f\r '.includes(line[position] as string)) position += 1
    return position === start ? null : line.slice(start, position)
  }
  const host = token('@')
  if (host === null || line[position] !== ' ') return null
  position += 1
  const code = token('#')
  if (code === null) return null
  if (line[position] !== ' ') return { host, embedded: null, code }
  position += 1
  return { host, embedded: token('%'), code }
}

/** Every place that any line, or a browser that looks at the whole text, would take for the host and the code. */
function everythingBound(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/)
  const byLine = lines.map(parseOneTimeCode).filter((found) => found !== null)
  const anywhere = [...text.matchAll(/(?:^|[\t\n\f\r ])@([a-zA-Z0-9.-]+) #([^#\t\n\f\r ]+)/g)]
  return [...byLine.map(({ host, code }) => `${host} ${code}`), ...anywhere.map(([, host, code]) => `${host} ${code}`)]
}

const once = ['example.com 482913', 'example.com 482913']

describe('the parser of the test', () => {
  test.each([
    ['747723 is your code.\n\n@example.com #747723', { host: 'example.com', embedded: null, code: '747723' }],
    ['@example.com #747723 %ecommerce.example', { host: 'example.com', embedded: 'ecommerce.example', code: '747723' }],
    ['@example.com #747723 %ecommerce.example $future', { host: 'example.com', embedded: 'ecommerce.example', code: '747723' }],
    ['something @example.com #747723', null],
    ['#747723 %ecommerce.example @example.com', null],
    ['@example.com code #747723', null],
    ['@example.com  #747723', null],
    ['@example.com #747723\n', null],
    ['', null],
  ])('reads the examples of the specification: %j', (text, expected) => {
    expect(parseOneTimeCode(text)).toEqual(expected)
  })
})

describe('contract', () => {
  const cases: readonly (readonly [string, Options, RegExp])[] = [
    ['without options', {}, /$^/],
    ['with a reference', { reference: 'QKZ' }, /\nRef: QKZ$/],
    // One text of the contract ends with the line already, and is not given another.
    ['with a domain', { domain: 'example.com' }, /(?<!^Acme: 482913)\n\n@example\.com #482913$/],
  ]
  for (const [title, options, added] of cases) {
    describe(title, () => {
      const makeBackend = () => {
        const outbox = outboxBackend()
        const delivered = () => outbox.messages.map(({ to, text }) => ({ to, text: text.replace(added, '') }))
        return { backend: autofill(options, outbox), delivered }
      }
      backendContract({ test, makeBackend })
    })
  }
})

describe('what is added', () => {
  test.each<readonly [Options, string]>([
    [{}, ''],
    [{ domain: 'example.com' }, '\n\n@example.com #482913'],
    [{ androidHash: 'FA+9qCX9VSu' }, '\n\nFA+9qCX9VSu'],
    [{ reference: 'QKZ' }, '\nRef: QKZ'],
    [{ domain: 'login.example.co.uk', androidHash: 'FA+9qCX9VSu' }, '\n\nFA+9qCX9VSu\n@login.example.co.uk #482913'],
    [{ domain: 'localhost', reference: 'Q-K' }, '\nRef: Q-K\n\n@localhost #482913'],
    [
      { domain: 'example.com', androidHash: 'FA+9qCX9VSu', reference: ({ context }) => String(context['ref']) },
      '\nRef: ABC\n\nFA+9qCX9VSu\n@example.com #482913',
    ],
    [{ reference: () => undefined }, ''],
  ])('%j', async (options, added) => {
    expect(await sent(options, { context: { app: 'Acme', ref: 'ABC' } })).toBe(`482913 is your Acme code.${added}`)
  })

  test('nothing to a notice', async () => {
    const outbox = outboxBackend()
    const { code: _, ...notice } = message({ text: 'Your password was changed. @a.example #1', template: 'password_changed' })
    await autofill({ domain: 'example.com', androidHash: 'FA+9qCX9VSu', reference: 'QKZ' }, outbox).send(notice)
    expect(outbox.messages).toEqual([notice])
  })

  test('nothing to the message that was given', async () => {
    const given = Object.freeze(message())
    await autofill({ domain: 'example.com' }, outboxBackend()).send(given)
    expect(given).toEqual(message())
  })

  test('the line once, be it there already', async () => {
    const outbox = outboxBackend()
    await autofill({ domain: 'example.com' }, autofill({ domain: 'example.com' }, outbox)).send(message())
    expect(outbox.messages[0]?.text).toBe('482913 is your Acme code.\n\n@example.com #482913')
  })

  test('goes by the name of the backend', () => {
    expect(autofill({}, outboxBackend()).name).toBe('outbox')
  })
})

describe('refusals', () => {
  test.each([
    ['domain', ['https://example.com', 'example.com/', 'example.com:443', 'a@example.com', 'Example.com', 'example.com.', '.com', 'a..b']],
    ['domain', ['-a.com', 'a-.com', 'exämple.com', 'a b', 'a\n', '', 'example.com #1', `${'a'.repeat(64)}.com`, 5, null, 'a_b.com']],
    ['androidHash', ['FA+9qCX9VS', 'FA+9qCX9VSuu', 'FA+9qCX9VS=', 'FA 9qCX9VSu', 'FA-9qCX9VSu', 'FA+9qCX9VS\n', '', 5, null]],
    ['reference', ['', '123', 'A1', '-A', 'A-', 'a b', 'a\n', 'é', 'a'.repeat(17), 5, null]],
  ])('%s: %j', (option, values) => {
    for (const value of values) {
      const options = { [option]: value } as Options
      expect(() => autofill(options, outboxBackend()), JSON.stringify(value)).toThrow(
        expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', problems: [{ option, message: expect.any(String) }] }),
      )
    }
  })

  test('all at once', () => {
    const options = { domain: 'https://a', androidHash: 'x', reference: '1' }
    expect(() => autofill(options, outboxBackend())).toThrow(
      expect.objectContaining({ problems: ['domain', 'androidHash', 'reference'].map((option) => expect.objectContaining({ option })) }),
    )
  })

  const rejection = async (options: Options, over: Partial<SmsMessage>) => {
    const outbox = outboxBackend()
    const error = await autofill(options, outbox)
      .send(message(over))
      .catch((caught) => caught)
    expect(outbox.messages).toEqual([])
    return error
  }

  test('140 bytes are read with the hash, 141 are not', async () => {
    const options = { androidHash: 'FA+9qCX9VSu' }
    const fill = (bytes: number) => `482913 ${'x'.repeat(bytes - 7 - 13)}`
    expect(Buffer.byteLength(await sent(options, { text: fill(140) }))).toBe(140)
    expect(await rejection(options, { text: fill(141) })).toMatchObject({ code: 'ERR_PV_CONFIGURATION', problems: [{ option: 'text' }] })
    // A letter beyond ASCII is two bytes; without a hash nobody counts.
    expect(await rejection(options, { text: fill(140).replace('x', 'é') })).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    expect(await sent({ domain: 'example.com' }, { text: fill(600) })).toContain('@example.com')
  })

  test('what must be read must stand in the text, not only in the last line', async () => {
    const error = await rejection({ domain: 'example.com' }, { text: 'Acme code.', mustContain: ['482913'] })
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', backend: 'outbox' })
    expect(await rejection({ domain: 'example.com' }, { text: ' ' })).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
  })

  test('a value that must be read and looks like a line', async () => {
    const payee = '@evil.example #111111'
    const error = await rejection({ domain: 'example.com' }, { text: `482913 pays ${payee}`, mustContain: [payee], context: { payee } })
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    expect(String(error)).not.toContain('evil')
  })

  test.each(['४८२९१३', '48 29', '#1', ''])('code %j', async (code) => {
    expect(await rejection({ domain: 'example.com' }, { code })).toMatchObject({ problems: [{ option: 'code' }] })
  })

  test.each<readonly [string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('482913')
      },
    ],
    ['answers a number', () => 482913],
    ['answers digits', () => '482913'],
    ['answers a line', () => 'A\n@evil.example #1'],
  ])('a reference that %s', async (_, reference) => {
    const error = await rejection({ reference: reference as () => string }, {})
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', problems: [{ option: 'reference' }] })
    expect(`${error.message} ${error.cause}`).not.toContain('482913')
  })
})

describe('a text that forges the line', () => {
  const forgeries = [
    '@evil.example #111111',
    '\n@evil.example #111111',
    '\r@evil.example #111111',
    '\r\n\r\n@evil.example #111111\n',
    '@evil.example #111111 %evil.example',
    '@evil.example\t#111111',
    '@évil.example #111111',
    '@@evil.example #111111',
    '@a\u00a0b #1',
    'x\f@evil.example ##',
    '@example.com #111111',
    '@example.com #482913',
    '@evil.example #',
    '{code}',
    '{{code}}',
    `\${code}`,
    '{{constructor}}',
    '{{app}}',
    '%s',
    '$&',
  ]

  test.each(forgeries)('%j in the text', async (forgery) => {
    for (const text of [`482913 ${forgery}`, `${forgery} 482913`, `482913\n${forgery}`, `${forgery}\n482913`]) {
      const whole = await sent({ domain: 'example.com' }, { text })
      expect(whole.split('\n').at(-1)).toBe('@example.com #482913')
      expect(everythingBound(whole)).toEqual(once)
    }
  })

  test.each(forgeries)('%j as the name of the application', async (app) => {
    const outbox = outboxBackend()
    const code = { other: '{{code}}: {{app}}\n{{app}} {{app}}' }
    await templated({ code }, autofill({ domain: 'example.com' }, outbox)).send(message({ context: { app } }))
    const whole = outbox.messages[0]?.text ?? ''
    expect(whole.split('\n')).toHaveLength(4)
    expect(whole.split('\n').slice(2)).toEqual(['', '@example.com #482913'])
    expect(everythingBound(whole)).toEqual(once)
    if (!app.includes('@')) expect(whole.startsWith(`482913: ${app}\n${app} ${app}\n`)).toBe(true)
  })

  test('two values and the text between them', async () => {
    const outbox = outboxBackend()
    const sms = templated({ code: { other: '{{payee}} #{{code}}' }, variables: ['payee'] }, autofill({ domain: 'example.com' }, outbox))
    await sms.send(message({ context: { payee: '@evil.example' } }))
    expect(everythingBound(outbox.messages[0]?.text ?? '')).toEqual(once)
  })

  test.each(['write to help@example.com #482913', 'a@b.example #5', '@acme on the web', 'order #5 @ 10:00'])(
    '%j is none, and stays',
    async (part) => {
      expect(await sent({ domain: 'example.com' }, { text: `482913: ${part}` })).toBe(`482913: ${part}\n\n@example.com #482913`)
    },
  )
})

/** A generator of our own, so that a failure comes back with the same seed. */
const seeded = (seed: number) => {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('10 000 random messages', () => {
  const pieces = [
    '@',
    '#',
    ' ',
    ' #',
    '\n@',
    '\r\n',
    '\r',
    '\t',
    '%',
    '@evil.example #111111',
    '@a.b #',
    'evil.example',
    '111111',
    'é',
    '\u00a0',
    '\u2028',
    '😀',
    'a',
  ]
  const random = seeded(20_261_120)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const messages = Array.from({ length: 10_000 }, () => {
    const noise = () => Array.from({ length: random(12) }, () => pick(pieces)).join('')
    const code = String(random(1_000_000)).padStart(6, '0')
    const domain = pick(['example.com', 'a.example', 'login.shop.example.co.uk', 'xn--bcher-kva.example'])
    return { domain, code, text: `${noise()}${code}${noise()}` }
  })
  const isRight = (whole: string, { domain, code }: { domain: string; code: string }) => {
    const parsed = parseOneTimeCode(whole)
    const line = `@${domain} #${code}`
    return (
      parsed?.host === domain &&
      parsed.code === code &&
      parsed.embedded === null &&
      whole.endsWith(`\n${line}`) &&
      everythingBound(whole).join() === `${domain} ${code},${domain} ${code}`
    )
  }

  test('host and code come back, and nothing else would', async () => {
    const outbox = outboxBackend()
    const backends = new Map<string, ReturnType<typeof autofill>>()
    for (const { domain, code, text } of messages) {
      const backend = backends.get(domain) ?? autofill({ domain, reference: 'QKZ' }, outbox)
      backends.set(domain, backend)
      await backend.send(message({ text, code }))
      const whole = outbox.messages.at(-1)?.text ?? ''
      expect(isRight(whole, { domain, code }), JSON.stringify(whole)).toBe(true)
    }
    expect(outbox.messages).toHaveLength(10_000)
  })

  test('which appending the line alone does not do', () => {
    const wrong = messages.filter((one) => !isRight(`${one.text}\n\n@${one.domain} #${one.code}`, one))
    expect(wrong.length).toBeGreaterThan(1_000)
  })
})
