import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { createPhoneVerifier, type PhoneVerifier, PhoneVerifyError, type SmsBackend, type SmsMessage, type Store } from 'phone-verify'
import { redisStore } from 'phone-verify/store/redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildApp } from '../../examples/queued-sending/app.js'
import { createQueue, maxTries, retryDelayMs, type SmsJob } from '../../examples/queued-sending/queue.js'
import { createWorker, type JobEvent, type WorkerParts } from '../../examples/queued-sending/worker.js'
import { createSearch } from '../fixtures/canary.js'
import { type RedisServer, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'

const secret = 'walnut-and-quince-for-the-queue-of-this-test'
const phone = '+33612345678'
const patience = 30_000

/** What a provider does with one message; without a number and code in its errors nobody would notice that they are passed on. */
type Deed = (message: SmsMessage) => void | Promise<void>
const fails =
  (code: 'ERR_PV_SMS_UNAVAILABLE' | 'ERR_PV_SMS_REFUSED' | 'ERR_PV_SMS_UNKNOWN'): Deed =>
  ({ to, text }) => {
    throw Object.assign(new PhoneVerifyError(code, `no ${text} for ${to}`), { to, text })
  }
const takes: Deed = () => {}

/** Lets go when it is told to. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** A phone and its provider. It does the given deeds one after another, and then takes whatever comes. */
function scriptedPhone(...deeds: readonly Deed[]) {
  const left = [...deeds]
  const asked: SmsMessage[] = []
  const sms: SmsMessage[] = []
  const backend: SmsBackend = {
    name: 'scripted',
    async send(message) {
      asked.push(message)
      await (left.shift() ?? takes)(message)
      sms.push(message)
      return { backend: 'scripted', messageId: null }
    },
  }
  return { backend, asked, sms }
}

/** Events, and a promise for when there are enough of them. */
function diary() {
  const events: JobEvent[] = []
  let look = () => {}
  const until = (enough: (events: readonly JobEvent[]) => boolean) =>
    new Promise<void>((resolve) => {
      look = () => enough(events) && resolve()
      look()
    })
  return {
    events,
    outcomes: () => events.map(({ outcome }) => outcome),
    write(event: JobEvent) {
      events.push(event)
      look()
    },
    count: (many: number) => until(({ length }) => length >= many),
  }
}

describe('the waits between tries', () => {
  test('end within the life of a code, and not long before', () => {
    const waits = Array.from({ length: maxTries - 1 }, (_, index) => retryDelayMs(index + 1))
    expect(waits.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 24_000, 24_000])
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(247_000)
  })
})

