import { expect, test } from 'vitest'
import { providerUrl } from '../../src/sms/provider-url.js'

test.each([
  'https://api.example.com',
  'https://api.example.com:8443/v1?region=eu',
  'HTTPS://API.EXAMPLE.COM',
  'http://localhost:3000',
  'http://127.0.0.1:3000',
  'http://127.1.2.3',
  'http://[::1]:3000',
])('%s may be sent to, as a text and as a URL', (address) => {
  expect(providerUrl(address)?.href).toBe(new URL(address).href)
  expect(providerUrl(new URL(address))?.href).toBe(new URL(address).href)
})

test('a URL that is changed later is sent to as it was', () => {
  const given = new URL('https://api.example.com')
  const read = providerUrl(given)
  given.host = 'evil.example'
  expect(read?.host).toBe('api.example.com')
})

test.each([
  ['over the network without TLS', ['http://api.example.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com']],
  ['this machine by other names', ['http://0.0.0.0', 'http://[::]', 'http://128.0.0.1', 'http://127.example.com']],
  ['another scheme', ['ftp://127.0.0.1', 'file:///etc/hosts', 'javascript:1', 'data:,', 'ws://localhost']],
  ['credentials of its own', ['https://user@api.example.com', 'https://user:pass@api.example.com', 'https://:pass@api.example.com']],
  ['no address', ['', ' ', 'api.example.com', '/v1', '//api.example.com', 'https://', 'https://x:99999']],
  ['no text', [undefined, null, 5, {}, ['https://api.example.com'], { href: 'https://api.example.com' }]],
])('none: %s', (_, values) => {
  for (const value of values) expect([value, providerUrl(value)]).toEqual([value, undefined])
})
