import { describe, expect, test } from 'vitest'
import type { SmsMessage } from '../../src/sms/backend.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { type TemplatedOptions, templated } from '../../src/sms/templated.js'
import { backendContract } from '../../src/testing/backend-contract.js'

const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: '482913 is your Acme code.',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme', minutes: 5 },
  ...over,
})

const notice = (over: Partial<SmsMessage> = {}): SmsMessage => {
  const { code: _, ...rest } = message({ text: 'As the core says it.', purpose: 'notice', template: 'password_changed', ...over })
  return rest
}

const textOf = async (options: TemplatedOptions, given: SmsMessage) => {
  const outbox = outboxBackend()
  await templated(options, outbox).send(given)
  return outbox.messages[0]?.text
}

const rejection = async (options: TemplatedOptions, given: SmsMessage) => {
  const outbox = outboxBackend()
  const error = await templated(options, outbox)
    .send(given)
    .catch((caught) => caught)
  expect(outbox.messages).toEqual([])
  return error
}

describe('contract', () => {
  const makeBackend = () => {
    const outbox = outboxBackend()
    // No text fits what the contract sends: every character must come through.
    const options = { code: { login: '{{code}}', payment: [{ when: { payee: 'nobody' }, text: '{{code}}' }] }, notice: { other: 'x' } }
    return { backend: templated(options, outbox), delivered: () => outbox.messages }
  }
  backendContract({ test, makeBackend })
})

describe('contract, with a text that fits', () => {
  const makeBackend = () => {
    const outbox = outboxBackend()
    // The text is put in again from the context, by a wrapper of the test, so that the leaf still gets what was sent.
    const inner = templated({ code: { payment: '{{whole}}{{code}}' }, variables: ['whole'] }, outbox)
    const backend = {
      name: inner.name,
      send: (given: SmsMessage, signal?: AbortSignal) => inner.send({ ...given, context: { ...given.context, whole: given.text } }, signal),
    }
    return { backend, delivered: () => outbox.messages.map(({ to, text }) => ({ to, text: text.replace(/482913$/, '') })) }
  }
  const sentences = new Map<string, () => Promise<void>>()
  backendContract({ test: (title, run) => sentences.set(title, run), makeBackend })
  // The others send texts with line breaks, or none at all, on purpose: here they would come out as one line, or with a code.
  const kept = [...sentences].filter(([title]) =>
    /exactly once|name the backend in its receipt|NOT change|NOT mix|signal aborted/.test(title),
  )
  test('are five of its sentences', () => expect(kept).toHaveLength(5))
  for (const [title, run] of kept) test(title, run)
})

describe('the choice of a text', () => {
  const options: TemplatedOptions = {
    code: {
      login: '{{code}} signs you in at {{app}}.',
      payment: [
        { when: { kind: 'refund', amount: 5 }, text: '{{code}} refunds five' },
        { when: { kind: 'refund' }, text: '{{code}} refunds {{amount}}' },
        '{{code}} pays {{amount}} at {{app}} within {{minutes}} min',
      ],
      transfer: [{ when: { kind: 'own' }, text: '{{code}} moves {{amount}}' }],
      other: [{ when: { brand: 'Shop' }, text: '{{code}} for the shop' }, '{{code}} for {{app}}'],
    },
    notice: { password_changed: 'Password of {{app}} changed.' },
    variables: ['amount', 'payee'],
  }
  const context = (fields: SmsMessage['context']) => ({ context: { app: 'Acme', minutes: 5, ...fields } })

  test.each<readonly [string, Partial<SmsMessage>, string]>([
    ['by purpose', {}, '482913 signs you in at Acme.'],
    ['another purpose', { purpose: 'registration' }, '482913 for Acme'],
    ['another purpose, by context', { purpose: 'registration', ...context({ brand: 'Shop' }) }, '482913 for the shop'],
    ['every field must fit', { purpose: 'payment', ...context({ kind: 'refund', amount: 5 }) }, '482913 refunds five'],
    ['a number fits its text', { purpose: 'payment', ...context({ kind: 'refund', amount: '5' }) }, '482913 refunds five'],
    ['the first that fits', { purpose: 'payment', ...context({ kind: 'refund', amount: 6 }) }, '482913 refunds 6'],
    ['or the one without a condition', { purpose: 'payment', ...context({ amount: '7 EUR' }) }, '482913 pays 7 EUR at Acme within 5 min'],
    ['none of its own: other', { purpose: 'transfer', ...context({ kind: 'out' }) }, '482913 for Acme'],
    ['the name of a thing every object has', { purpose: 'constructor' }, '482913 for Acme'],
  ])('%s', async (_, over, text) => {
    expect(await textOf(options, message(over))).toBe(text)
  })

  test('notices have texts of their own, and pass unchanged without one', async () => {
    expect(await textOf(options, notice())).toBe('Password of Acme changed.')
    expect(await textOf(options, notice({ template: 'password_reset' }))).toBe('As the core says it.')
    expect(await textOf({ notice: { other: '{{app}} says' } }, notice({ template: 'shipped', text: '' }))).toBe('Acme says')
    expect(await textOf({ notice: { login: '{{app}} says' } }, message())).toBe(message().text)
  })

  test('a condition is not met by what every object has', async () => {
    const when = { constructor: String(Object) }
    expect(await textOf({ code: { login: [{ when, text: '{{code}} forged' }] } }, message())).toBe(message().text)
  })

  test('only the text changes, and not in the message that was given', async () => {
    const outbox = outboxBackend()
    const given = Object.freeze(message({ locale: 'fr', tenant: 'a', expiresInMs: 1, mustContain: ['482913'] }))
    await templated(options, outbox).send(given)
    expect(outbox.messages).toEqual([{ ...given, text: '482913 signs you in at Acme.' }])
    expect(given.text).toBe(message().text)
  })

  test('what must be read is still asked for by the leaf', async () => {
    const error = await rejection(options, message({ ...context({ payee: 'Bob' }), mustContain: ['482913', 'Bob'] }))
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', problems: [{ option: 'text', message: 'lacks the field payee' }] })
  })

  test('goes by the name of the backend', () => {
    expect(templated(options, outboxBackend()).name).toBe('outbox')
  })
})

