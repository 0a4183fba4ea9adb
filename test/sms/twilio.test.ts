import { afterEach, describe, expect, test } from 'vitest'
import type { TwilioOptions } from '../../src/sms/twilio-options.js'
import { type BackendFailure, backendContract } from '../../src/testing/backend-contract.js'
import * as faults from '../fixtures/carrier/faults.js'
import { account, type LocalTwilio, letter, secrets, startTwilio } from '../fixtures/carrier/twilio-account.js'
import { twilioError } from '../fixtures/carrier/twilio-api.js'

const started: LocalTwilio[] = []
afterEach(async () => {
  for (const { carrier } of started.splice(0)) await carrier.close()
})
const start = async (options?: TwilioOptions) => {
  const local = await startTwilio(options)
  started.push(local)
  return local
}

describe('contract, through the real package', () => {
  const howTo: Readonly<Record<BackendFailure, faults.Fault>> = {
    refused: faults.answer(twilioError(21610, 400, '+33612345000 482913')),
    unavailable: faults.answer(twilioError(20429, 429)),
    unknown: faults.resetAfter({ sent: true }),
  }
  for (const credentials of ['token', 'key'] as const) {
    describe(credentials, () => {
      const makeBackend = async () => {
        const { apiKey, apiKeySecret } = account
        const { carrier, backend } = await startTwilio(credentials === 'key' ? { apiKey, apiKeySecret } : {})
        return {
          backend,
          delivered: () => carrier.sms,
          fail: (how: BackendFailure) => carrier.misbehave(howTo[how]),
          secrets: secrets[credentials] ?? [],
          dispose: carrier.close,
        }
      }
      backendContract({ test, makeBackend, canFail: true })
    })
  }
})

describe('the wire', () => {
  test('a code: one request, byte for byte', async () => {
    const { carrier, backend } = await start()
    const receipt = await backend.send(letter())
    expect(receipt).toEqual({ backend: 'twilio', messageId: expect.stringMatching(/^SM[\da-f]{32}$/), segments: 1 })
    const [request, ...more] = carrier.requests
    expect(more).toEqual([])
    expect(request?.path).toBe(`/2010-04-01/Accounts/${account.accountSid}/Messages.json`)
    expect(request?.body).toBe(
      'To=%2B33612345678&ValidityPeriod=299&MessageIntent=otp&From=%2B15005550006&Body=Acme%3A+4829135670+pays+quince-lantern',
    )
    const { host: _, ...headers } = request?.headers ?? {}
    expect(headers).toEqual({
      authorization: `Basic ${btoa(`${account.accountSid}:${account.authToken}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(request?.body.length),
      accept: 'application/json',
      'accept-charset': 'utf-8',
      'user-agent': expect.stringMatching(/^twilio-node\//),
      connection: 'keep-alive',
    })
  })

  test('a notice has no time and no intent', async () => {
    const { forms, backend } = await start()
    const { code: _, ...notice } = letter({ mustContain: [], purpose: 'notice' })
    await backend.send(notice)
    expect(forms()).toEqual([{ To: '+33612345678', From: '+15005550006', Body: notice.text }])
  })

  test.each([
    [299_999, '299'],
    [1, '1'],
    [0, '1'],
    [-5, '1'],
    [36_000_999, '36000'],
    [86_400_000, '36000'],
  ])('a code with %i milliseconds left is valid for %s seconds', async (expiresInMs, seconds) => {
    const { forms, backend } = await start()
    await backend.send(letter({ expiresInMs }))
    expect(forms()[0]?.['ValidityPeriod']).toBe(seconds)
  })

  test('a code without a time has none', async () => {
    const { forms, backend } = await start()
    const { expiresInMs: _, ...timeless } = letter()
    await backend.send(timeless)
    expect(forms()[0]).not.toHaveProperty('ValidityPeriod')
  })

  test('an API key signs, the account stands in the path', async () => {
    const { accountSid, apiKey, apiKeySecret } = account
    const { carrier, backend } = await start({ apiKey, apiKeySecret })
    await backend.send(letter())
    expect(carrier.requests[0]?.path).toContain(`/${accountSid}/`)
    expect(carrier.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`${apiKey}:${apiKeySecret}`)}`)
  })

  test('every option', async () => {
    const { messagingServiceSid } = account
    const statusCallback = 'https://example.com/delivered?by=twilio'
    const { forms, backend } = await start({ messagingServiceSid, discardContent: true, obfuscateAddress: true, statusCallback })
    await backend.send(letter())
    expect(forms()[0]).toMatchObject({
      MessagingServiceSid: messagingServiceSid,
      ContentRetention: 'discard',
      AddressRetention: 'obfuscate',
      StatusCallback: statusCallback,
    })
    expect(forms()[0]).not.toHaveProperty('From')
  })

  test('a sender for each message', async () => {
    const { forms, backend } = await start({ from: ({ tenant }) => (tenant === 'bank' ? 'Bank' : '+15005550006') })
    await backend.send(letter({ tenant: 'bank' }))
    await backend.send(letter())
    expect(forms().map(({ From }) => From)).toEqual(['Bank', '+15005550006'])
  })

  test.each([
    ['throws', () => JSON.parse('{')],
    ['chooses none', () => undefined],
    ['chooses what is no sender', ({ text }: { text: string }) => text],
  ])('a function that %s is a mistake of the configuration, and nothing is sent', async (_, from) => {
    const { carrier, backend } = await start({ from: from as () => string })
    const problems = [{ option: 'from', message: 'must be a number in E.164, a short code or an alphanumeric sender' }]
    await expect(backend.send(letter())).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION', backend: 'twilio', problems })
    expect(carrier.connections).toBe(0)
  })

  test('a base with a path of its own', async () => {
    const { carrier } = await start()
    const { backend } = await start({ baseUrl: `${carrier.url}/gateway/` })
    await expect(backend.send(letter())).rejects.toMatchObject({ providerCode: 'http_404' })
    expect(carrier.requests[0]?.path).toBe(`/gateway/2010-04-01/Accounts/${account.accountSid}/Messages.json`)
  })

  test('the name is that of receipts and errors', async () => {
    const { carrier, backend } = await start({ name: 'twilio-eu' })
    expect([backend.name, (await backend.send(letter())).backend]).toEqual(['twilio-eu', 'twilio-eu'])
    carrier.misbehave(faults.answer(twilioError(21610)))
    await expect(backend.send(letter())).rejects.toMatchObject({
      backend: 'twilio-eu',
      message: 'twilio-eu: the recipient has opted out',
      providerCode: '21610',
    })
  })
})

describe('many at once', () => {
  test('200 do not mix, each with a receipt of its own', async () => {
    const { carrier, backend } = await start({ timeoutMs: 20_000 })
    const sent = Array.from({ length: 200 }, (_, index) => {
      const to = `+33612345${String(index).padStart(3, '0')}` as ReturnType<typeof letter>['to']
      return letter({ to, text: `Acme: 4829135670 for ${to}` })
    })
    const receipts = await Promise.all(sent.map((one) => backend.send(one)))
    expect(new Set(receipts.map(({ messageId }) => messageId)).size).toBe(200)
    const lines = (all: readonly { to: string; text: string }[]) => all.map(({ to, text }) => `${to} ${text}`).sort()
    expect(lines(carrier.sms)).toEqual(lines(sent))
  })

  test('one after another takes one connection', async () => {
    const { carrier, backend } = await start()
    for (let round = 0; round < 20; round += 1) await backend.send(letter())
    expect([carrier.connections, carrier.sms.length]).toEqual([1, 20])
  })
})
