import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { SmsMessage } from 'phone-verify'
import { fallback } from 'phone-verify/sms/fallback'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { vonageBackend } from 'phone-verify/sms/vonage'
import { expect, test } from 'vitest'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import { answer } from '../fixtures/carrier/faults.js'

const second = 1_000
const rate = 200
const phases = { before: 10 * second, outage: 60 * second, after: 20 * second }
const secrets = { authToken: 'quartz-token-7f31d0c2b9', apiSecret: 'walnut-secret-88e1a4d6' }

const codeOf = (index: number) => String(1_000_000_000 + index)
const messageOf = (index: number) =>
  ({
    to: '+33612345678',
    text: `${codeOf(index)} is your Acme code.`,
    code: codeOf(index),
    purpose: 'login',
    context: {},
    expiresInMs: 300_000,
  }) as SmsMessage

/** Through both real SDKs over sockets: the primary is Twilio's, and its carrier goes away for a minute. */
async function throughAnOutage(begin: (primary: Carrier) => unknown, end: (primary: Carrier) => unknown) {
  const carriers = [await startCarrier(), await startCarrier()] as const
  const [primary, spare] = carriers
  const account = { accountSid: `AC${'5eed'.repeat(8)}`, authToken: secrets.authToken, from: '+15005550006' }
  const sms = fallback([
    twilioBackend({ ...account, baseUrl: primary.url }),
    vonageBackend({ apiKey: 'abcd1234', apiSecret: secrets.apiSecret, from: '15005550006', baseUrl: spare.url }),
  ])
  const outcomes: Promise<string>[] = []
  const failures: unknown[] = []
  const from = performance.now()
  const elapsed = () => performance.now() - from
  const sendUntil = async (ms: number) => {
    while (elapsed() < ms) {
      while (outcomes.length < (elapsed() * rate) / second) {
        const sending = sms.send(messageOf(outcomes.length)).then(
          ({ backend }) => backend,
          (error: { readonly code: string }) => {
            failures.push(error)
            return error.code
          },
        )
        outcomes.push(sending)
      }
      await sleep(1)
    }
  }
  await sendUntil(phases.before)
  await begin(primary)
  await sendUntil(phases.before + phases.outage)
  await end(primary)
  await sendUntil(phases.before + phases.outage + phases.after)
  const told = await Promise.all(outcomes)
  const delivered = new Map<string, number>()
  for (const { text } of carriers.flatMap((carrier) => carrier.sms)) delivered.set(text, (delivered.get(text) ?? 0) + 1)
  const asked = primary.requests.length
  await Promise.all(carriers.map((carrier) => carrier.close()))
  const sent = told.filter((outcome) => outcome === 'twilio' || outcome === 'vonage').length
  return { told, sent, failures, asked, delivered, doubled: [...delivered.values()].filter((count) => count > 1).length }
}

test.each([
  ['refuses connections', (carrier: Carrier) => carrier.unlisten(), (carrier: Carrier) => carrier.listen()],
  [
    'answers 503',
    (carrier: Carrier) => carrier.misbehave(answer({ status: 503 }), { forMs: phases.outage }),
    (carrier: Carrier) => carrier.behave(),
  ],
] as const)('T-PRV-06: 200 sends a second through a minute in which the primary %s', { timeout: 180_000 }, async (_, begin, end) => {
  const { told, sent, failures, delivered, doubled } = await throughAnOutage(begin, end)
  console.log(`${told.length} sends, ${sent} sent, ${failures.length} failed, ${delivered.size} SMS, ${doubled} twice`)
  expect(told.length).toBeGreaterThan(17_000)
  expect(doubled).toBe(0)
  expect(sent / told.length).toBeGreaterThanOrEqual(0.99)
  expect(told.slice(-rate).every((outcome) => outcome === 'twilio')).toBe(true)
  const said = failures.map((failure) => inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true })).join('\n')
  for (const secret of [...Object.values(secrets), '+33612345678', '33612345678']) expect(said).not.toContain(secret)
})
