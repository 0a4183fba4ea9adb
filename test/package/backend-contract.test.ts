import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PhoneVerifyError } from '../../src/errors.js'
import type { SmsBackend, SmsMessage } from '../../src/sms/backend.js'
import {
  type BackendContract,
  type BackendFailure,
  type BackendFixture,
  backendContract,
  type Delivered,
} from '../../src/testing/backend-contract.js'

const SECRET = 'key-5f1d'
const NAME = 'leaf'
const CODES = { refused: 'ERR_PV_SMS_REFUSED', unavailable: 'ERR_PV_SMS_UNAVAILABLE', unknown: 'ERR_PV_SMS_UNKNOWN' } as const

type Send = Pick<SmsMessage, 'to' | 'text'>

/** A provider that takes a turn of the event loop and fails with an error that holds everything, as SDKs do. */
function makeProvider() {
  const sent: Delivered[] = []
  let down: BackendFailure | undefined
  return {
    sent,
    isDown: () => down !== undefined,
    fail(how: BackendFailure) {
      down = how
    },
    async post({ to, text }: Send): Promise<string> {
      await new Promise((resolve) => setImmediate(resolve))
      if (down !== 'refused' && down !== 'unavailable') sent.push({ to, text })
      if (down) {
        const error = Object.assign(new Error('request failed'), { how: down, config: { auth: SECRET, body: `${to} ${text}` } })
        throw Object.assign(error, { response: { error } })
      }
      return `id-${sent.length}`
    },
  }
}

type Provider = ReturnType<typeof makeProvider>
type Fault = Error & { readonly how: BackendFailure }

const refusal = (message: string) => new PhoneVerifyError('ERR_PV_CONFIGURATION', message, { backend: NAME })
const aborted = () => new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', 'aborted', { backend: NAME })

/** What a sound leaf does, step by step. A defect replaces a step. */
const sound = {
  check({ text, mustContain = [] }: SmsMessage, _provider: Provider): void {
    if (text === '' || mustContain.some((part) => !text.includes(part))) throw refusal('incomplete text')
  },
  listen(signal: AbortSignal | undefined, _message: SmsMessage, _provider: Provider): void {
    if (signal?.aborted) throw aborted()
  },
  text: (message: SmsMessage): string => message.text,
  post: (provider: Provider, message: Send): Promise<string> => provider.post(message),
  failed: ({ how }: Fault, _message: SmsMessage): unknown => new PhoneVerifyError(CODES[how], how, { backend: NAME }),
  receipt: (messageId: string) => ({ backend: NAME, messageId }),
}

function makeLeaf(provider: Provider, defect: Partial<typeof sound> = {}): SmsBackend {
  const step = { ...sound, ...defect }
  return {
    name: NAME,
    async send(message, signal) {
      step.check(message, provider)
      step.listen(signal, message, provider)
      try {
        return step.receipt(await step.post(provider, { to: message.to, text: step.text(message) }))
      } catch (error) {
        throw step.failed(error as Fault, message)
      }
    },
  }
}

function makeFixture(backendOf: (provider: Provider) => SmsBackend = makeLeaf): BackendFixture {
  const provider = makeProvider()
  return { backend: backendOf(provider), delivered: () => provider.sent, fail: provider.fail, secrets: [SECRET] }
}

function register(makeBackend: BackendContract['makeBackend'], canFail = true): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>()
  backendContract({ test: (title, run) => tests.set(title, run), makeBackend, canFail })
  return tests
}

/** Every test that fails, with what it says. */
async function failures(makeBackend: BackendContract['makeBackend'], canFail = true): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>()
  for (const [title, run] of register(makeBackend, canFail)) {
    await run().catch((error: unknown) => failed.set(title, String(error)))
  }
  return failed
}

const contract = readFileSync(new URL('../../src/sms/backend.ts', import.meta.url), 'utf8')
const sentences = Array.from(contract.matchAll(/^\s*\* - (.*)$/gm), ([, sentence]) => sentence ?? '')

