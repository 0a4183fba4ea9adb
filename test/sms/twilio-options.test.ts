import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { twilioBackend } from '../../src/sms/twilio.js'
import type { TwilioOptions } from '../../src/sms/twilio-options.js'
import { account } from '../fixtures/carrier/twilio-account.js'

const { accountSid, authToken, apiKey, apiKeySecret, from, messagingServiceSid } = account
const right = { accountSid, authToken, from }

/** What is wrong, as `option: message`. The error repeats no value. */
function problemsOf(options: unknown): readonly string[] {
  try {
    twilioBackend(options as TwilioOptions)
    return []
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    for (const value of Object.values(Object(options))) {
      if (typeof value === 'string' && value.length > 8) expect(inspect(error)).not.toContain(value)
    }
    return (error as { problems: readonly { option: string; message: string }[] }).problems.map(
      ({ option, message }) => `${option}: ${message}`,
    )
  }
}

describe('what is right', () => {
  test.each<readonly [name: string, options: TwilioOptions]>([
    ['a token', right],
    ['an API key', { accountSid, apiKey, apiKeySecret, from }],
    ['a messaging service', { accountSid, authToken, messagingServiceSid }],
    ['functions', { accountSid, authToken, from: () => from }],
    ['a short code', { ...right, from: '12345' }],
    ['an alphanumeric sender', { ...right, from: 'Acme & Co-2' }],
    ['a client', { from, client: { messages: { create: async () => ({ sid: 'SM1' }) } } }],
    ['undefined is left out', { ...right, apiKey: undefined, region: undefined, messagingServiceSid: undefined }],
    ['a place', { ...right, region: 'au1', edge: 'sydney' }],
    ['https anywhere', { ...right, baseUrl: 'https://gateway.example.com/twilio' }],
    ['http here', { ...right, baseUrl: 'http://localhost:4010' }],
    ['http here, by number', { ...right, baseUrl: 'http://127.0.0.1:4010/' }],
    ['http here, by the newer number', { ...right, baseUrl: 'http://[::1]:4010' }],
    [
      'everything',
      {
        ...right,
        name: 'twilio-eu',
        timeoutMs: 100,
        statusCallback: 'http://example.com/x?y=z',
        discardContent: true,
        obfuscateAddress: false,
      },
    ],
  ])('%s', (_, options) => {
    expect(problemsOf(options)).toEqual([])
  })

  test('options are read once: what is changed later changes nothing', () => {
    const options: { name: string } & TwilioOptions = { ...right, name: 'one' }
    const backend = twilioBackend(options)
    options.name = 'two'
    expect(backend.name).toBe('one')
  })
})

describe('what is wrong', () => {
  const secret = 'must be 16 or more visible characters'
  const base = 'must be https, or http on this machine, without credentials, query or fragment'
  const place = 'must be lower-case letters, digits and hyphens'
  const sender = 'must be a number in E.164, a short code or an alphanumeric sender, or a function'
  const one = 'from: either from or messagingServiceSid must be given, and not both'

  test.each<readonly [options: Record<string, unknown>, problems: readonly string[]]>([
    [{ accountSid: '' }, ['accountSid: must be AC and 32 hexadecimal digits']],
    [{ accountSid: apiKey }, ['accountSid: must be AC and 32 hexadecimal digits']],
    [{ accountSid: undefined }, ['accountSid: is missing']],
    [{ authToken: '' }, [`authToken: ${secret}`]],
    [{ authToken: 'changeme' }, [`authToken: ${secret}`]],
    [{ authToken: ` ${authToken}` }, [`authToken: ${secret}`]],
    [{ authToken: `${authToken}\n` }, [`authToken: ${secret}`]],
    [{ authToken: undefined }, ['authToken: is missing']],
    [{ apiKey }, ['apiKeySecret: is missing', 'authToken: does not go with apiKey and apiKeySecret']],
    [{ authToken: undefined, apiKey, apiKeySecret: '' }, [`apiKeySecret: ${secret}`]],
    [{ authToken: undefined, apiKey: accountSid, apiKeySecret }, ['apiKey: must be SK and 32 hexadecimal digits']],
    [{ authToken: undefined, apiKeySecret }, ['apiKey: is missing']],
    [{ from: undefined }, [one]],
    [{ messagingServiceSid }, [one]],
    [{ from: '' }, [`from: ${sender}`]],
    [{ from: '0033612345678' }, [`from: ${sender}`]],
    [{ from: 'Twelve chars' }, [`from: ${sender}`]],
    [{ from: messagingServiceSid }, [`from: ${sender}`]],
    [{ from: undefined, messagingServiceSid: from }, ['messagingServiceSid: must be MG and 32 hexadecimal digits, or a function']],
    [{ timeoutMs: 0 }, ['timeoutMs: must be 100 to 60 000 milliseconds']],
    [{ timeoutMs: Number.NaN }, ['timeoutMs: must be 100 to 60 000 milliseconds']],
    [{ statusCallback: '/delivered' }, ['statusCallback: must be an address that begins with https:// or http://']],
    [{ statusCallback: 'javascript:alert(1)' }, ['statusCallback: must be an address that begins with https:// or http://']],
    [{ discardContent: 'yes' }, ['discardContent: must be true or false']],
    [{ obfuscateAddress: 1 }, ['obfuscateAddress: must be true or false']],
    [{ region: 'evil.example.com/' }, [`region: ${place}`]],
    [{ edge: 'a@b' }, [`edge: ${place}`]],
    [{ edge: '' }, [`edge: ${place}`]],
    [{ baseUrl: 'http://gateway.example.com' }, [`baseUrl: ${base}`]],
    [{ baseUrl: 'http://127.0.0.1.example.com' }, [`baseUrl: ${base}`]],
    [{ baseUrl: 'http://169.254.169.254' }, [`baseUrl: ${base}`]],
    [{ baseUrl: 'https://user:password@example.com' }, [`baseUrl: ${base}`]],
    [{ baseUrl: 'https://example.com?x=y' }, [`baseUrl: ${base}`]],
    [{ baseUrl: 'ftp://127.0.0.1' }, [`baseUrl: ${base}`]],
    [{ baseUrl: '' }, [`baseUrl: ${base}`]],
    [{ name: '' }, ['name: must be 1 to 40 letters, digits, dots, hyphens or underscores']],
    [{ sender: from }, ['sender: is no option of twilio']],
    [{ toString: from }, ['toString: is no option of twilio']],
    [
      { client: {} },
      [
        'client: must have messages.create',
        'accountSid: belongs to the client where one is given',
        'authToken: belongs to the client where one is given',
      ],
    ],
  ])('%o', (over, problems) => {
    expect(problemsOf({ ...right, ...over })).toEqual(problems)
  })

  test.each([undefined, null, 7, 'AC', true])('no options but %o', (options) => {
    expect(problemsOf(options)).toEqual(['options: must be an object'])
  })

  test('everything at once', () => {
    expect(problemsOf({ accountSid: 'AC1', authToken: 'x', from: '', timeoutMs: 1, baseUrl: 'http://example.com' })).toHaveLength(5)
    expect(problemsOf({})).toEqual(['accountSid: is missing', 'authToken: is missing', one])
  })

  test('what others put on every object is no option', () => {
    Object.assign(Object.prototype, { authToken })
    try {
      expect(problemsOf({ accountSid, from })).toEqual(['authToken: is missing'])
    } finally {
      Reflect.deleteProperty(Object.prototype, 'authToken')
    }
  })
})
