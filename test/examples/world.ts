import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import type { SmsBackend } from 'phone-verify'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import { type Database, openServer, overPglite } from '../../examples/service/database.js'
import { createLog } from '../../examples/service/log.js'
import type { Parts } from '../../examples/service/parts.js'
import type { Service } from '../../examples/service/run-service.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import { account } from '../fixtures/carrier/twilio-account.js'
import { clockedSchema, type Sql } from '../fixtures/clocked-postgres.js'
import { freshPglite } from './fresh-pglite.js'
import { createVisitor, type Visitor } from './visitor.js'

const { accountSid, authToken, from } = account

/** An example app on a socket, with a database, a store and a carrier that belong to the test. */
export interface World {
  readonly url: string
  readonly parts: Parts
  readonly database: Database
  readonly carrier: Carrier
  /** Every line that was logged. */
  readonly logged: readonly string[]
  /** Moves the app's clock and the store's. With Redis, whose clock is the server's, only the app's. */
  advance(ms: number): Promise<void>
  /** Somebody from an address of their own, with a jar of cookies. */
  visitor(headers?: Readonly<Record<string, string>>): Visitor
  close(): Promise<void>
}

export interface WorldOptions {
  /** A Postgres server, in which a database is made and dropped. Default: PGlite, in memory. */
  readonly postgres?: string | undefined
  /** Where verification lives, beside the database. Default: in it, so that proofs are redeemed in the app's transactions. */
  readonly redis?: string | undefined
  /** Default: Twilio's SDK against the carrier. */
  readonly sms?: (carrier: Carrier) => SmsBackend
}

export async function startWorld(
  buildApp: (parts: Parts) => Promise<Service>,
  { postgres, redis, sms = ({ url }) => twilioBackend({ accountSid, authToken, from, baseUrl: url }) }: WorldOptions = {},
): Promise<World> {
  // In the order in which they were opened; closed the other way round.
  const closers: (() => Promise<unknown>)[] = []
  const opened = <Opened extends { close(): Promise<unknown> }>(one: Opened): Opened => {
    closers.push(() => one.close())
    return one
  }
  const carrier = opened(await startCarrier())
  const database = opened(await (postgres === undefined ? freshPglite().then((pglite) => overPglite(pglite)) : ownDatabase(postgres)))
  const clocked = await clockedSchema(database.client as Parameters<typeof clockedSchema>[0] & Sql)
  let movedMs = 0
  const logged: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk))
      done()
    },
  })
  const client = redis === undefined ? undefined : new Redis(redis, { maxRetriesPerRequest: 1 })
  // A Redis that is away is what some tests are about.
  client?.on('error', () => {})
  if (client) closers.push(async () => client.disconnect())
  const server = createServer()
  const port = await listening(server)
  closers.push(() => closed(server))

  const parts: Parts = {
    database,
    store: client
      ? redisStore(client, { prefix: `pv-test-${randomBytes(6).toString('hex')}:` })
      : postgresStore(database.client, { schema: clocked.schema }),
    storeJoins: client === undefined,
    sms: sms(carrier),
    secrets: { verification: randomBytes(32).toString('base64url'), tokens: randomBytes(32).toString('base64url') },
    log: createLog(sink),
    now: () => Date.now() + movedMs,
    publicUrl: new URL(`http://127.0.0.1:${port}`),
    // The address of a visitor is what a proxy says, so that each has one.
    trustedProxies: 1,
    // Cheap on purpose: what is tested is the app, not scrypt.
    passwordCost: 10,
  }
  const service = opened(await buildApp(parts))
  server.on('request', service.listener)

  let visitors = 0
  const url = parts.publicUrl.origin
  return {
    url,
    parts,
    database,
    carrier,
    logged,
    async advance(ms) {
      movedMs += ms
      await clocked.advance(ms)
    },
    visitor(headers = {}) {
      visitors += 1
      return createVisitor(url, { 'x-forwarded-for': `10.0.${visitors >> 8}.${visitors & 255}`, ...headers })
    },
    async close() {
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}

/** A database of its own on the server. */
async function ownDatabase(server: string): Promise<Database> {
  const name = `pv_example_${randomBytes(6).toString('hex')}`
  const administer = async (sql: string) => {
    const client = new Client({ connectionString: server })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await administer(`CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const database = await openServer(url.href)
  return {
    ...database,
    async close() {
      await database.close()
      await administer(`DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

const listening = (server: Server) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