describe('values', () => {
  const options: TemplatedOptions = { code: { other: '{{code}} {{payee}} {{domain}}' }, variables: ['payee'], domain: 'example.com' }

  test('from the context, the domain from the options, the code from the message', async () => {
    const context = { payee: 'Bob', code: '000000', domain: 'evil.example' }
    expect(await textOf(options, message({ context }))).toBe('482913 Bob example.com')
  })

  test.each(['{{code}}', `\${code}`, '{{constructor}}', '%s', '$&', '@evil.example #111111'])('%s stays literal', async (payee) => {
    expect(await textOf(options, message({ context: { payee } }))).toBe(`482913 ${payee} example.com`)
  })

  test('a line break in one is a space', async () => {
    const payee = 'Bob\r\n@evil.example #111111'
    expect(await textOf(options, message({ context: { payee } }))).toBe('482913 Bob @evil.example #111111 example.com')
  })

  test('one that is missing sends nothing', async () => {
    const error = await rejection(options, message({ context: { app: 'Quince' } }))
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', problems: [{ option: 'text', message: 'the message has no {{payee}}' }] })
    expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/482913|Quince|336123/)
  })

  test('nor does one that every object has', async () => {
    const inherited = { code: { other: '{{code}} {{toString}}' }, variables: ['toString'] }
    expect(await rejection(inherited, message())).toMatchObject({ problems: [{ message: 'the message has no {{toString}}' }] })
  })

  test('one that the chosen text does not put in may be missing', async () => {
    expect(await textOf({ code: { other: '{{code}}' }, variables: ['payee'] }, message())).toBe('482913')
  })
})

describe('problems', () => {
  const problemsOf = (options: unknown) => {
    try {
      templated(options as TemplatedOptions, outboxBackend())
      return []
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
      const { problems, message: said } = error as { problems: { option: string; message: string }[]; message: string }
      expect(said.startsWith(`${problems[0]?.option}: `)).toBe(true)
      return problems.map(({ option, message: what }) => `${option}: ${what}`)
    }
  }

  test('all at once', () => {
    const code = { login: '{{code}} {{payee}}', payment: ['{{code}}', { when: {}, text: '{{app' }], other: '' }
    expect(problemsOf({ code, notice: { password_changed: '{{code}}' }, variables: ['a.b'], domain: 'a b' })).toEqual([
      'variables: must list names of letters, digits and _, none of them built in',
      'domain: must be one line',
      'code.login: knows no {{payee}}: declare it in variables',
      'code.payment.0: fits always, so that no text after it is ever taken',
      'code.payment.1.when: must name fields and the string or number that each must be',
      'code.payment.1: has braces that are not {{name}}',
      'code.payment.1: must hold {{code}}',
      'code.other: must be a text that is not empty',
      'notice.password_changed: must not hold {{code}}: a notice has none',
    ])
  })

  test.each([
    [{ code: 'x' }, 'code: must be an object of texts by name'],
    [{ notice: null }, 'notice: must be an object of texts by name'],
    [{ code: { login: [] } }, 'code.login: must hold a text'],
    [{ code: { login: 5 } }, 'code.login: must be a text that is not empty'],
    [{ code: { login: '{{code}} {{domain}}' } }, 'code.login: knows no {{domain}}: declare it in variables'],
    [{ code: { login: [{ text: '{{code}}' }] } }, 'code.login.0.when: must name fields and the string or number that each must be'],
    [
      { code: { login: { when: { a: {} }, text: '{{code}}' } } },
      'code.login.when: must name fields and the string or number that each must be',
    ],
    [{ variables: ['code'] }, 'variables: must list names of letters, digits and _, none of them built in'],
    [{ variables: 'amount' }, 'variables: must list names of letters, digits and _, none of them built in'],
    [{ domain: '' }, 'domain: must be one line'],
    [{ domain: 'a\n@b' }, 'domain: must be one line'],
  ])('%j', (options, problem) => {
    expect(problemsOf(options)).toEqual([problem])
  })

  test.each([
    {},
    { code: { login: { when: { a: 'b' }, text: '{{code}}' } } },
    { code: { other: '{{code}} {{domain}}' }, domain: 'a.example' },
  ])('none in %j', (options) => {
    expect(problemsOf(options)).toEqual([])
  })
})