describe('sentences and titles', () => {
  test('every sentence with a MUST is a title, and every title such a sentence', () => {
    expect(sentences.length).toBeGreaterThan(0)
    expect(sentences.filter((sentence) => !/\bMUST\b/.test(sentence))).toEqual([])
    expect([...register(makeFixture).keys()].sort()).toEqual([...sentences].sort())
  })

  test('no sentence with a MUST stands outside the list', () => {
    const elsewhere = contract.split('\n').filter((line) => /\bMUST\b/.test(line) && !/^\s*\* - /.test(line))
    expect(elsewhere).toEqual([' * Every sentence with a MUST below is the name of a test in `backendContract` (`phone-verify/testing`).'])
  })

  test('without canFail exactly the sentence about failures is left out', () => {
    const registered = register(makeFixture, false)
    expect(sentences.filter((sentence) => !registered.has(sentence))).toEqual([FAILURE])
  })
})

const ONCE = 'send MUST resolve only when the provider has taken the message, and then hand it over exactly once.'
const VERBATIM = 'send MUST deliver text to the number in to, character for character.'
const RECEIPT = 'send MUST name the backend in its receipt.'
const UNCHANGED = 'send MUST NOT change the message it was given.'
const APART = 'Sends made at once MUST NOT mix.'
const COMPLETE = 'A text that lacks one of mustContain MUST reject with ERR_PV_CONFIGURATION before any input or output.'
const EMPTY = 'An empty text MUST reject with ERR_PV_CONFIGURATION before any input or output.'
const ABORTED = 'A signal aborted before the call MUST reject with ERR_PV_SMS_UNAVAILABLE, and nothing is sent.'
const FAILURE = 'A failure MUST reject with ERR_PV_SMS_REFUSED, ERR_PV_SMS_UNAVAILABLE or ERR_PV_SMS_UNKNOWN, and name the backend.'
const SEALED = 'An error MUST NOT hold the code, the number, the text or a credential: not in its message, properties or cause.'

describe('a sound backend', () => {
  test('passes', async () => {
    expect(await failures(makeFixture)).toEqual(new Map())
  })

  test('passes when it names its leaf and the fixture says so, and only then', async () => {
    const passOn = (provider: Provider): SmsBackend => ({ ...makeLeaf(provider), name: 'wrapper' })
    expect(await failures(() => ({ ...makeFixture(passOn), names: [NAME] }))).toEqual(new Map())
    expect([...(await failures(() => makeFixture(passOn))).keys()]).toEqual([RECEIPT, ABORTED, FAILURE])
  })

  test('is disposed of, whether its test passes or fails', async () => {
    let open = 0
    let disposed = 0
    const makeBackend = (defect: Partial<typeof sound>) => () => {
      open += 1
      const dispose = () => {
        disposed += 1
      }
      return { ...makeFixture((provider) => makeLeaf(provider, defect)), dispose }
    }
    await failures(makeBackend({}))
    await failures(makeBackend({ post: async () => 'id' }))
    expect(open).toBeGreaterThan(sentences.length * 2)
    expect(disposed).toBe(open)
  })

  test('fails when canFail is promised and fail is missing', async () => {
    const { fail: _, ...without } = makeFixture()
    expect([...(await failures(() => without)).keys()]).toEqual(expect.arrayContaining([FAILURE, SEALED]))
  })
})

const failWith =
  (details: (fault: Fault, message: SmsMessage) => { readonly message?: string; readonly add?: object }): (typeof sound)['failed'] =>
  (fault, sms) => {
    const { message = fault.how, add = {} } = details(fault, sms)
    return Object.assign(new PhoneVerifyError(CODES[fault.how], message, { backend: NAME }), add)
  }

let last: Send

