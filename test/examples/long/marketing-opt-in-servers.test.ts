import { expect, test } from 'vitest'
import { describeWith } from '../../fixtures/services.js'
import { frenchPhone, type MarketingWorld, startMarketing } from '../marketing-opt-in-world.js'

/** The way in and out, and what must not be won twice, on real servers. */
async function story(world: MarketingWorld): Promise<void> {
  const phone = frenchPhone()
  const visitor = world.visitor({ 'accept-language': 'en' })
  const { version } = (await visitor.get('/api/disclosure')).body
  const asked = await visitor.post('/api/subscribe', { phone, consent: true, disclosure_version: version })
  const confirmation = { ...asked.body.data, code: world.carrier.lastCode(phone) }
  const replies = await Promise.all(Array.from({ length: 20 }, () => visitor.post('/api/confirm', confirmation)))
  const [won, ...others] = replies.filter(({ status }) => status === 200)
  expect([won?.body.data.confirmation_text, others]).toEqual(['sent', []])
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400]))
  expect([(await world.records(phone)).length, world.marketingTo(phone).length]).toEqual([1, 1])

  // STOP, the form and a change of mind, all at once: no deadlock, and whatever comes last it is over.
  visitor.bear(won?.body.data.manage_token)
  const ways = [
    ...Array.from({ length: 8 }, () => world.byTwilio(phone, 'STOP')),
    ...Array.from({ length: 8 }, () => world.byVonage(phone, 'Arrêt')),
    ...Array.from({ length: 8 }, () => world.visitor().post('/api/unsubscribe', { phone })),
    ...Array.from({ length: 8 }, () => visitor.put('/api/preferences', { programs: ['news'] })),
  ]
  const statuses = new Set((await Promise.all(ways)).map(({ status }) => status))
  expect([...statuses].filter((status) => status >= 500)).toEqual([])
  expect(await world.programsOf(phone)).toEqual([])
  await expect.poll(() => world.marketingTo(phone)).toHaveLength(2)

  await expect(world.database.query('DELETE FROM consent_record')).rejects.toThrow('only added to')
  expect((await visitor.delete('/api/me')).status).toBe(200)
  expect(await world.programsOf(phone)).toBeUndefined()
}

describeWith('on a Postgres server', 'postgres', ({ postgres }) => {
  test('everything holds', { timeout: 60_000 }, async () => {
    const world = await startMarketing({ postgres })
    await story(world).finally(() => world.close())
  })
})

describeWith('with Redis for the codes', ['postgres', 'redis'], ({ postgres, redis }) => {
  test('everything holds', { timeout: 60_000 }, async () => {
    const world = await startMarketing({ postgres, redis })
    await story(world).finally(() => world.close())
  })
})
