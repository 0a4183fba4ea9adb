import { describe, expect, test } from 'vitest'
import { adapters, startHost } from './adapters.js'
import { phone, posted } from './conversation.js'
import { ask } from './raw-client.js'

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('headers of onVerified, behind %s', (_name, adapter) => {
  async function verifyWith(headers: object) {
    const told: unknown[] = []
    const host = await startHost(adapter, { onVerified: () => ({ headers: headers as never }), onError: (error) => void told.push(error) })
    const { sessionToken } = JSON.parse((await ask(host.port, posted('/phone/send', JSON.stringify({ phone })))).body)
    const reply = await ask(host.port, posted('/phone/verify', JSON.stringify({ sessionToken, code: host.test.lastCode() })))
    const alive = await ask(host.port, posted('/phone/verify', '{"sessionToken":"x","code":"123456"}'))
    await host.close()
    expect(alive.status).toBe(422)
    return { status: reply.status, headers: new Map(reply.headers), body: JSON.parse(reply.body), told }
  }

  test.each([{ 'set-cookie': 'name=→' }, { 'set-cookie': 'a\r\nb: c' }, { 'bad name': 'x' }])(
    '%j is our own 500, and told',
    async (headers) => {
      const { status, body, told } = await verifyWith(headers)
      expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal_error' })
      expect(told).toEqual([expect.any(TypeError)])
    },
  )

  test('never instead of those of the wire, however they are written', async () => {
    const given = { 'Cache-Control': 'public', 'CONTENT-TYPE': 'text/html', 'Content-Length': '3', 'Set-Cookie': 'sid=1' }
    const { status, headers, body, told } = await verifyWith(given)
    expect({ status, phone: body.phone, told }).toEqual({ status: 200, phone, told: [] })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('set-cookie')).toBe('sid=1')
  })
})
