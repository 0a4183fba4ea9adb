import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientKey } from '../../src/domain/client.js'

const keyOf = (ip: string) => clientKey({ ip })

describe('T-SND-10: what a client is counted by', () => {
  test.each([
    [undefined, undefined],
    [{}, undefined],
    [{ id: undefined, ip: undefined }, undefined],
    [{ id: 'device-1' }, 'id:device-1'],
    [{ id: 'device-1', ip: '203.0.113.7' }, 'id:device-1'],
    [{ ip: 'unknown' }, 'ip:unknown'],
  ])('%j by %j', (client, key) => expect(clientKey(client)).toBe(key))

  test('an id is no address, whatever it looks like', () => {
    expect(clientKey({ id: '203.0.113.7' })).not.toBe(keyOf('203.0.113.7'))
    expect(clientKey({ id: 'ip:203.0.113.7' })).not.toBe(keyOf('203.0.113.7'))
    expect(clientKey({ id: '2001:DB8::1' })).toBe('id:2001:DB8::1')
  })

  test.each([
    '2001:db8:1:2::1',
    '2001:db8:1:2::',
    '2001:0db8:0001:0002:0000:0000:0000:0001',
    '2001:DB8:1:2:FFFF:FFFF:FFFF:FFFF',
    '2001:db8:1:2:0:0:192.0.2.1',
    '2001:db8:1:2:3:4:5::',
    '2001:db8:1:2::%eth0',
    '2001:db8:1:2::1%25en0',
    '[2001:db8:1:2::1]',
    '[2001:db8:1:2::1%eth0]',
    '[2001:db8:1:2::1]%eth0',
    '  2001:db8:1:2::1\n',
  ])('%j counts by its /64', (ip) => expect(keyOf(ip)).toBe('ip:2001:db8:1:2'))

  test.each([
    ['::', 'ip:0:0:0:0'],
    ['::1', 'ip:0:0:0:0'],
    ['1::', 'ip:1:0:0:0'],
    ['fe80::1', 'ip:fe80:0:0:0'],
    ['2001:db8:1:3::1', 'ip:2001:db8:1:3'],
    ['2001:db8::2:0:0:1', 'ip:2001:db8:0:0'],
    ['::2:3:4:5:6:7:8', 'ip:0:2:3:4'],
    ['1:2:3:4:5:6:7::', 'ip:1:2:3:4'],
  ])('%s counts by %s', (ip, key) => expect(keyOf(ip)).toBe(key))

  test.each([
    '192.0.2.1',
    ' 192.0.2.1 ',
    '::ffff:192.0.2.1',
    '::FFFF:192.0.2.1',
    '::ffff:c000:201',
    '::ffff:C000:0201',
    '0:0:0:0:0:ffff:192.0.2.1',
    '0:0:0:0:0:ffff:c000:201',
    '0000:0000:0000:0000:0000:ffff:c000:0201',
    '0::ffff:192.0.2.1',
    '::0:ffff:192.0.2.1',
    '0:0::0:0:ffff:192.0.2.1',
    '0:0:0:0::ffff:c000:201',
    '[::ffff:192.0.2.1]',
    '::ffff:192.0.2.1%eth0',
    '[::ffff:192.0.2.1%eth0]',
  ])('IPv4-mapped %j is the IPv4 address', (ip) => expect(keyOf(ip)).toBe('ip:192.0.2.1'))

  test('every IPv4 address has a key of its own, mapped or not', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (a, b) => {
        expect(keyOf(`::ffff:${a}`)).toBe(keyOf(a))
        expect(keyOf(a) === keyOf(b)).toBe(a === b)
      }),
      { numRuns: 2_000 },
    )
  })

  test('two IPv6 addresses have one key if and only if their first 64 bits are the same', () => {
    const groups = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        const shared = a.slice(0, 4).join() === b.slice(0, 4).join()
        expect(keyOf(a.join(':')) === keyOf(b.join(':'))).toBe(shared)
      }),
      { numRuns: 5_000 },
    )
  })

  test.each([
    ...['::ffff:0:c000:201', '::fffe:192.0.2.1', '1::ffff:192.0.2.1', '::1:ffff:192.0.2.1', '::192.0.2.1', '64:ff9b::192.0.2.1'],
    ...['::ffff:256.0.2.1', '::ffff:192.0.2', '::ffff:192.0.2.1.5'],
  ])('%s is not mapped', (ip) => expect(keyOf(ip)).not.toBe('ip:192.0.2.1'))

  test.each(['192.0.2.1:443', '192.0.2.1:65000', ' 192.0.2.1:1 ', '[::ffff:192.0.2.1]:443'])('%s is counted without its port', (ip) => {
    expect(keyOf(ip)).toBe('ip:192.0.2.1')
  })

  test.each([
    ...[':', ':::', '::1::', '1:2:3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '12345::', 'g::1', '::-1', ':1', '1:'],
    ...['192.0.2.1:x', '[::1', '::1]', '%eth0:', ' : ', 'unknown:', '\0:', '::1/64', '2001:db8::/32', '😀:😀', `${'1:'.repeat(100_000)}`],
  ])('%.20j is taken as it is', (ip) => expect(keyOf(ip)).toBe(`ip:${ip.toLowerCase()}`))

  test('any string at all has a key, soon', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(':', '.', 'f', '0', '%', '[', ']') })),
        (ip) => {
          expect(keyOf(ip)).toMatch(/^ip:/)
        },
      ),
      { numRuns: 5_000 },
    )
  })
})
