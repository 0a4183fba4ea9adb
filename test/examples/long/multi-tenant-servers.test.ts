import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../../examples/multi-tenant/app.js'
import { createOrganizations } from '../../../examples/multi-tenant/organizations.js'
import type { Parts } from '../../../examples/service/parts.js'
import { describeWith } from '../../fixtures/services.js'
import { adminToken, startTenants, type Tenants, twilioAccount } from '../multi-tenant-world.js'
import { createVisitor } from '../visitor.js'

function inWorld(options: Parameters<typeof startTenants>[0]) {
  const here: { tenants: Tenants } = Object.create(null)
  beforeAll(async () => {
    here.tenants = await startTenants(options)
  }, 120_000)
  afterAll(() => here.tenants?.world.close())
  return here
}

/** What holds wherever organizations and verification live. */
function journey(here: { readonly tenants: Tenants }) {
  test('two organizations, one phone: each its own code, proof and member', async () => {
    const { tenants } = here
    const pair = [await tenants.organization(), await tenants.organization()]
    const phone = tenants.freshPhone()
    for (const { id, account } of pair) {
      const { token, code } = await tenants.pending(id, phone)
      expect(tenants.textsTo(phone).at(-1)?.account).toBe(account.account_sid)
      const other = pair.find((one) => one.id !== id)?.id ?? ''
      expect((await tenants.verify(other, token, code)).status).toBe(400)
      // Of those who come with the code at once, one has the proof; of those who come with the proof, one joins.
      const verified = await Promise.all(Array.from({ length: 5 }, () => tenants.verify(id, token, code)))
      expect(verified.filter(({ status }) => status === 200)).toHaveLength(1)
      const proof = String(verified.find(({ status }) => status === 200)?.body.data.proof)
      expect((await tenants.join(other, proof)).status).toBe(400)
      const joined = await Promise.all(Array.from({ length: 20 }, () => tenants.join(id, proof)))
      expect(joined.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(400)])
      expect(await tenants.membersOf(id)).toEqual([phone])
    }
  })

  test('of a flood that comes at once, as many pass as may', async () => {
    const { tenants } = here
    const [a, b] = [await tenants.organization({ sends_per_hour: 3 }), await tenants.organization({ sends_per_hour: 3 })]
    const flood = await Promise.all(Array.from({ length: 30 }, () => tenants.send(a.id, tenants.freshPhone())))
    expect(flood.filter(({ status }) => status === 202)).toHaveLength(3)
    const own = await Promise.all(Array.from({ length: 3 }, () => tenants.send(b.id, tenants.freshPhone())))
    expect(own.map(({ status }) => status)).toEqual([202, 202, 202])
  })
}

describeWith('with a Postgres server', 'postgres', ({ postgres }) => {
  const here = inWorld({ postgres })
  journey(here)

  test('another process follows: at once what is said and who is suspended, within a second the account', async () => {
    const { tenants } = here
    const { parts, carrier } = tenants.world
    const other = await listen(parts, { baseUrls: [tenants.carrierUrl], elapsed: parts.now })
    const { id, account } = await tenants.organization()
    const send = async () => {
      const phone = tenants.freshPhone()
      const { status } = await other.visitor().post(`/${id}/send`, { phone })
      return [status, tenants.textsTo(phone)[0]?.account] as const
    }
    expect(await send()).toEqual([202, account.account_sid])
    const rotated = twilioAccount(tenants.carrierUrl)
    await tenants.rotate(id, rotated)
    await tenants.world.advance(1_000)
    expect(await send()).toEqual([202, rotated.account_sid])
    await tenants.change(id, { template: 'Anew: {{code}}' })
    await send()
    expect(carrier.sms.at(-1)?.text).toMatch(/^Anew: /)
    await tenants.suspend(id)
    expect(await send()).toEqual([404, undefined])
    await other.close()
  })

  test('while organizations cannot be looked up, nobody is served, by no default', async () => {
    const { tenants } = here
    const { world } = tenants
    const { id } = await tenants.organization()
    const { token, code } = await tenants.pending(id)
    const at = world.carrier.requests.length
    await world.database.run('ALTER TABLE organization RENAME TO gone')
    const replies = [await tenants.send(id, tenants.freshPhone()), await tenants.resend(id, token), await tenants.verify(id, token, code)]
    await world.database.run('ALTER TABLE gone RENAME TO organization')
    for (const { status } of replies) expect(status).toBeGreaterThanOrEqual(500)
    expect(world.carrier.requests).toHaveLength(at)
    expect((await tenants.verify(id, token, code)).status).toBe(200)
  })
})

describeWith('with a database that goes away in the middle of a send', 'postgres', ({ postgres }) => {
  const here = inWorld({ postgres })

  // The route looks an organization up, then the verifier, then what sends.
  test.each([1, 2, 3])('at look-up %i: 503, and no text by anybody', async (which) => {
    const { tenants } = here
    const { parts, carrier } = tenants.world
    let lookUps = 0
    const query: Parts['database']['query'] = async (sql, values) => {
      if (!/FROM organization /.test(sql)) return parts.database.query(sql, values)
      lookUps += 1
      if (lookUps === which) throw Object.assign(new Error('the database does not answer'), { code: '08006' })
      return parts.database.query(sql, values)
    }
    const options = { baseUrls: [tenants.carrierUrl], elapsed: parts.now }
    const other = await listen({ ...parts, database: { ...parts.database, query } }, options)
    const { id } = await tenants.organization()
    const phone = tenants.freshPhone()
    const refused = await other.visitor().post(`/${id}/send`, { phone })
    expect([refused.status, lookUps, carrier.requests]).toEqual([503, which, []])
    // The control: with every answer, it is sent.
    expect((await other.visitor().post(`/${id}/send`, { phone })).status).toBe(202)
    expect(tenants.textsTo(phone)).toHaveLength(1)
    carrier.clear()
    await other.close()
  })
})

describeWith('with Redis for verification', 'redis', ({ redis }) => journey(inWorld({ redis })))

describeWith('with a Redis that is not there', 'redis', () => {
  const here = inWorld({ redis: 'redis://127.0.0.1:1' })
  test('visitors hear 503, nothing is sent, and the administrator goes on', async () => {
    const { tenants } = here
    const { id } = await tenants.organization()
    const reply = await tenants.world.visitor().post(`/${id}/send`, { phone: tenants.freshPhone() })
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
    expect(tenants.world.carrier.requests).toEqual([])
    expect((await tenants.change(id, { name: 'Elm' })).status).toBe(200)
  })
})

describeWith('inside a transaction', 'postgres', ({ postgres }) => {
  const here = inWorld({ postgres })
  test('organizations are asked for in it, however deep', async () => {
    const { tenants } = here
    const { id } = await tenants.organization()
    const { database, now } = { ...tenants.world.parts }
    const organizations = createOrganizations({ database, now })
    await database.transaction(async (transaction) => {
      await transaction.query('UPDATE organization SET suspended_at = now() WHERE id = $1', [id])
      expect(await organizations.within(transaction, () => organizations.serving(id))).toBeUndefined()
      // The control: from outside, what is not committed is not seen.
      expect(await organizations.serving(id)).toMatchObject({ id })
    })
  })
})

/** The app once more, over the same parts. */
async function listen(parts: Parts, options: { readonly baseUrls: readonly string[]; readonly elapsed: () => number }) {
  const service = await buildApp(parts, { adminToken, ...options })
  const server = createServer(service.listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let visitors = 0
  return {
    visitor: () => createVisitor(`http://127.0.0.1:${port}`, { 'x-forwarded-for': `10.9.0.${++visitors}` }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await service.close()
    },
  }
}
