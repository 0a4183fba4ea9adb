import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSubjects } from '../../examples/accounts/subjects.js'
import { openChallenges } from '../../examples/password-reset/challenges.js'
import { forgotRoutes } from '../../examples/password-reset/forgot.js'
import type { Route } from '../../examples/service/route.js'
import { base, day, type ResetWorld, startResetWorld } from '../examples/password-reset-world.js'
import { auc } from '../fixtures/auc.js'

const pairs = Number(process.env['TIMING_PAIRS'] ?? 3_000)
const warmUp = 300
const calls = 2 * (pairs + warmUp)

let world: ResetWorld
let forgotRoute: Route
let close: () => Promise<void>
let clients = 0
let numbers = 0

// A thread of its own, which hears a reply when it comes and not when the server's thread has nothing else to do.
const client = new Worker(
  `const { parentPort } = require('node:worker_threads')
   const { Agent, request } = require('node:http')
   const agent = new Agent({ keepAlive: true, maxSockets: 1 })
   parentPort.on('message', ({ url, headers, payload }) => {
     const from = performance.now()
     const sent = request(url, { method: 'POST', agent, headers }, (response) => {
       const chunks = []
       response.on('data', (chunk) => chunks.push(chunk))
       response.once('end', () => {
         const clock = (performance.now() - from) * 1000
         parentPort.postMessage({ status: response.statusCode, text: Buffer.concat(chunks).toString(), clock })
       })
     })
     sent.end(payload)
   })`,
  { eval: true },
)

beforeAll(async () => {
  // No provider takes of the process' time, and verification lives in memory: what is measured is the app.
  const over = ({ now }: { readonly now: () => number }) => ({ store: memoryStore({ now }), storeJoins: false, sms: outboxBackend() })
  world = await startResetWorld({ over })
  const parts = { ...world.parts, ...over(world.parts) }
  const challenges = openChallenges(parts)
  close = challenges.close
  const [route] = forgotRoutes(base, { parts, challenges, subjects: createSubjects(parts.secrets.tokens), defaultCountry: 'CM' })
  if (route === undefined) throw new Error('there is no such route')
  forgotRoute = route
  // Every second number is an account's.
  await world.database.query(
    `INSERT INTO account (phone, phone_verified_at, password_hash, first_name, last_name, created_at)
     SELECT '+336' || (12000000 + 2 * i), now(), 'scrypt$10$' || md5(i::text) || '$' || md5(i::text) || md5(i::text), 'A', 'B', now()
     FROM generate_series(0, $1::int) AS i`,
    [8 * calls],
  )
}, 120_000)
afterAll(async () => {
  await client.terminate()
  await close()
  await world.close()
})

/** What a call took, in microseconds, by one measure or several. */
type Spent = Readonly<Record<string, number>>

async function spentOn(act: () => Promise<unknown>, extraUs = 0): Promise<Spent> {
  const [from, used] = [performance.now(), process.cpuUsage()]
  await act()
  const end = performance.now() + extraUs / 1_000
  while (performance.now() < end);
  const { user, system } = process.cpuUsage(used)
  return { clock: (performance.now() - from) * 1_000, processor: user + system }
}

type Kind = 'known' | 'unknown'

/** A number that was never asked for. */
const phoneOf = (kind: Kind) => {
  numbers += 1
  return `+336${12_000_000 + 2 * numbers + (kind === 'known' ? 0 : 1)}`
}

/** An address that was never heard of. */
const addressOf = () => {
  clients += 1
  return `10.${(clients >> 16) & 255}.${(clients >> 8) & 255}.${clients & 255}`
}

/** Over a socket, through every guard: the session token of the reply, and its time. */
async function post(path: string, body: object, expected: number): Promise<{ readonly token: string; readonly clock: number }> {
  const payload = JSON.stringify(body)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), 'x-forwarded-for': addressOf() }
  const replied = once(client, 'message')
  client.postMessage({ url: `${world.url}${base}/password/${path}/`, headers, payload })
  const [{ status, text, clock }] = await replied
  if (status !== expected) throw new Error(`status ${status}`)
  return { token: JSON.parse(text).data.session_token, clock }
}

/** The route alone: sockets, guards and throttles know nothing of accounts, and make too much noise to hear 50 µs in. */
const alone = async (kind: Kind) => {
  const asked = { body: { phone: phoneOf(kind) }, ip: addressOf(), language: 'fr' } as Parameters<Route['answer']>[0]
  const { status } = await forgotRoute.answer(asked)
  if (status !== 202) throw new Error(`status ${status}`)
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** By each measure, the chance that a known phone takes longer. Each kind is drawn by a coin of its own. */
async function measured(call: (kind: Kind) => Promise<Spent>): Promise<Spent> {
  const spent: Record<Kind, Spent[]> = { known: [], unknown: [] }
  for (let index = 0; index < calls; index++) {
    // The limits by prefix and by tenant hold for everybody together.
    if (index % 10 === 0) await world.advance(day + 1)
    const kind = Math.random() < 0.5 ? 'known' : 'unknown'
    const one = await call(kind)
    if (index >= 2 * warmUp) spent[kind].push(one)
    // What the reply set off is done before the next call.
    for (let turns = 0; turns < 5; turns++) await turn()
  }
  const by = (measure: string, kind: Kind) => spent[kind].map((one) => one[measure] ?? Number.NaN)
  const measures = Object.keys(spent.known[0] ?? {})
  const seen = Object.fromEntries(measures.map((measure) => [measure, auc(by(measure, 'known'), by(measure, 'unknown'))]))
  console.log(
    Object.entries(seen)
      .map(([measure, value]) => `AUC by the ${measure} ${value.toFixed(3)}`)
      .join(', '),
  )
  return seen
}

const isEven = (value: number) => value > 0.45 && value < 0.55

/** Two runs of three must agree (T-ENU-01). */
async function evenRuns(call: (kind: Kind) => Promise<Spent>): Promise<number> {
  let even = 0
  for (let run = 0; run < 3 && even < 2; run++) {
    if (Object.values(await measured(call)).every(isEven)) even += 1
  }
  return even
}

/** A reply over a socket. */
const asked = async (path: string, body: object, expected: number) => ({ clock: (await post(path, body, expected)).clock })

describe('T-ENU-01: the time of a reply does not tell whether a phone has an account', () => {
  test('when a password is forgotten, over a socket', { timeout: 1_800_000 }, async () => {
    expect(await evenRuns((kind) => asked('forgot', { phone: phoneOf(kind) }, 202))).toBe(2)
  })

  test('when a code is guessed, over a socket', { timeout: 1_800_000 }, async () => {
    const guess = async (kind: Kind) => {
      const { token } = await post('forgot', { phone: phoneOf(kind) }, 202)
      for (let turns = 0; turns < 5; turns++) await turn()
      return asked('reset/verify', { session_token: token, code: '000000' }, 400)
    }
    expect(await evenRuns(guess)).toBe(2)
  })

  test('when a password is forgotten, in the route alone', { timeout: 1_800_000 }, async () => {
    expect(await evenRuns((kind) => spentOn(() => alone(kind)))).toBe(2)
  })

  test('control: there, 50 µs more are seen', { timeout: 1_800_000 }, async () => {
    const { processor } = await measured((kind) => spentOn(() => alone('unknown'), kind === 'known' ? 50 : 0))
    expect(processor).toBeGreaterThan(0.55)
  })
})
