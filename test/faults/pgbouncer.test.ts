import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeContract } from '../../src/testing/store-contract.js'
import { type PostgresServer, startPostgres } from '../fixtures/postgres-server.js'
import { describeWith } from '../fixtures/services.js'
import { installSchema, type OpenedStore, openPostgres } from './opened-store.js'
import { findPgbouncer, startPgbouncer } from './pgbouncer-server.js'
import { noViolations, startTraffic, violations } from './traffic.js'
import { until } from './until.js'
import { makeVisits } from './visits.js'

const program = findPgbouncer()
if (program === undefined) console.warn('SKIPPED: behind PgBouncer: pgbouncer is not installed')

// One that lends a connection for a transaction: what a session keeps is not there at the next statement.
if (program !== undefined)
  describeWith('behind PgBouncer, which lends connections by the transaction', 'postgresServer', () => {
    let server: PostgresServer
    let bouncer: Awaited<ReturnType<typeof startPgbouncer>>
    let opened: OpenedStore
    beforeAll(async () => {
      server = await startPostgres()
      await installSchema(server)
      const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, 'postgres'])).stdout)
      bouncer = await startPgbouncer(program, server, process.getuid?.() === 0 ? { uid: await id('-u'), gid: await id('-g') } : undefined)
      opened = openPostgres(bouncer, { max: 30 })
    }, 60_000)
    afterAll(async () => {
      await opened.end()
      await bouncer.stop()
      await server.stop()
    })

    storeContract({ test, group: 'in real time', makeStore: () => ({ store: opened.store }) })

    test('the whole flow, from many visitors at once over four connections', { timeout: 60_000 }, async () => {
      const processes = [makeVisits(opened.store)]
      const traffic = startTraffic(processes, 30)
      await until('enough calls', () => traffic.calls.length >= 400)
      await traffic.stop()
      expect(traffic.calls.filter(({ outcome }) => outcome === 'ERR_PV_STORE')).toEqual([])
      expect(violations(traffic, processes)).toEqual(noViolations)
    })
  })
else
  test.skipIf(process.env['CI'] !== 'true')('needs pgbouncer', () =>
    expect.fail('pgbouncer is not installed. With CI=true nothing is skipped.'),
  )
