import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { connect as connectTo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { createPhoneVerifier } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { redisStore } from 'phone-verify/store/redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createQueue, queueName, type SmsQueue } from '../../../examples/queued-sending/queue.js'
import type { JobEvent } from '../../../examples/queued-sending/worker.js'
import { createSearch } from '../../fixtures/canary.js'
import { type Carrier, startCarrier } from '../../fixtures/carrier/carrier.js'
import { silence } from '../../fixtures/carrier/faults.js'
import { account } from '../../fixtures/carrier/twilio-account.js'
import { dieWithParent } from '../../fixtures/die-with-parent.js'
import { freePort } from '../../fixtures/free-port.js'
import { type RedisServer, startRedis } from '../../fixtures/redis-server.js'
import { describeWith } from '../../fixtures/services.js'

const secret = 'walnut-and-quince-for-the-queue-of-this-test'
const root = fileURLToPath(new URL('../../../', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const main = ['examples/queued-sending/main.ts', '--role', 'worker']
const patience = 90_000
const waiting = { timeout: patience, interval: 50 }
const takeoverMs = '3000'

/** A worker without claims, on the same queue: it sends what it finds, and then says that it is done. */
const naive = [
  '--input-type=module',
  '--eval',
  `import { Redis } from 'ioredis'
   import { createWorker } from './examples/queued-sending/worker.ts'
   const { REDIS_URL, TAKEOVER_MS, TWILIO_BASE_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, NAIVE_TO } = process.env
   const authorization = 'Basic ' + btoa(TWILIO_ACCOUNT_SID + ':' + TWILIO_AUTH_TOKEN)
   const body = new URLSearchParams({ To: NAIVE_TO, From: TWILIO_FROM, Body: 'Acme: 123456' })
   const url = TWILIO_BASE_URL + '/2010-04-01/Accounts/' + TWILIO_ACCOUNT_SID + '/Messages.json'
   const deliver = async () => {
     await fetch(url, { method: 'POST', headers: { authorization }, body })
     return { ok: true, delivery: 'accepted' }
   }
   const onEvent = (event) => console.log(JSON.stringify(event))
   createWorker({ connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }), verifier: { deliver }, onEvent, takeoverMs: Number(TAKEOVER_MS) })`,
]

/** Where a worker is stopped: at a command that it sends to Redis. */
interface Stop {
  readonly at: RegExp
  /** Before: Redis never gets the command. After: the worker never gets its answer. */
  readonly when: 'before' | 'after'
}

/** The worker's way to Redis. At its stop nothing passes any more, so that the worker stands there until it is killed. */
async function startGate(port: number, { at, when }: Stop) {
  const sockets = new Set<Socket>()
  let [shut, seen, reached] = [false, false, () => {}]
  const stopped = new Promise<void>((resolve) => {
    reached = resolve
  })
  const gate = createServer((client) => {
    const server = connectTo(port, '127.0.0.1')
    let asked = false
    for (const socket of [client, server]) sockets.add(socket.on('error', () => {}))
    client.on('close', () => server.destroy())
    client.on('data', (chunk) => {
      if (seen) return
      if (at.test(chunk.toString('latin1'))) {
        seen = true
        asked = true
        if (when === 'before') return reached()
      }
      server.write(chunk)
    })
    server.on('data', (chunk) => {
      // Redis has answered, so it has done what it was asked.
      if (asked) reached()
      shut ||= seen
      if (!shut) client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => void gate.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    gate.close()
    for (const socket of sockets) socket.destroy()
  })
  return { url: `redis://127.0.0.1:${(gate.address() as { port: number }).port}`, stopped }
}

const claim = /\$\d+\r\npv:c:[^\r]*d\d+\.\d+\r\n/
const acknowledgement = new RegExp(`bull:${queueName}:completed\r\n`)

describeWith('a worker that is killed', 'redisServer', () => {
  let server: RedisServer
  let carrier: Carrier
  let queue: SmsQueue
  let jobs: Queue
  const clients: Redis[] = []
  let numbers = 10_000
  const connect = () => {
    const client = new Redis(server.url, { maxRetriesPerRequest: null })
    clients.push(client)
    return client
  }
  // The web's half. Its own backend gets nothing: what is deferred leaves from a worker.
  const outbox = outboxBackend()
  const openWeb = () =>
    createPhoneVerifier({
      ...{ store: redisStore(connect()), sms: outbox, secret, appName: 'Acme', countries: ['FR', 'US'], delivery: 'deferred' },
      limits: { sendsPerPhone: [], sendsPerPrefix: [], sendsPerTenant: [], sendsPerClient: [] },
    })
  let web: ReturnType<typeof openWeb>

  beforeAll(async () => {
    ;[server, carrier] = await Promise.all([startRedis(), startCarrier()])
    queue = createQueue({ connection: connect() })
    jobs = new Queue(queueName, { connection: connect() })
    web = openWeb()
    await web.ready()
  }, patience)
  afterAll(async () => {
    await Promise.all([queue?.close(), jobs?.close()])
    for (const client of clients) client.disconnect()
    await Promise.all([carrier?.close(), server?.stop()])
    expect(outbox.messages).toHaveLength(0)
  })

  /** The example itself, as a process. */
  function startWorker(redisUrl = server.url, program: readonly string[] = main, more: Record<string, string> = {}) {
    const { accountSid, authToken, from } = account
    const twilio = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: from, TWILIO_BASE_URL: carrier.url }
    const env = { ...process.env, REDIS_URL: redisUrl, PHONE_VERIFY_SECRET: secret, TAKEOVER_MS: takeoverMs, ...twilio, ...more }
    const child: ChildProcess = spawn(process.execPath, ['--import', tsx, ...program], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const settle = dieWithParent(child.pid ?? 0)
    const written: string[] = []
    if (child.stdout) createInterface(child.stdout).on('line', (line) => written.push(line))
    const lines = () => written.map((line): { type: string } => JSON.parse(line))
    const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
      child.once('close', (code, signal) => {
        settle()
        resolve(signal ?? code)
      })
    })
    const end = async (signal: NodeJS.Signals) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    }
    onTestFinished(async () => void (await end('SIGKILL')))
    return {
      end,
      written,
      up: () => expect.poll(() => lines().some(({ type }) => type === 'up'), waiting).toBe(true),
      told: () => lines().filter((event): event is JobEvent => event.type === 'job'),
    }
  }

  /** An accepted send to a number of its own, in the queue. */
  async function enqueued() {
    numbers += 1
    const phone = `+336123${numbers}`
    const sent = await web.sendCode({ phone, purpose: 'login' })
    if (!sent.ok) throw new Error(sent.reason)
    const { sessionToken } = sent
    return { phone, sessionToken, job: await queue.enqueue(sessionToken) }
  }
  const smsTo = (phone: string) => carrier.sms.filter(({ to }) => to === phone).length
  const emptied = () =>
    expect
      .poll(() => jobs.getJobCounts(), waiting)
      .toEqual(expect.objectContaining({ waiting: 0, delayed: 0, active: 0, failed: 0, completed: 0 }))

  /** A person asks again, and a worker that lives sends. The code is that of the challenge. */
  async function recover({ phone, sessionToken }: { phone: string; sessionToken: string }) {
    const before = smsTo(phone)
    const again = await web.resendCode({ sessionToken })
    if (!again.ok) throw new Error(again.reason)
    await queue.enqueue(again.sessionToken)
    await expect.poll(() => smsTo(phone), waiting).toBe(before + 1)
    await emptied()
    const verified = await web.verifyCode({ sessionToken, code: carrier.lastCode(phone), purpose: 'login' })
    expect(verified).toMatchObject({ ok: true, phone })
  }

  /** Kills a worker at its stop, and has another take over. */
  async function killAt(stop: Stop) {
    const gate = await startGate(server.port, stop)
    const first = startWorker(gate.url)
    const visit = await enqueued()
    await gate.stopped
    expect(await first.end('SIGKILL')).toBe('SIGKILL')
    const before = smsTo(visit.phone)
    const second = startWorker()
    await emptied()
    return { visit, before, after: smsTo(visit.phone), first: first.told(), second: second.told() }
  }

  test('before it claimed: the next worker sends', { timeout: patience }, async () => {
    const { visit, before, after, second } = await killAt({ at: claim, when: 'before' })
    expect([before, after]).toEqual([0, 1])
    expect(second).toMatchObject([{ job: visit.job, run: 2, outcome: 'accepted' }])
    await recover(visit)
  })

  test('three times in a row before it claimed: the fourth sends', { timeout: patience * 2 }, async () => {
    const visit = await enqueued()
    for (let death = 0; death < 3; death++) {
      const gate = await startGate(server.port, { at: claim, when: 'before' })
      const worker = startWorker(gate.url)
      await gate.stopped
      await worker.end('SIGKILL')
    }
    const last = startWorker()
    await emptied()
    expect(smsTo(visit.phone)).toBe(1)
    expect(last.told()).toMatchObject([{ job: visit.job, run: 4, outcome: 'accepted' }])
  })

  test('after it claimed, before it called the provider: unknown, and a resend sends', { timeout: patience }, async () => {
    const { visit, before, after, second } = await killAt({ at: claim, when: 'after' })
    expect([before, after]).toEqual([0, 0])
    expect(second).toMatchObject([{ job: visit.job, run: 2, outcome: 'unknown' }])
    await recover(visit)
  })

  test('after the provider took the SMS, before it answered: unknown, and no second SMS', { timeout: patience }, async () => {
    carrier.misbehave(silence({ sent: true }))
    const first = startWorker()
    const visit = await enqueued()
    await expect.poll(() => smsTo(visit.phone), waiting).toBe(1)
    await first.end('SIGKILL')
    carrier.behave()
    const second = startWorker()
    await emptied()
    expect(smsTo(visit.phone)).toBe(1)
    expect(first.told()).toEqual([])
    expect(second.told()).toMatchObject([{ job: visit.job, run: 2, outcome: 'unknown' }])
    await recover(visit)
  })

  test('after the answer, before the job was acknowledged: no second SMS', { timeout: patience }, async () => {
    const { visit, before, after, first, second } = await killAt({ at: acknowledgement, when: 'before' })
    expect([before, after]).toEqual([1, 1])
    expect(first).toMatchObject([{ job: visit.job, run: 1, outcome: 'accepted' }])
    expect(second).toMatchObject([{ job: visit.job, run: 2, outcome: 'unknown' }])
    await recover(visit)
  })

  test('control: at that point a worker without claims sends twice', { timeout: patience }, async () => {
    const gate = await startGate(server.port, { at: acknowledgement, when: 'before' })
    const visit = await enqueued()
    const first = startWorker(gate.url, naive, { NAIVE_TO: visit.phone })
    await gate.stopped
    await first.end('SIGKILL')
    startWorker(server.url, naive, { NAIVE_TO: visit.phone })
    await emptied()
    expect(smsTo(visit.phone)).toBe(2)
  })

  test('again and again, with many jobs in hand: none doubled, none lost in silence', { timeout: patience * 2 }, async () => {
    const visits = await Promise.all(Array.from({ length: 60 }, enqueued))
    const total = () => visits.filter(({ phone }) => smsTo(phone) > 0).length
    const told: JobEvent[] = []
    // Each dies in the middle of its work: when the phones have got so many more.
    for (const enough of [3, 9, 16]) {
      const worker = startWorker()
      await expect.poll(total, { timeout: patience, interval: 1 }).toBeGreaterThanOrEqual(enough)
      await worker.end('SIGKILL')
      told.push(...worker.told())
    }
    const last = startWorker()
    await emptied()
    told.push(...last.told())

    const outcomes = (job: string) => told.filter((event) => event.job === job).map(({ outcome }) => outcome)
    const counts = visits.map(({ phone }) => smsTo(phone))
    expect(Math.max(...counts)).toBe(1)
    const silent = visits.filter(({ phone, job }) => smsTo(phone) === 0 && !outcomes(job).includes('unknown'))
    expect(silent).toEqual([])
    expect(visits.filter(({ job }) => outcomes(job).length === 0)).toEqual([])
    // It was a test of something only if workers died with jobs in hand, and left others.
    expect(told.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThan(0)
    expect(told.filter(({ outcome }) => outcome === 'accepted').length).toBeGreaterThan(0)

    const unsent = visits.filter(({ phone }) => smsTo(phone) === 0)
    for (const visit of unsent.slice(0, 3)) await recover(visit)
  })

  test('one that is asked to stop finishes what it has in hand and ends with 0', { timeout: patience }, async () => {
    let answer = () => {}
    const asked = new Promise<void>((resolve) => {
      carrier.misbehave(
        async (visit) => {
          const verdict = await visit.read()
          resolve()
          await new Promise<void>((go) => {
            answer = go
          })
          visit.deliver(verdict)
          visit.reply(verdict.reply)
        },
        { times: 1 },
      )
    })
    const worker = startWorker()
    const visit = await enqueued()
    await asked
    const ended = worker.end('SIGTERM')
    answer()
    expect(await ended).toBe(0)
    expect(worker.told()).toMatchObject([{ job: visit.job, run: 1, outcome: 'accepted' }])
    expect(smsTo(visit.phone)).toBe(1)
    await emptied()
  })

  test('web and worker in one process: a number is verified, and nothing secret is written', { timeout: patience }, async () => {
    const port = await freePort()
    const both = startWorker(server.url, [main[0] ?? '', '--role', 'both'], { PORT: String(port) })
    await both.up()
    const ask = async (path: string, body: object) => {
      const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) })
      return { status: reply.status, body: (await reply.json()) as Record<string, string> }
    }
    const phone = '+33698765432'
    const sent = await ask('/send', { phone })
    expect(sent.status).toBe(202)
    await expect.poll(() => smsTo(phone), waiting).toBe(1)
    const code = carrier.lastCode(phone)
    const { sessionToken = '' } = sent.body
    const verified = await ask('/verify', { sessionToken, code })
    expect(verified).toMatchObject({ status: 200, body: { phone } })
    await emptied()
    expect(await both.end('SIGTERM')).toBe(0)
    const secrets = {
      phone: [phone],
      token: [sessionToken],
      secret: [secret],
      key: [account.authToken],
      proof: [verified.body['proof'] ?? ''],
    }
    expect(createSearch(secrets)(both.written.join('\n'))).toEqual([])
    expect(both.written.join('\n')).not.toMatch(new RegExp(`(?<![\\d.])${code}(?!\\d)`))
    expect(both.told()).toMatchObject([{ run: 1, outcome: 'accepted' }])
  })
})

describe('the command line', () => {
  test.each([
    ['--role=queen', {}, '--role is web, worker or both\n'],
    ['--role=web', { REDIS_URL: '' }, 'set REDIS_URL: see examples/queued-sending/README.md\n'],
    ['--role=web', { PHONE_VERIFY_SECRET: '' }, 'set PHONE_VERIFY_SECRET: see examples/queued-sending/README.md\n'],
  ])('%s with %j ends with 2', { timeout: patience }, async (role, more, message) => {
    const env = { ...process.env, REDIS_URL: 'redis://127.0.0.1:1', PHONE_VERIFY_SECRET: secret, ...more }
    const child = spawn(process.execPath, ['--import', tsx, main[0] ?? '', role], { cwd: root, env, stdio: ['ignore', 'inherit', 'pipe'] })
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect([code, said]).toEqual([2, message])
  })
})
