import { Pool } from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from '../fixtures/postgres-server.js'
import { startRedis } from '../fixtures/redis-server.js'
import { unlimited, wrong } from '../fixtures/rig.js'
import { describeWith } from '../fixtures/services.js'
import { buildCopy } from './built-copy.js'
import { installSchema, type OpenedStore, openIoredis, openNodeRedis, openPostgres, type Place } from './opened-store.js'
import { noViolations, startTraffic, violations } from './traffic.js'
import { until } from './until.js'
import { makeVisits, nameOf, nextPhone, purpose, type Visits } from './visits.js'

type Next = typeof import('./next-version.js')

const capped = { limits: { ...unlimited, sendsPerPhone: [{ max: 2, windowMs: 3_600_000 }] } }

/** One phone and one challenge, fought over by every process at once: 12 sends, of which two may go, and 16 guesses, of which five. */
async function contest(processes: readonly Visits[]) {
  const turn = (index: number) => processes[index % processes.length] as Visits
  const phone = nextPhone()
  const sends = await Promise.all(Array.from({ length: 12 }, (_, index) => nameOf(turn(index).verifier.sendCode({ phone, purpose }))))
  const sms = processes.flatMap(({ messages }) => messages.filter(({ to }) => to === phone)).length
  const challenge = await turn(Math.floor(Math.random() * processes.length)).start()
  const typed = Array.from({ length: 16 }, (_, index) => (index === 9 ? challenge.code : wrong(challenge.code)))
  const guesses = await Promise.all(typed.map((code, index) => nameOf(turn(index).guess(challenge, code))))
  return {
    calls: sends.length + guesses.length + 1,
    refused: [...sends, ...guesses].filter((outcome) => outcome === 'ERR_PV_STORE').length,
    sent: sends.filter((outcome) => outcome === 'ok').length,
    sms,
    evaluated: guesses.filter((outcome) => outcome === 'ok' || outcome === 'incorrect_code').length,
    successes: guesses.filter((outcome) => outcome === 'ok').length,
  }
}

async function mixed(stores: readonly OpenedStore[], next: Next, calls: number) {
  // Every other process is of the next version, and of another build besides.
  const visitsOf = (options: object) =>
    stores.map(({ store }, index) => (index % 2 === 0 ? makeVisits(store, options) : next.makeVisits(store, options)))
  const processes = visitsOf({})
  const traffic = startTraffic(processes, 8)
  await until('half of the calls', () => traffic.calls.length >= calls / 2, 120_000)
  await traffic.stop()
  let made = traffic.calls.length
  const fighting = visitsOf(capped)
  const faults: unknown[] = []
  while (made < calls) {
    const one = await contest(fighting)
    made += one.calls
    // A call that the store was too slow for is refused, and may have spent: then less is allowed, never more.
    const whole = one.refused > 0 || (one.sent === 2 && (one.evaluated === 5 || one.successes === 1))
    const isRight = one.sent <= 2 && one.sms <= 2 && one.evaluated <= 5 && one.successes <= 1 && whole
    if (!isRight) faults.push(one)
  }
  const refused = traffic.calls.filter(({ outcome }) => outcome.startsWith('ERR_')).length
  await Promise.all(stores.map(({ end }) => end()))
  return { made, refused, faults, violations: violations(traffic, processes) }
}

/** T-STO-07: while a new version is rolled out, both share one store. */
export const rolloutSuite = (calls: number) => {
  const cases = [
    [
      'Redis',
      'redisServer',
      () => startRedis(),
      async (_: Place) => {},
      (at: Place, next: Next) => [openIoredis(at), next.openNextRedis(at), openNodeRedis(at), next.openNextRedis(at)],
    ],
    [
      'Postgres',
      'postgresServer',
      () => startPostgres(),
      installSchema,
      (at: Place, next: Next) => [openPostgres(at), next.openNextPostgres(at), openPostgres(at), next.openNextPostgres(at)],
    ],
  ] as const
  for (const [name, service, start, install, open] of cases) {
    describeWith(`T-STO-07: two versions on one ${name}`, service, () => {
      test(`${calls} calls: no success and no limit is exceeded`, { timeout: 60_000 + calls * 20 }, async () => {
        const copy = await buildCopy(new URL('./next-version.ts', import.meta.url))
        const server = await start()
        try {
          await install(server)
          const next = (await import(copy.module.href)) as Next
          const stores = open(server, next)
          if (name === 'Postgres') {
            const pool = new Pool({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres', max: 1 })
            await pool.query(next.nextSchema())
            await pool.end()
          }
          const { made, refused, ...found } = await mixed(stores, next, calls)
          console.info(`T-STO-07 on ${name}: ${made} calls, ${refused} refused, ${JSON.stringify(found)}`)
          expect(found).toEqual({ faults: [], violations: noViolations })
          expect(refused).toBeLessThan(made / 50)
        } finally {
          await server.stop()
          await copy.remove()
        }
      })
    })
  }
}