describeWith('queued sending', 'redisServer', () => {
  let server: RedisServer
  let admin: Redis
  let places = 0
  beforeAll(async () => {
    server = await startRedis()
    admin = new Redis(server.url)
  }, patience)
  afterAll(async () => {
    admin?.disconnect()
    await server?.stop()
  })

  const connect = () => {
    const client = new Redis(server.url, { maxRetriesPerRequest: null })
    onTestFinished(() => client.disconnect())
    return client
  }

  /** A queue and a store of this test alone, and what web and workers make of them. */
  function place(sms: SmsBackend) {
    places += 1
    const name = `sms-${places}`
    const store = redisStore(connect(), { prefix: `pv${places}:` })
    const makeVerifier = (over: { store?: Store; now?: () => number } = {}): PhoneVerifier => {
      const unlimited = { sendsPerPhone: [], sendsPerClient: [], sendsPerPrefix: [] }
      const given = { store, sms, secret, appName: 'Acme', countries: ['FR'], limits: unlimited, codeLength: 10 }
      const verifier = createPhoneVerifier({ ...given, delivery: 'deferred', ...over })
      onTestFinished(() => verifier.close())
      return verifier
    }
    const verifier = makeVerifier()
    const queue = createQueue({ connection: connect(), name })
    onTestFinished(() => queue.close())
    const jobs = new Queue<SmsJob>(name, { connection: connect() })
    onTestFinished(() => jobs.close())
    const { events, outcomes, write, count } = diary()

    return {
      name,
      verifier,
      makeVerifier,
      store,
      queue,
      jobs,
      events,
      outcomes,
      count,
      /** An accepted send; its token is nobody's job yet. */
      async token() {
        const sent = await verifier.sendCode({ phone, purpose: 'login' })
        if (!sent.ok) throw new Error(sent.reason)
        return sent.sessionToken
      },
      async resent(sessionToken: string) {
        const sent = await verifier.resendCode({ sessionToken })
        if (!sent.ok) throw new Error(sent.reason)
        return sent.sessionToken
      },
      async work(over: Partial<WorkerParts> = {}) {
        const worker = createWorker({ connection: connect(), verifier, onEvent: write, name, retryDelay: () => 1, ...over })
        onTestFinished(() => worker.close())
        await worker.ready()
        return worker
      },
      /** Resolves when no job is waiting, delayed, in hand or kept. */
      async emptied() {
        await expect
          .poll(() => jobs.getJobCounts(), { timeout: patience })
          .toEqual(expect.objectContaining({ waiting: 0, delayed: 0, active: 0, failed: 0, completed: 0 }))
      },
    }
  }

  /** Everything that Redis holds, keys and values. */
  async function dump() {
    const read: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
      string: (key) => admin.get(key),
      hash: (key) => admin.hgetall(key),
      list: (key) => admin.lrange(key, 0, -1),
      set: (key) => admin.smembers(key),
      zset: (key) => admin.zrange(key, '0', '-1'),
      stream: (key) => admin.xrange(key, '-', '+'),
    }
    const keys = await admin.keys('*')
    const values = await Promise.all(keys.map(async (key) => [key, await read[await admin.type(key)]?.(key)]))
    // JSON within JSON: quotes of the inner one would hide what stands beside them from no search, but take them off all the same.
    return JSON.stringify(values).replaceAll('\\', '')
  }

  /** The visitor's side, over HTTP. */
  async function visit(app: ReturnType<typeof buildApp>) {
    const web = createServer(app)
    await new Promise<void>((resolve) => void web.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void web.close())
    const { port } = web.address() as AddressInfo
    return async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: text, headers })
      return { status: reply.status, body: (await reply.json()) as Record<string, string> }
    }
  }

  test('the reply does not wait for the SMS, and the code that a worker sends is the right one', { timeout: patience }, async () => {
    const provider = gate()
    const { backend, asked, sms } = scriptedPhone(() => provider.opened)
    const { verifier, queue, work, count, outcomes, emptied } = place(backend)
    const ask = await visit(buildApp({ verifier, enqueue: queue.enqueue }))
    await work()

    const sent = await ask('/send', { phone })
    expect(sent).toEqual({
      status: 202,
      body: { sessionToken: expect.any(String), expiresAt: expect.any(String), resendAt: expect.any(String) },
    })
    await expect.poll(() => asked.length).toBe(1)
    expect(sms).toHaveLength(0)
    provider.open()
    await count(1)
    expect(outcomes()).toEqual(['accepted'])

    const { sessionToken } = sent.body
    expect(await ask('/verify', { sessionToken, code: '0000000000' })).toMatchObject({ status: 422, body: { reason: 'incorrect_code' } })
    expect(await ask('/verify', { sessionToken, code: sms[0]?.code })).toMatchObject({ status: 200, body: { phone } })
    await emptied()
  })

  test('a resend is a job of its own, and the older job finds nothing to do', { timeout: patience }, async () => {
    const { backend, sms } = scriptedPhone()
    const { verifier, queue, work, count, outcomes, emptied } = place(backend)
    const ask = await visit(buildApp({ verifier, enqueue: queue.enqueue }))
    const { sessionToken } = (await ask('/send', { phone })).body
    expect((await ask('/resend', { sessionToken })).status).toBe(202)
    await work()
    await count(2)
    expect(outcomes().toSorted()).toEqual(['accepted', 'already_delivered'])
    expect(sms).toHaveLength(1)
    await emptied()
  })

  test('a request that failed between the send and the queue is repeated with its key', { timeout: patience }, async () => {
    const { backend, sms } = scriptedPhone()
    const { verifier, queue, work, count, outcomes } = place(backend)
    let down = true
    const enqueue = async (sessionToken: string) => {
      if (down) throw new Error(`no connection for ${sessionToken}`)
      return queue.enqueue(sessionToken)
    }
    const ask = await visit(buildApp({ verifier, enqueue }))
    const key = { 'idempotency-key': 'visit-1' }
    expect(await ask('/send', { phone }, key)).toEqual({ status: 503, body: { reason: 'unavailable' } })
    down = false
    const sent = await ask('/send', { phone }, key)
    await ask('/send', { phone }, key)
    await work()
    await count(2)
    expect(outcomes().toSorted()).toEqual(['accepted', 'already_delivered'])
    expect(sms).toHaveLength(1)
    const { sessionToken } = sent.body
    expect(await ask('/verify', { sessionToken, code: sms[0]?.code })).toMatchObject({ status: 200 })
  })

  test('what is no request of ours is refused', async () => {
    const { verifier, queue } = place(scriptedPhone().backend)
    const ask = await visit(buildApp({ verifier, enqueue: queue.enqueue }))
    expect(await ask('/', {})).toEqual({ status: 404, body: { reason: 'not_found' } })
    for (const body of ['{', 'null', '"text"', JSON.stringify({ phone, more: 'x'.repeat(4_096) })])
      expect(await ask('/send', body)).toEqual({ status: 400, body: { reason: 'invalid_request' } })
    expect(await ask('/send', { phone: '12' })).toEqual({ status: 422, body: { ok: false, reason: 'invalid_phone_number' } })
  })

  test('a provider that was away is tried again, and sends once', { timeout: patience }, async () => {
    const away = fails('ERR_PV_SMS_UNAVAILABLE')
    const { backend, asked, sms } = scriptedPhone(away, away)
    const { token, queue, work, count, events, emptied } = place(backend)
    await queue.enqueue(await token())
    await work()
    await count(3)
    const code = 'ERR_PV_SMS_UNAVAILABLE'
    expect(events).toMatchObject([
      { run: 1, outcome: 'retrying', code },
      { run: 2, outcome: 'retrying', code },
      { run: 3, outcome: 'accepted' },
    ])
    await emptied()
    expect([asked.length, sms.length]).toEqual([3, 1])
  })

  test('a provider that stays away is given up, and a resend starts anew', { timeout: patience }, async () => {
    const { backend, asked, sms } = scriptedPhone(...Array<Deed>(maxTries).fill(fails('ERR_PV_SMS_UNAVAILABLE')))
    const { token, resent, queue, work, count, outcomes, emptied } = place(backend)
    const first = await token()
    await queue.enqueue(first)
    await work()
    await count(maxTries)
    expect(outcomes()).toEqual([...Array(maxTries - 1).fill('retrying'), 'gave_up'])
    await emptied()
    expect([asked.length, sms.length]).toEqual([maxTries, 0])
    await queue.enqueue(await resent(first))
    await count(maxTries + 1)
    expect(sms).toHaveLength(1)
  })

  test('a number that the provider refuses is not tried again, and no code opens it', { timeout: patience }, async () => {
    const { backend, asked } = scriptedPhone(fails('ERR_PV_SMS_REFUSED'))
    const { verifier, token, queue, work, count, outcomes, emptied } = place(backend)
    const sessionToken = await token()
    await queue.enqueue(sessionToken)
    await work()
    await count(1)
    await emptied()
    expect(outcomes()).toEqual(['undeliverable'])
    expect(asked).toHaveLength(1)
    const verified = await verifier.verifyCode({ sessionToken, code: asked[0]?.code, purpose: 'login' })
    expect(verified).toMatchObject({ ok: false, reason: 'incorrect_code' })
  })

  test('what may have been sent is not sent again, but a resend is', { timeout: patience }, async () => {
    const { backend, asked, sms } = scriptedPhone(fails('ERR_PV_SMS_UNKNOWN'))
    const { token, resent, queue, work, count, outcomes, emptied } = place(backend)
    const first = await token()
    await queue.enqueue(first)
    await work()
    await count(1)
    await emptied()
    expect([outcomes(), asked.length]).toEqual([['unknown'], 1])
    await queue.enqueue(await resent(first))
    await count(2)
    expect(outcomes()).toEqual(['unknown', 'accepted'])
    expect(sms).toHaveLength(1)
  })

  test('a code that ended in the queue is not sent', { timeout: patience }, async () => {
    const { backend, asked } = scriptedPhone()
    const { token, queue, work, count, outcomes, makeVerifier, emptied } = place(backend)
    await queue.enqueue(await token())
    await work({ verifier: makeVerifier({ now: () => Date.now() + 301_000 }) })
    await count(1)
    await emptied()
    expect([outcomes(), asked.length]).toEqual([['expired'], 0])
  })

  test('a job that holds no token of ours is done with', { timeout: patience }, async () => {
    const { queue, work, count, outcomes, emptied } = place(scriptedPhone().backend)
    await queue.enqueue('no.token.of.ours')
    await work()
    await count(1)
    expect(outcomes()).toEqual(['invalid_session'])
    await emptied()
  })

  test.each([
    ['ERR_PV_CONFIGURATION', 1],
    ['ERR_PV_CLOSED', maxTries],
  ] as const)('%s is tried %i times', { timeout: patience }, async (code, tries) => {
    const { queue, work, count, events, emptied } = place(scriptedPhone().backend)
    const deliver = () => Promise.reject(new PhoneVerifyError(code, 'no'))
    await queue.enqueue('token')
    await work({ verifier: { deliver } })
    await count(tries)
    await emptied()
    expect(events).toHaveLength(tries)
    expect(events.at(-1)).toMatchObject({ run: tries, outcome: 'gave_up', code })
  })

  describe('at least once, as queues are', () => {
    /** Five jobs with one token, two workers. */
    async function duplicates(deliverNaively: boolean) {
      const { backend, sms } = scriptedPhone()
      const { verifier, token, queue, work, count, outcomes, emptied } = place(backend)
      const sessionToken = await token()
      await Promise.all(Array.from({ length: 5 }, () => queue.enqueue(sessionToken)))
      const naive: Pick<PhoneVerifier, 'deliver'> = {
        async deliver() {
          await backend.send({ to: phone as SmsMessage['to'], text: 'a code', purpose: 'login', context: {} })
          return { ok: true, delivery: 'accepted' }
        },
      }
      const chosen = { verifier: deliverNaively ? naive : verifier }
      await Promise.all([work(chosen), work(chosen)])
      await count(5)
      await emptied()
      return { sms, outcomes: outcomes().toSorted() }
    }

    test('five jobs with one token send one SMS', { timeout: patience }, async () => {
      const { sms, outcomes } = await duplicates(false)
      expect(sms).toHaveLength(1)
      expect(outcomes).toEqual(['accepted', ...Array(4).fill('already_delivered')])
    })

    test('control: without a claim they send five', { timeout: patience }, async () => {
      expect((await duplicates(true)).sms).toHaveLength(5)
    })

    test('a worker that lost its lock while it was sending, and the one that took over, send one SMS', { timeout: patience }, async () => {
      const provider = gate()
      const { backend, asked, sms } = scriptedPhone(() => provider.opened)
      const { name, token, queue, work, count, events, emptied } = place(backend)
      const job = await queue.enqueue(await token())
      // One job at a time: the run that takes over is the other worker's.
      const slow = { takeoverMs: 1_500, concurrency: 1 }
      await work(slow)
      await expect.poll(() => asked.length).toBe(1)
      await admin.del(`bull:${name}:${job}:lock`)
      await work(slow)
      await count(1)
      expect(events).toMatchObject([{ run: 2, outcome: 'unknown' }])
      provider.open()
      await count(2)
      expect(events[1]).toMatchObject({ run: 1, outcome: 'accepted' })
      await emptied()
      expect([asked.length, sms.length]).toEqual([1, 1])
    })
  })

  describe('a store that fails at the claim', () => {
    /** Fails once: before the claim is made, or after it. */
    async function failing(after: boolean) {
      const { backend, sms } = scriptedPhone()
      const made = place(backend)
      let fail = true
      const store: Store = {
        ...made.store,
        async close(...given) {
          if (!fail || !given[0].includes('d1.')) return made.store.close(...given)
          fail = false
          if (after) await made.store.close(...given)
          throw new Error(`lost ${given[0]}`)
        },
      }
      const first = await made.token()
      await made.queue.enqueue(first)
      await made.work({ verifier: made.makeVerifier({ store }) })
      await made.count(2)
      await made.emptied()
      return { ...made, first, sms }
    }

    test('before it was made: the next try sends', { timeout: patience }, async () => {
      const { events, sms } = await failing(false)
      expect(events).toMatchObject([{ outcome: 'retrying', code: 'ERR_PV_STORE' }, { outcome: 'accepted' }])
      expect(sms).toHaveLength(1)
    })

    test('after it was made: nobody knows who claimed, so it counts as begun, and a resend recovers it', {
      timeout: patience,
    }, async () => {
      const { events, sms, resent, queue, first, count } = await failing(true)
      expect(events).toMatchObject([{ outcome: 'retrying', code: 'ERR_PV_STORE' }, { outcome: 'unknown' }])
      expect(sms).toHaveLength(0)
      await queue.enqueue(await resent(first))
      await count(3)
      expect(sms).toHaveLength(1)
    })
  })

  test('a worker that closes finishes what it has in hand, and takes nothing more', { timeout: patience }, async () => {
    const provider = gate()
    const { backend, asked, sms } = scriptedPhone(() => provider.opened)
    const { token, queue, work, outcomes, jobs } = place(backend)
    await queue.enqueue(await token())
    const worker = await work()
    await expect.poll(() => asked.length).toBe(1)
    let closed = false
    const closing = worker.close().then(() => {
      closed = true
    })
    await queue.enqueue(await token())
    expect(closed).toBe(false)
    provider.open()
    await closing
    expect([outcomes(), sms.length]).toEqual([['accepted'], 1])
    expect(await jobs.getJobCounts()).toMatchObject({ active: 0, waiting: 1 })
  })

  describe('what Redis holds', () => {
    test('of a waiting and a failed job: the encrypted token and the code of an error', { timeout: patience }, async () => {
      const { backend, asked } = scriptedPhone(fails('ERR_PV_SMS_UNAVAILABLE'))
      const { token, queue, jobs, work, count, events } = place(backend)
      const sessionToken = await token()
      const id = await queue.enqueue(sessionToken)
      const waiting = await dump()
      await work({ retryDelay: () => 600_000 })
      await count(1)
      await expect.poll(async () => (await jobs.getJobCounts())['delayed']).toBe(1)
      const job = await jobs.getJob(id)
      expect(job?.failedReason).toBe('ERR_PV_SMS_UNAVAILABLE')
      expect(job?.stacktrace).toHaveLength(1)
      expect(job?.data).toEqual({ sessionToken })

      const code = asked[0]?.code ?? ''
      const secrets = createSearch({ code: [code], phone: [phone], secret: [secret], text: [asked[0]?.text ?? ''], key: ['Acme code'] })
      for (const held of [waiting, await dump()]) {
        expect(secrets(held)).toEqual([])
        // Controls: the search looks at the jobs, and would find what is looked for.
        expect(held).toContain(sessionToken)
        expect(secrets(held.replace(sessionToken, `${code} for ${phone}`))).toEqual(['code', 'phone'])
      }
      expect(secrets(JSON.stringify(events))).toEqual([])
      expect(JSON.stringify(events)).not.toContain(sessionToken)
    })

    test('of an error that is none of ours: no word', { timeout: patience }, async () => {
      const { queue, jobs, work, count, events } = place(scriptedPhone().backend)
      const deliver = () => Promise.reject(Object.assign(new Error(`4829135670 for ${phone}`), { code: `E${phone}` }))
      const id = await queue.enqueue('token')
      await work({ verifier: { deliver }, retryDelay: () => 600_000 })
      await count(1)
      await expect.poll(async () => (await jobs.getJobCounts())['delayed']).toBe(1)
      expect((await jobs.getJob(id))?.failedReason).toBe('ERR_WORKER')
      expect(events).toMatchObject([{ outcome: 'retrying', code: 'ERR_WORKER' }])
      expect(createSearch({ code: ['4829135670'], phone: [phone] })(await dump())).toEqual([])
    })

    test.each([
      ['done', 'accepted', []],
      ['given up', 'gave_up', Array<Deed>(maxTries).fill(fails('ERR_PV_SMS_UNAVAILABLE'))],
    ] as const)('of a job that is %s: nothing', { timeout: patience }, async (_, last, deeds) => {
      const { backend, asked } = scriptedPhone(...deeds)
      const { token, queue, work, count, outcomes, emptied } = place(backend)
      const sessionToken = await token()
      await queue.enqueue(sessionToken)
      expect(await dump()).toContain(sessionToken)
      await work()
      await count(Math.max(1, deeds.length))
      await emptied()
      expect(outcomes().at(-1)).toBe(last)
      const held = await dump()
      expect(held).not.toContain(sessionToken)
      expect(createSearch({ code: [asked[0]?.code ?? ''], phone: [phone], token: [sessionToken] })(held)).toEqual([])
    })
  })
})
