import { describe, expect, test } from 'vitest'
import { type CorsOptions, createCors } from '../../src/http/cors.js'
import type { WireRequest } from '../../src/http/wire.js'

const from = (origin?: string) =>
  ({ method: 'OPTIONS', path: '/send', query: '', header: (name: string) => (name === 'origin' ? origin : undefined) }) as WireRequest

const site = 'https://app.example'

describe('CORS', () => {
  test('says nothing where nothing was said', () => {
    const cors = createCors(undefined)
    expect(cors.headers(from(site))).toEqual({})
    expect(cors.preflight(from(site))).toEqual({})
  })

  test.each([
    ...[
      'http://app.example',
      'https://app.example:8443',
      'https://app.example.',
      'https://xapp.example',
      'null',
      '',
      'HTTPS://APP.EXAMPLE',
    ],
    ...[`${site}/`, `${site}, https://evil.example`, '*', undefined],
  ])('lets no page of %j read a reply', (origin) => {
    const cors = createCors({ origins: [site, 'http://localhost:3000'], credentials: true })
    expect(cors.headers(from(origin))).toEqual({ vary: 'Origin' })
    expect(cors.preflight(from(origin))).toEqual({ vary: 'Origin' })
  })

  test('names the site that asked, never the list', () => {
    const { headers } = createCors({ origins: [site, 'http://localhost:3000'] })
    expect(headers(from('http://localhost:3000'))['access-control-allow-origin']).toBe('http://localhost:3000')
    expect(headers(from(site))['access-control-allow-origin']).toBe(site)
    expect(headers(from(site))).not.toHaveProperty('access-control-allow-credentials')
  })

  test('with any site it is no matter who asks', () => {
    const { headers } = createCors({ origins: '*' })
    expect(headers(from(site))).toEqual(headers(from(undefined)))
    expect(headers(from('null'))['access-control-allow-origin']).toBe('*')
  })

  test('how long an answer is remembered', () => {
    expect(createCors({ origins: [site] }).preflight(from(site))['access-control-max-age']).toBe('600')
    expect(createCors({ origins: [site], maxAgeSeconds: 7 }).preflight(from(site))['access-control-max-age']).toBe('7')
  })

  const wrong: readonly (readonly [string, object])[] = [
    ...[
      undefined,
      [],
      'https://app.example',
      ['*'],
      ['app.example'],
      [`${site}/`],
      [`${site}/x`],
      [7],
      ['ftp://a.example'],
      ['null'],
      ['HTTPS://A.example'],
      {},
    ].map((origins): [string, object] => ['cors.origins', { origins }]),
    ['cors.credentials', { origins: '*', credentials: true }],
    ['cors.credentials', { origins: [site], credentials: 'yes' }],
    ['cors.credential', { origins: [site], credential: true }],
    ...['X-One', ['a b'], [''], [5], Array(1)].map((headers): [string, object] => ['cors.headers', { origins: [site], headers }]),
    ...[-1, 1.5, Number.NaN, '600', null].map((maxAgeSeconds): [string, object] => [
      'cors.maxAgeSeconds',
      { origins: [site], maxAgeSeconds },
    ]),
  ]
  test.each(wrong)('%s is refused by its name: %j', (option, options) => {
    expect(() => createCors(options as CorsOptions)).toThrowError(
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(new RegExp(`^${option}`)) }),
    )
  })

  test('a polluted prototype lets nobody in', () => {
    const options = Object.assign(Object.create({ credentials: true }), { origins: [site] })
    expect(createCors(options).headers(from(site))).not.toHaveProperty('access-control-allow-credentials')
  })

  test('headers of the application may be sent beside those of the wire', () => {
    const cors = createCors({ origins: [site], headers: ['X-CSRF-Token'] })
    expect(cors.preflight(from(site))).toMatchObject({ 'access-control-allow-headers': 'Content-Type, Idempotency-Key, X-CSRF-Token' })
  })
})
