import { inspect } from 'node:util'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createWebhooks, type WebhookOptions } from '../../src/http/webhooks.js'
import { apiKey, authToken, fromTwilio, publicUrl, signatureSecret, signTwilio, statusOf, webhooks, wireOf } from './webhooks-served.js'

const twilio = { authToken }
const vonage = { signatureSecret, apiKey }
const parts = { report: () => {}, now: Date.now }

/** The options that are wrong. The error repeats no secret. */
function problemsOf(options: unknown): readonly string[] {
  try {
    createWebhooks(options as WebhookOptions, parts)
    return []
  } catch (error) {
    expect(error).toMatchObject({ name: 'PhoneVerifyError', code: 'ERR_PV_CONFIGURATION' })
    for (const secret of [authToken, signatureSecret, 'hunter2']) expect(inspect(error)).not.toContain(secret)
    return (error as { readonly problems: readonly { readonly option: string }[] }).problems.map(({ option }) => option)
  }
}

test.each<readonly [what: string, options: WebhookOptions]>([
  ['both providers', webhooks],
  ['Twilio alone', { publicUrl, twilio }],
  ['Vonage alone, of any account', { publicUrl, vonage: { signatureSecret } }],
  ['what is undefined is left out', { publicUrl, twilio, vonage: undefined }],
  ['an API key that is undefined', { publicUrl, vonage: { signatureSecret, apiKey: undefined } }],
  ['no path', { publicUrl: 'https://example.com', twilio }],
  ['a slash at the end', { publicUrl: `${publicUrl}/`, twilio }],
  ['a port', { publicUrl: 'https://example.com:8443/phone', twilio }],
  ['an address in IPv6', { publicUrl: 'https://[2001:db8::1]/phone', twilio }],
  ['an international name', { publicUrl: 'https://bücher.example/phone', twilio }],
  ['http on this machine', { publicUrl: 'http://localhost:3000/phone', twilio }],
  ['http on this machine, by number', { publicUrl: 'http://127.0.0.1:3000', twilio }],
  ['http on this machine, by the newer number', { publicUrl: 'http://[::1]:3000', twilio }],
  ['a secret of 16 characters', { publicUrl, twilio: { authToken: 'abcdefghijklmnop' } }],
])('right: %s', (_, options) => {
  expect(problemsOf(options)).toEqual([])
})

const at = (url: unknown) => ({ publicUrl: url, twilio })
const blank = ['', ' '.repeat(20), 'short', 'x'.repeat(15), `${'x'.repeat(20)}\n`, `${'x'.repeat(10)} ${'x'.repeat(10)}`, 'x'.repeat(257)]
const noText = [undefined, null, 5, true, {}, [authToken], Buffer.from(authToken), new String(authToken)]

test.each<readonly [option: string, wrong: readonly unknown[]]>([
  ['webhooks', [null, [], 'twilio', true]],
  ['webhooks.twilio', [{ publicUrl }, { publicUrl, twilio: undefined }]],
  ['webhooks.publicUrl', [at(undefined), at(null), at(''), at(5), at(new URL(publicUrl)), at([publicUrl])]],
  [
    'webhooks.publicUrl',
    ['/phone', 'example.com/phone', '//example.com', 'https:example.com', 'https:///x', 'https://', 'https:\\\\x'].map(at),
  ],
  [
    'webhooks.publicUrl',
    ['http://example.com', 'http://127.0.0.2', 'http://localhost.example.com', 'ftp://example.com', 'file:///x'].map(at),
  ],
  ['webhooks.publicUrl', ['https://a:hunter2@example.com', 'https://a@example.com', 'https://:hunter2@example.com'].map(at)],
  ['webhooks.publicUrl', [`${publicUrl}?`, `${publicUrl}?a=b`, `${publicUrl}#`, `${publicUrl}#a`].map(at)],
  [
    'webhooks.publicUrl',
    [` ${publicUrl}`, `${publicUrl}\n`, 'https://example.com/a b', 'https://exa\tmple.com', 'https://x:99999'].map(at),
  ],
  ['webhooks.twilio.authToken', [null, [], 'x', 5, true].map((value) => ({ publicUrl, twilio: value }))],
  ['webhooks.vonage.signatureSecret', [null, [], 'x', 5, true].map((value) => ({ publicUrl, vonage: value }))],
  ['webhooks.twilio.authToken', [...blank, ...noText].map((value) => ({ publicUrl, twilio: { authToken: value } }))],
  ['webhooks.vonage.signatureSecret', [...blank, ...noText].map((value) => ({ publicUrl, vonage: { signatureSecret: value } }))],
  [
    'webhooks.vonage.apiKey',
    ['', 'a b', 'x'.repeat(65), null, 5, {}].map((value) => ({ publicUrl, vonage: { signatureSecret, apiKey: value } })),
  ],
  ['webhooks.sinch', [{ ...webhooks, sinch: {} }]],
  ['webhooks.constructor', [{ ...webhooks, constructor: {} }]],
  ['webhooks.twilio.token', [{ publicUrl, twilio: { authToken, token: authToken } }]],
  ['webhooks.vonage.constructor', [{ publicUrl, vonage: { ...vonage, constructor: 'x' } }]],
])('wrong: %s', (option, wrong) => {
  for (const options of wrong) expect([options, problemsOf(options)]).toEqual([options, [option]])
})

test('everything that is wrong is said at once', () => {
  expect(problemsOf({ publicUrl: '', twilio: {}, vonage: { apiKey: '' }, x: 1 })).toEqual([
    'webhooks.x',
    'webhooks.publicUrl',
    'webhooks.twilio.authToken',
    'webhooks.vonage.signatureSecret',
    'webhooks.vonage.apiKey',
  ])
})

test('an adapter says so when it is made', () => {
  const { verifier } = createTestVerifier()
  const options = { purpose: 'login', webhooks: { publicUrl, twilio: { authToken: '' } } }
  for (const make of [phoneVerifyRouter, phoneVerifyHandler]) expect(() => make(verifier, options)).toThrow('webhooks.twilio.authToken')
})

test('options are read once: what is changed later changes nothing', async () => {
  const options = { publicUrl, twilio: { authToken } }
  const receive = createWebhooks(options, parts)
  options.publicUrl = 'https://evil.example'
  options.twilio.authToken = 'x'.repeat(32)
  expect(await receive('twilio', wireOf(fromTwilio(statusOf(1, 'sent'))))).toBe(undefined)
})

describe('a polluted prototype', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>
  afterEach(() => {
    for (const name of ['twilio', 'authToken', 'signatureSecret', 'apiKey']) delete polluted[name]
  })

  test('configures nothing', async () => {
    Object.assign(polluted, { twilio: { authToken }, authToken, signatureSecret })
    const wrong = [problemsOf({ publicUrl, twilio: {} }), problemsOf({ publicUrl, vonage: {} }), problemsOf({ publicUrl })]
    const receive = createWebhooks({ publicUrl, vonage: { signatureSecret } }, parts)
    const answer = await receive('twilio', wireOf(fromTwilio(statusOf(1, 'sent'), '', signTwilio(publicUrl, {}))))
    for (const name of ['twilio', 'authToken', 'signatureSecret']) delete polluted[name]
    expect(wrong).toEqual([['webhooks.twilio.authToken'], ['webhooks.vonage.signatureSecret'], ['webhooks.twilio']])
    expect(answer).toBe('not_found')
  })
})