const defects: Readonly<Record<string, readonly [caughtBy: string, defect: Partial<typeof sound>]>> = {
  'resolves without sending': [ONCE, { post: async () => 'id' }],
  'resolves before the provider has taken the message': [
    ONCE,
    {
      post: async (provider, message) => {
        setImmediate(() => void provider.post(message).catch(() => undefined))
        return 'id'
      },
    },
  ],
  'sends twice': [ONCE, { post: (provider, message) => provider.post(message).then(() => provider.post(message)) }],
  'sends again later': [
    ONCE,
    {
      post: async (provider, message) => {
        const id = await provider.post(message)
        setImmediate(() => void provider.post(message).catch(() => undefined))
        return id
      },
    },
  ],
  'trims the text': [VERBATIM, { text: ({ text }) => text.trim() }],
  'composes characters': [VERBATIM, { text: ({ text }) => text.normalize() }],
  'joins the lines': [VERBATIM, { text: ({ text }) => text.replaceAll('\n', ' ') }],
  'cuts the text after one segment': [VERBATIM, { text: ({ text }) => text.slice(0, 160) }],
  'fills in placeholders': [VERBATIM, { text: ({ text, code }) => text.replace('{{code}}', code ?? '') }],
  'sends to somebody else': [VERBATIM, { post: (provider, { text }) => provider.post({ to: '+33612345099' as SmsMessage['to'], text }) }],
  'names nobody in its receipt': [RECEIPT, { receipt: (messageId) => ({ backend: '', messageId }) }],
  'gives an empty id': [RECEIPT, { receipt: () => ({ backend: NAME, messageId: '' }) }],
  'writes into the context': [UNCHANGED, { text: (message) => Object.assign(message.context, { from: NAME }) && message.text }],
  'empties mustContain': [
    UNCHANGED,
    {
      text: (message) => {
        ;(message.mustContain as string[]).length = 0
        return message.text
      },
    },
  ],
  'keeps one message for all sends': [
    APART,
    {
      post: async (provider, message) => {
        last = message
        await new Promise((resolve) => setImmediate(resolve))
        return provider.post(last)
      },
    },
  ],
  'gives every message one id': [APART, { receipt: () => ({ backend: NAME, messageId: 'id' }) }],
  'ignores mustContain': [COMPLETE, { check: ({ text }) => (text === '' ? raise(refusal('empty')) : undefined) }],
  'looks at the first of mustContain only': [
    COMPLETE,
    {
      check: ({ text, mustContain: [first] = [] }) =>
        text === '' || !text.includes(first ?? '') ? raise(refusal('incomplete')) : undefined,
    },
  ],
  'asks the provider before it looks at mustContain': [
    COMPLETE,
    { check: (message, provider) => (provider.isDown() && message.text !== '' ? raise(aborted()) : sound.check(message, provider)) },
  ],
  'sends an empty text': [EMPTY, { check: (message, provider) => (message.text === '' ? undefined : sound.check(message, provider)) }],
  'asks the provider before it looks at the text': [
    EMPTY,
    { check: (message, provider) => (provider.isDown() && message.text === '' ? raise(aborted()) : sound.check(message, provider)) },
  ],
  'ignores an aborted signal': [ABORTED, { listen: () => undefined }],
  'sends in spite of an aborted signal, and denies it': [
    ABORTED,
    {
      listen: (signal, message, provider) => {
        if (!signal?.aborted) return
        void provider.post(message)
        throw aborted()
      },
    },
  ],
  'throws the reason of the signal': [ABORTED, { listen: (signal) => signal?.throwIfAborted() }],
  'rejects with a plain error': [FAILURE, { failed: () => new Error('failed') }],
  'calls an unknown outcome unavailable': [FAILURE, { failed: () => aborted() }],
  'names nobody in its error': [FAILURE, { failed: ({ how }) => new PhoneVerifyError(CODES[how], how) }],
  'tries again when the outcome is unknown': [
    FAILURE,
    { post: (provider, message) => provider.post(message).catch(() => provider.post(message)) },
  ],
  'says it was refused, but sends': [
    FAILURE,
    {
      post: (provider, message) =>
        provider.post(message).catch((fault: Fault) => {
          if (fault.how === 'refused') provider.sent.push(message)
          throw fault
        }),
    },
  ],
  'passes the error of the provider on': [SEALED, { failed: (fault) => Object.assign(fault, { code: CODES[fault.how], backend: NAME }) }],
  'puts the number in the message': [SEALED, { failed: failWith((_, { to }) => ({ message: `cannot send to ${to}` })) }],
  'puts the number in the message, in groups': [
    SEALED,
    { failed: failWith((_, { to }) => ({ message: `cannot send to ${to.replace(/(..)(?=\d)/g, '$1 ')}` })) },
  ],
  'puts the code in a property': [SEALED, { failed: failWith((_, { code }) => ({ add: { details: [{ code }] } })) }],
  'puts part of the text in a property': [SEALED, { failed: failWith((_, { text }) => ({ add: { sent: text.slice(9) } })) }],
  'attaches the cause': [SEALED, { failed: failWith((cause) => ({ add: { cause } })) }],
  'hides a credential': [
    SEALED,
    { failed: (fault, message) => Object.defineProperty(Object(sound.failed(fault, message)), 'request', { value: { auth: SECRET } }) },
  ],
  'hides the body under a symbol, as bytes': [
    SEALED,
    { failed: failWith((_, { text }) => ({ add: { [Symbol('body')]: Buffer.from(text) } })) },
  ],
  'keeps the request behind a getter of its class': [
    SEALED,
    {
      failed: (fault, message) => {
        const prototype = Object.create(PhoneVerifyError.prototype, { request: { get: () => ({ auth: SECRET }) } })
        return Object.setPrototypeOf(sound.failed(fault, message), prototype)
      },
    },
  ],
  'keeps the request in a map': [SEALED, { failed: failWith((_, { to }) => ({ add: { requests: new Map([[1, { to }]]) } })) }],
  'gives the request away in JSON': [SEALED, { failed: failWith((_, { to }) => ({ add: { toJSON: () => ({ to }) } })) }],
  'attaches the reason of the signal': [
    SEALED,
    { listen: (signal) => (signal?.aborted ? raise(Object.assign(aborted(), { cause: signal.reason })) : undefined) },
  ],
  'says which value is missing': [
    SEALED,
    {
      check: ({ text, mustContain = [] }) => {
        const missing = mustContain.find((part) => !text.includes(part))
        if (text === '' || missing !== undefined) throw refusal(`the text lacks ${missing}`)
      },
    },
  ],
}

