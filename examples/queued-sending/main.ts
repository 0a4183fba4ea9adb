import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { createPhoneVerifier, type SmsBackend } from 'phone-verify'
import { consoleBackend } from 'phone-verify/sms/console'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { redisStore } from 'phone-verify/store/redis'
import { buildApp } from './app.js'
import { createQueue } from './queue.js'
import { createWorker } from './worker.js'

const { env } = process

/** One line of JSON for every decision. No event holds a code, a number or a token. */
const log = (event: object) => void process.stdout.write(`${JSON.stringify(event)}\n`)

function required(name: 'REDIS_URL' | 'PHONE_VERIFY_SECRET'): string {
  const value = env[name]
  if (!value) throw new Error(`set ${name}: see examples/queued-sending/README.md`)
  return value
}

function openBackend(): SmsBackend {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: from, TWILIO_BASE_URL: baseUrl } = env
  return accountSid ? twilioBackend({ accountSid, authToken, from, baseUrl }) : consoleBackend()
}

async function run(role: string): Promise<void> {
  if (!['web', 'worker', 'both'].includes(role)) throw new Error('--role is web, worker or both')
  const [url, secret] = [required('REDIS_URL'), required('PHONE_VERIFY_SECRET')]
  // In the order in which they were opened; closed the other way round.
  const closers: (() => unknown)[] = []
  const connect = (retries: number | null) => {
    const client = new Redis(url, { maxRetriesPerRequest: retries })
    client.on('error', () => log({ type: 'redis', outcome: 'error' }))
    closers.push(() => client.disconnect())
    return client
  }

  // Web and worker make the same one: a worker opens the tokens that the web sealed, with the same secret and store.
  const verifier = createPhoneVerifier({
    store: redisStore(connect(1)),
    sms: openBackend(),
    secret,
    appName: 'Acme',
    countries: ['FR', 'US'],
    delivery: 'deferred',
    requireReach: 'shared',
    onEvent: log,
  })
  closers.push(() => verifier.close())
  const stop = async () => {
    for (const close of closers.reverse()) await close()
  }
  try {
    await verifier.ready()
    if (role !== 'web') {
      const takeoverMs = env['TAKEOVER_MS'] === undefined ? undefined : Number(env['TAKEOVER_MS'])
      const worker = createWorker({ connection: connect(null), verifier, onEvent: log, takeoverMs })
      closers.push(() => worker.close())
      await worker.ready()
    }
    if (role !== 'worker') {
      // A visitor does not wait for a Redis that is away: one retry, then 503.
      const queue = createQueue({ connection: connect(1) })
      closers.push(() => queue.close())
      const server = createServer(buildApp({ verifier, enqueue: queue.enqueue }))
      await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(Number(env['PORT'] ?? 3000), resolve))
      closers.push(() => new Promise((resolve) => server.close(resolve)))
    }
  } catch (error) {
    await stop()
    throw error
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
  log({ type: 'up', role })
}

try {
  await run(parseArgs({ options: { role: { type: 'string', default: 'both' } } }).values.role)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`)
  process.exitCode = 2
}
