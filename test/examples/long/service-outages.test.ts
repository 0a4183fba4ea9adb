import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { success } from '../../../examples/service/envelope.js'
import { route } from '../../../examples/service/route.js'
import { type PostgresServer, startPostgres } from '../../fixtures/postgres-server.js'
import { describeWith } from '../../fixtures/services.js'
import { startTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.js'
import { type Framework, frameworks, serveProbe } from '../service-probe.js'
import { startWorld, type World } from '../world.js'

describeWith('a Postgres server that goes away', 'postgresServer', () => {
  let server: PostgresServer
  let proxy: TcpProxy
  const worlds = {} as Record<Framework, World>

  /** What becomes of a statement while the connection breaks under it, and of a transaction that breaks in its middle. */
  let broken: () => Promise<void> = async () => {}

  beforeAll(async () => {
    server = await startPostgres()
    proxy = await startTcpProxy(server)
    const postgres = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`
    for (const framework of frameworks) {
      worlds[framework] = await startWorld(
        async (parts) => {
          await parts.database.run('CREATE TABLE note (text text PRIMARY KEY)')
          return serveProbe(framework, parts, [
            route({
              ...{ method: 'POST', path: '/counted/', summary: 'Throttled', replies: { 200: 'Well' } },
              throttles: [{ name: 'counted', spans: [{ max: 100, windowMs: 60_000 }] }],
              answer: async () => success(200, 'well'),
            }),
            route({
              ...{ method: 'POST', path: '/notes/', summary: 'A transaction that breaks', replies: { 200: 'Well' } },
              answer: () =>
                parts.database.transaction(async ({ query }) => {
                  await query('INSERT INTO note VALUES ($1)', [framework])
                  await broken()
                  await query('SELECT 1')
                  return success(200, 'well')
                }),
            }),
          ])
        },
        { postgres },
      )
    }
  }, 120_000)

  afterAll(async () => {
    await Promise.allSettled(Object.values(worlds).map((world) => world.close()))
    proxy?.stop()
    await server?.stop()
  }, 60_000)

  describe.each(frameworks)('%s', (framework) => {
    test('a connection that breaks within a transaction: 503, nothing kept, and the next one works', async () => {
      const visitor = worlds[framework].visitor()
      broken = async () => proxy.reset()
      expect((await visitor.post('/notes/')).status).toBe(503)
      broken = async () => {}
      expect(await worlds[framework].database.query('SELECT * FROM note WHERE text = $1', [framework])).toEqual([])
      // Ten would be the end of the pool, were none given back.
      for (let time = 0; time < 11; time += 1) {
        broken = async () => proxy.reset()
        await visitor.post('/notes/')
      }
      broken = async () => {}
      expect((await visitor.post('/notes/')).status).toBe(200)
    })

    test('a server that was killed: 503 wherever it is asked, and well again when it is back', async () => {
      const { logged } = worlds[framework]
      const visitor = worlds[framework].visitor({ 'accept-language': 'en' })
      const before = logged.length
      await server.kill()
      try {
        const reply = await visitor.post('/counted/')
        expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
        expect(reply.body).toEqual({ status: 'error', message: 'Service unavailable for the moment.', data: {} })
        expect((await visitor.post('/notes/')).status).toBe(503)
        expect((await visitor.get('/healthz')).status).toBe(503)
        expect((await visitor.get('/openapi.json')).status).toBe(200)
        expect(logged.slice(before).join('')).not.toMatch(/127\.0\.0\.1|postgres:/)
      } finally {
        await server.restart()
      }
      expect((await visitor.post('/counted/')).status).toBe(200)
      expect((await visitor.get('/healthz')).status).toBe(200)
    }, 60_000)

    test('a server that takes nobody any more: 503 within the time of a connection', async () => {
      const visitor = worlds[framework].visitor()
      proxy.reset()
      proxy.freeze()
      try {
        expect((await visitor.post('/counted/')).status).toBe(503)
      } finally {
        proxy.thaw()
      }
      expect((await visitor.post('/counted/')).status).toBe(200)
    }, 30_000)
  })
})