function raise(error: Error): never {
  throw error
}

describe('a broken backend', () => {
  test.each(Object.entries(defects))('that %s is caught', async (_, [caughtBy, defect]) => {
    expect([...(await failures(() => makeFixture((provider) => makeLeaf(provider, defect)))).keys()]).toContain(caughtBy)
  })

  test('that throws instead of rejecting is caught', async () => {
    const impatient = (provider: Provider): SmsBackend => {
      const { name, send } = makeLeaf(provider)
      return {
        name,
        send(message, signal) {
          sound.check(message, provider)
          return send(message, signal)
        },
      }
    }
    expect([...(await failures(() => makeFixture(impatient))).keys()]).toEqual(expect.arrayContaining([COMPLETE, EMPTY]))
  })

  test('that has no name is caught', async () => {
    const nameless = (provider: Provider): SmsBackend => ({
      ...makeLeaf(provider, { receipt: (messageId) => ({ backend: '', messageId }) }),
      name: '',
    })
    expect([...(await failures(() => makeFixture(nameless))).keys()]).toContain(RECEIPT)
  })

  test('is caught for every sentence of the contract', () => {
    expect([...new Set(Object.values(defects).map(([caughtBy]) => caughtBy))].sort()).toEqual([...sentences].sort())
  })

  test('has its leaks named, not repeated', async () => {
    const leaky = { failed: failWith((cause) => ({ add: { cause } })) }
    const said = (await failures(() => makeFixture((provider) => makeLeaf(provider, leaky)))).get(SEALED)
    expect(said).toContain('the error holds the code')
    expect(said).not.toMatch(/482913|33612345000|quince|key-5f1d/)
  })
})
