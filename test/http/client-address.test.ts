import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientAddress } from '../../src/http/client-address.js'
import { adapters, startHost } from './adapters.js'
import { posted } from './conversation.js'
import { ask, type RawRequest } from './raw-client.js'

const peer = '198.51.100.1'

const address = fc.oneof(fc.ipV4(), fc.ipV6())

describe('G25: the address to limit by', () => {
  test('is the peer where no proxy is trusted, whatever a visitor says', () => {
    fc.assert(
      fc.property(fc.string(), (said) => {
        expect(clientAddress(peer, said, 0)).toBe(peer)
      }),
    )
    expect(clientAddress(peer, undefined, 0)).toBe(peer)
  })

  test('is as far from the end as there are proxies, whatever is further left', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), address, fc.array(address, { maxLength: 4 }), (invented, own, proxies) => {
        const said = [...invented, own, ...proxies].join(',')
        expect(clientAddress(peer, said, proxies.length + 1)).toBe(own)
      }),
    )
  })

  test.each([
    [1, '203.0.113.7', '203.0.113.7'],
    [1, '192.0.2.99, 203.0.113.7', '203.0.113.7'],
    [2, '192.0.2.99, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    [3, '192.0.2.99, 203.0.113.7, 10.0.0.3, 10.0.0.2', '203.0.113.7'],
    [1, '  203.0.113.7\t', '203.0.113.7'],
    [1, '203.0.113.7:4711', '203.0.113.7:4711'],
    [1, '[2001:db8::1]:4711', '[2001:db8::1]:4711'],
    [1, '2001:db8::1', '2001:db8::1'],
    [1, '::ffff:203.0.113.7', '::ffff:203.0.113.7'],
    [1, 'fe80::1%eth0', 'fe80::1%eth0'],
  ])('behind %i: %j is %s', (proxies, said, expected) => expect(clientAddress(peer, said, proxies)).toBe(expected))

  test.each([
    ['no header', undefined, 1],
    ['an empty one', '', 1],
    ['a chain that is too short', '203.0.113.7', 2],
    ['a chain that is much too short', '203.0.113.7, 10.0.0.2', 20],
    ['nothing in its place', '203.0.113.7, ', 1],
    ['nothing in its place further left', '203.0.113.7,,10.0.0.2', 2],
    ['words', 'for me', 1],
    ['markup', '<script>', 1],
    ['a line break', '203.0.113.7\n', 2],
    ['one character', 'x', 1],
    ['a very long one', '1'.repeat(65), 1],
    ['a key of ours', 'id:device 1', 1],
    ['a null', '\0\0', 1],
  ])('is nobody’s with %s, and nobody is limited too', (_what, said, proxies) => {
    expect(clientAddress(peer, said, proxies)).toBe('unknown')
  })

  test('is nobody’s where the peer is not known', () => {
    expect(clientAddress(undefined, undefined, 0)).toBe('unknown')
    expect(clientAddress('', undefined, 0)).toBe('unknown')
    expect(clientAddress(undefined, '203.0.113.7', 1)).toBe('203.0.113.7')
  })

  test('a thousand invented hops are not looked at', () => {
    expect(clientAddress(peer, `${'x,'.repeat(100_000)}203.0.113.7`, 1)).toBe('203.0.113.7')
  })
})

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('T-SND-10: limits by client, behind %s', (_name, adapter) => {
  /** Whether the second of two sends counts as the same client's. */
  const isSame = async (trustedProxies: number, first: RawRequest['headers'], second: RawRequest['headers']) => {
    const host = await startHost(adapter, { trustedProxies }, { limits: { sendsPerClient: [{ max: 1, windowMs: 3_600_000 }] } })
    const send = async (phone: string, headers: RawRequest['headers']) =>
      JSON.parse((await ask(host.port, posted('/phone/send', JSON.stringify({ phone }), headers))).body)
    expect(await send('+33612345678', first)).toHaveProperty('sessionToken')
    const answer = await send('+33698765432', second)
    await host.close()
    if ('sessionToken' in answer) return false
    expect(answer).toMatchObject({ status: 429, code: 'rate_limited' })
    return true
  }
  const by = (...lists: readonly string[]) => lists.map((list) => ['X-Forwarded-For', list] as const)

  test.each([
    ['one that trusts nobody is told nothing', 0, by('203.0.113.7'), by('203.0.113.8')],
    ['other inventions', 1, by('192.0.2.1, 203.0.113.7'), by('192.0.2.2, 203.0.113.7')],
    ['inventions in a header of their own', 1, by('192.0.2.1', '203.0.113.7'), by('203.0.113.7')],
    ['inventions before two proxies', 2, by('192.0.2.1, 203.0.113.7, 10.0.0.1'), by('203.0.113.7, 10.0.0.2')],
    ['one /64', 1, by('2001:db8:1:2::1'), by('2001:db8:1:2:ffff:ffff:ffff:ffff')],
    ['one /64 with ports', 1, by('[2001:db8:1:2::1]:1000'), by('[2001:db8:1:2::2]:2000')],
    ['IPv4 in IPv6', 1, by('::ffff:203.0.113.7'), by('203.0.113.7')],
    ['another port', 1, by('203.0.113.7:1000'), by('203.0.113.7:2000')],
    ['no header twice', 1, [], []],
    ['no header, and garbage', 1, [], by('<x>')],
    ['chains that are too short', 2, by('203.0.113.7'), by('203.0.113.8')],
  ] as const)('are one client’s: %s', async (_what, proxies, first, second) => expect(await isSame(proxies, first, second)).toBe(true))

  test.each([
    ['two addresses', 1, by('203.0.113.7'), by('203.0.113.8')],
    ['two addresses in IPv6', 1, by('::ffff:203.0.113.7'), by('::ffff:203.0.113.8')],
    ['two /64', 1, by('2001:db8:1:2::1'), by('2001:db8:1:3::1')],
    ['the address before two proxies', 2, by('203.0.113.7, 10.0.0.1'), by('203.0.113.8, 10.0.0.1')],
    ['an address and nobody', 1, by('203.0.113.7'), []],
  ] as const)('are two clients’: %s', async (_what, proxies, first, second) => expect(await isSame(proxies, first, second)).toBe(false))
})
