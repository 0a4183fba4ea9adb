import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { SmsBackend, SmsMessage } from 'phone-verify'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { vonageBackend } from 'phone-verify/sms/vonage'
import { type Report, scenario } from '../report.js'

const account = { accountSid: `AC${'5eed'.repeat(8)}`, authToken: 'quartz-token-7f31d0c2b9', from: '+15005550006' }
const vonageAccount = { apiKey: 'abcd1234', apiSecret: 'walnut-secret-88e1a4d6', from: '15005550006' }
const flag = 'carrier'
const body = '482913 is your Acme code. It expires in 5 minutes. Do not share it.'

const message = {
  to: '+33612345678',
  text: body,
  code: '482913',
  purpose: 'login',
  context: {},
  expiresInMs: 300_000,
} as SmsMessage

/** A carrier in a process of its own, so that its work is not counted: it takes every message. */
function serve(): void {
  let taken = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      taken += 1
      const isTwilio = request.url?.startsWith('/2010') === true
      const reply = isTwilio ? { sid: `SM${taken}`, status: 'queued' } : { message_uuid: `id-${taken}` }
      response.writeHead(isTwilio ? 201 : 202, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
    })
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { readonly port: number }).port))
  process.on('disconnect', () => process.exit())
}

type Send = () => Promise<unknown>

const by =
  (backend: SmsBackend): Send =>
  () =>
    backend.send(message)

/** What a send costs this process, in microseconds of CPU. */
async function costOf(send: Send, times: number): Promise<number> {
  let left = times
  const before = process.cpuUsage()
  const sender = async () => {
    while (left-- > 0) await send()
  }
  await Promise.all(Array.from({ length: 16 }, sender))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

async function compare({ quick }: { readonly quick: boolean }): Promise<Report> {
  const carrier = fork(process.argv[1] ?? '', [flag], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [port] = await once(carrier, 'message')
  const baseUrl = `http://127.0.0.1:${port}`

  // The SDKs as their makers hand them out, and nothing else.
  const { default: twilio } = await import('twilio')
  const bareTwilio = twilio(account.accountSid, account.authToken)
  bareTwilio.api.baseUrl = baseUrl
  const { Vonage } = await import('@vonage/server-sdk')
  const bareVonage = new Vonage({ apiKey: vonageAccount.apiKey, apiSecret: vonageAccount.apiSecret }, { apiHost: baseUrl })
  const contestants: Readonly<Record<string, Send>> = {
    'twilio, bare SDK': () => bareTwilio.messages.create({ to: message.to, from: account.from, body, validityPeriod: 300 }),
    twilioBackend: by(twilioBackend({ ...account, baseUrl })),
    'vonage, bare SDK': () =>
      bareVonage.messages.send({ channel: 'sms', messageType: 'text', to: '33612345678', from: vonageAccount.from, text: body } as never),
    vonageBackend: by(vonageBackend({ ...vonageAccount, baseUrl })),
  }

  const [rounds, times] = quick ? [3, 1_000] : [9, 2_000]
  const costs = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]))
  const names = Object.keys(contestants)
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + names.length) % names.length] as string
      const cost = await costOf(contestants[name] as Send, times)
      if (round >= 0) costs.get(name)?.push(cost)
    }
  }
  carrier.kill()

  const cost = (name: string) => median(costs.get(name) ?? [])
  const row = (bare: string, ours: string) => [ours, cost(bare), cost(ours), cost(ours) / cost(bare)]
  return {
    title: 'CPU µs of one send in this process, 16 in flight, to a carrier on this machine',
    columns: ['backend', 'bare SDK', 'ours', 'ours / bare'],
    rows: [row('twilio, bare SDK', 'twilioBackend'), row('vonage, bare SDK', 'vonageBackend')],
    gates: [{ name: 'twilioBackend / bare SDK', value: cost('twilioBackend') / cost('twilio, bare SDK'), atMost: 0.5 }],
    notes: ['Both go through the SDK; ours on its own connections, without redirects, with a deadline and a bounded answer.'],
  }
}

if (process.argv[2] === flag) serve()
else await scenario(compare)
