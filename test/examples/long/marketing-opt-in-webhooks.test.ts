import { randomUUID } from 'node:crypto'
import { verifySignature } from '@vonage/jwt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { webhooksRouter } from '../../../examples/marketing-opt-in/webhooks.js'
import { signatureSecret, signVonage } from '../../http/webhooks-served.js'
import { frenchPhone, type MarketingWorld, startMarketing } from '../marketing-opt-in-world.js'

let world: MarketingWorld
beforeAll(async () => {
  world = await startMarketing()
}, 120_000)
afterAll(() => world.close())

/** A subscriber, and what a forgery must not change. */
async function member() {
  const phone = frenchPhone()
  const { visitor } = await world.join(phone, { programs: ['news'] })
  const untouched = async () => {
    expect(await world.programsOf(phone)).toEqual(['news'])
    expect(await world.records(phone)).toHaveLength(1)
    expect(world.marketingTo(phone)).toHaveLength(1)
  }
  return { phone, visitor, untouched }
}

describe('T-HOOK-04: a forged STOP is ignored', () => {
  test('of Twilio', async () => {
    const { phone, untouched } = await member()
    const path = '/webhooks/twilio/inbound'
    const forgeries = [
      { signature: '' },
      { signature: 'x' },
      { signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      { token: 'another-token-of-another-account' },
      { token: '' },
      { path: `${path}?x=1` },
      { path: `${path}?bodySHA256=${'0'.repeat(64)}` },
    ]
    for (const forgery of forgeries) expect((await world.byTwilio(phone, 'STOP', forgery)).status, JSON.stringify(forgery)).toBe(403)
    const bare = await world.visitor().post(path, undefined, { raw: `From=${encodeURIComponent(phone)}&Body=STOP` })
    expect(bare.status).toBe(403)
    await untouched()
    // The same, signed, does it.
    expect((await world.byTwilio(phone, 'STOP')).status).toBe(204)
    expect(await world.programsOf(phone)).toEqual([])
  })

  test('of Vonage', async () => {
    const { phone, untouched } = await member()
    const now = Math.floor(world.parts.now() / 1_000)
    const forgeries = [
      { secret: 'another secret of somebody else' },
      { iat: now - 310 },
      { iat: now + 60 },
      { claims: { payload_hash: '0'.repeat(64) } },
      { claims: { payload_hash: undefined } },
      { claims: { api_key: 'another' } },
      { sent: JSON.stringify({ from: phone.slice(1), text: 'STOP' }) },
    ]
    for (const forgery of forgeries) expect((await world.byVonage(phone, 'STOP', forgery)).status, JSON.stringify(forgery)).toBe(403)
    for (const authorization of ['', 'Bearer', 'Bearer a.b.c', 'Basic eA==', `Bearer ${unsigned}`]) {
      const bare = await world.visitor().post('/webhooks/vonage/inbound', {}, { headers: { authorization } })
      expect(bare.status).toBe(403)
    }
    await untouched()
    expect((await world.byVonage(phone, 'STOP')).status).toBe(204)
    expect(await world.programsOf(phone)).toEqual([])
  })

  test('the tokens of these tests are such as the package of Vonage accepts', async () => {
    expect(verifySignature(await signVonage('{}'), signatureSecret)).toBe(true)
  })

  test.each(['', 'short', 'white space in a secret'])('a secret like %j does not start', (authToken) => {
    expect(() => webhooksRouter(world.parts, { twilio: { authToken } }, async () => {})).toThrow('16 characters')
  })
})

describe('what comes twice or late', () => {
  test.each(['byTwilio', 'byVonage'] as const)('%s: a hundred copies do what one does', async (way) => {
    const { phone } = await member()
    const id = way === 'byTwilio' ? { sid: `SM${randomUUID().replaceAll('-', '')}` } : { id: randomUUID() }
    const replies = await Promise.all(Array.from({ length: 100 }, () => world[way](phone, 'STOP', id)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
    expect(await world.records(phone)).toHaveLength(2)
    expect(world.marketingTo(phone)).toHaveLength(2)
    // Nor does a copy undo what was said since.
    await world.byTwilio(phone, 'START')
    await world[way](phone, 'STOP', id)
    expect(await world.programsOf(phone)).toEqual(['news'])
  })

  test('an old START that comes after a newer STOP brings nobody back', async () => {
    const { phone } = await member()
    const at = world.parts.now()
    await world.byVonage(phone, 'STOP', { at: new Date(at) })
    await world.byVonage(phone, 'START', { at: new Date(at - 1) })
    expect(await world.programsOf(phone)).toEqual([])
    await world.byVonage(phone, 'START', { at: new Date(at) })
    expect(await world.programsOf(phone)).toEqual([])
    await world.byVonage(phone, 'START', { at: new Date(at + 1) })
    expect(await world.programsOf(phone)).toEqual(['news'])
  })

  test('an old STOP that comes after a newer START of the same provider ends nothing; of another clock it does', async () => {
    const { phone } = await member()
    const at = world.parts.now()
    await world.byVonage(phone, 'STOP', { at: new Date(at - 4_000) })
    await world.byVonage(phone, 'START', { at: new Date(at) })
    await world.byVonage(phone, 'STOP', { at: new Date(at - 2_000) })
    expect(await world.programsOf(phone)).toEqual(['news'])
    await world.byTwilio(phone, 'STOP')
    expect(await world.programsOf(phone)).toEqual([])
  })

  test('nobody speaks in the future: a clock that is fast blocks no STOP', async () => {
    const { phone } = await member()
    await world.byVonage(phone, 'STOP')
    await world.byVonage(phone, 'START', { at: new Date(world.parts.now() + 86_400_000) })
    await world.advance(1_000)
    await world.byVonage(phone, 'STOP')
    expect(await world.programsOf(phone)).toEqual([])
  })

  test('what Twilio has answered itself is not answered again', async () => {
    const { phone } = await member()
    await world.byTwilio(phone, 'no thanks', { more: { OptOutType: 'STOP' } })
    expect([await world.programsOf(phone), world.marketingTo(phone).length]).toEqual([[], 1])
    await world.byTwilio(phone, 'back please', { more: { OptOutType: 'START' } })
    expect([await world.programsOf(phone), world.marketingTo(phone).length]).toEqual([['news'], 1])
  })
})

describe('what is signed and no text of a person', () => {
  test('short codes, reports, strange bodies: 204 and nothing', async () => {
    const before = await world.database.query('SELECT count(*) FROM inbound')
    for (const from of ['12345', 'Acme', '', '+999', `${frenchPhone()}\0`]) expect((await world.byTwilio(from, 'STOP')).status).toBe(204)
    expect((await world.byTwilio(frenchPhone(), 'STOP', { sid: 'x' })).status).toBe(204)
    for (const body of ['', '[]', 'null', '{"text":"STOP"}', '{"from":{"number":1}}']) {
      const headers = { authorization: `Bearer ${await signVonage(body, { iat: Math.floor(world.parts.now() / 1_000) })}` }
      expect((await world.visitor().post('/webhooks/vonage/inbound', undefined, { raw: body, headers })).status).toBe(204)
    }
    expect(await world.database.query('SELECT count(*) FROM inbound')).toEqual(before)
  })

  test('a text with characters that no table holds, and one of many segments, is taken in', async () => {
    for (const text of ['\0\0 hello', '\u{1f600}'.repeat(800), 'x'.repeat(40_000), '%00', '\u202estop']) {
      const { phone } = await member()
      expect((await world.byVonage(phone, text)).status).toBe(204)
    }
    const { phone } = await member()
    expect((await world.byTwilio(phone, 'x'.repeat(70_000))).status).toBe(413)
  })
})

test('a database that is away: 503, so that it comes again, and then it counts', async () => {
  const { phone } = await member()
  const sid = `SM${randomUUID().replaceAll('-', '')}`
  await world.database.query('ALTER TABLE inbound RENAME TO away')
  expect((await world.byTwilio(phone, 'STOP', { sid })).status).toBe(503)
  expect(await world.programsOf(phone)).toEqual(['news'])
  await world.database.query('ALTER TABLE away RENAME TO inbound')
  expect((await world.byTwilio(phone, 'STOP', { sid })).status).toBe(204)
  expect(await world.programsOf(phone)).toEqual([])
})

test('no line of the log holds a number or what somebody wrote', () => {
  const lines = world.logged.join('')
  expect(lines).toContain('"webhook":"vonage"')
  for (const { to } of world.carrier.sms) expect(lines).not.toContain(to.slice(1))
  expect(lines).not.toMatch(/no thanks|hello/)
})

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const unsigned = `${part({ alg: 'none' })}.${part({ iat: 1, api_key: 'abcd1234', payload_hash: 'x' })}.`
