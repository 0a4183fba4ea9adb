import { test } from 'vitest'
import { adapters, startHost } from './adapters.js'
import { ask, chunked } from './raw-client.js'

const J: [string, string] = ['Content-Type', 'application/json']
const seen = new Map<string, Map<string, string>>()
test('probe', async () => {
  for (const a of adapters) {
    const h = await startHost(a)
    const t = async (r: Parameters<typeof ask>[1]) => {
      try {
        const k = JSON.stringify([r.method, r.path, r.headers, String(r.body ?? '').slice(0, 30)])
        const x = await ask(h.port, r).catch((e) => ({ status: 0, headers: [], body: String(e) }))
        const m = seen.get(k) ?? new Map()
        seen.set(k, m)
        m.set(
          a.name,
          x.status +
            ' ' +
            x.headers
              .filter(([n]) => !['date', 'keep-alive'].includes(n))
              .map((h) => h.join('='))
              .sort()
              .join(' ')
              .replace(/ratelimit.*/, '') +
            x.body.replace(/Token":"[^"]*/g, '').slice(0, 90),
        )
      } catch (e) {
        console.log(a.name, r.method, r.path, String(e))
      }
    }
    await t({ path: '/phone/send', headers: [J], body: '{"phone":"+33612345678"}' })
    await t({ path: '/phone/send', headers: [J], body: '{}' })
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY', 'PROPFIND', 'FOO'])
      await t({ method, path: '/phone/send' })
    for (const path of [
      '/phone',
      '/phone/',
      '/phone/send/',
      '/phone/%73end',
      '/phone//send',
      '/phone/nothing',
      '/phone/SEND',
      '/other',
      '/phone/../phone/send',
      '/phone/%zz',
      '/phone/send#x',
      'http://evil/phone/send',
      '/phone/send;a=1',
      '/phone/webhooks/twilio',
      '/phone/%2e%2e/x',
      '/phone\\send',
      '/phone/%00',
      '/phone/./send',
      '/PHONE/send',
    ])
      await t({ path, headers: [J], body: '{}' })
    await t({ path: '/phone/send', headers: [J] })
    await t({ path: '/phone/send' })
    await t({ path: '/phone/send', headers: [J, J], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Transfer-Encoding', 'chunked']], body: chunked('{"pho', 'ne":1}') })
    await t({ path: '/phone/send', headers: [J, ['Content-Length', '5000']], body: 'x'.repeat(5000) })
    await t({ path: '/phone/send', headers: [J, ['Content-Length', '50000000']], body: '' })
    await t({ path: '/phone/send', headers: [J, ['Transfer-Encoding', 'chunked']], body: chunked('x'.repeat(5000)) })
    await t({ path: '/phone/send', headers: [J, ['Content-Length', '-1']], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Expect', '100-continue']], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Expect', 'nonsense']], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Upgrade', 'websocket'], ['Connection', 'Upgrade']], body: '{}' })
    await t({ path: '/phone/send', headers: [['Content-Type', '\tapplication/json']], body: '{}' })
    await t({ path: '/phone/send', headers: [['Content-Type', 'application/json\ta']], body: '{}' })
    await t({ path: '/phone/send', headers: [['Content-Type', 'application/jsonx']], body: '{}' })
    await t({ path: '/phone/send', headers: [['Content-Type', 'a/b; charset=\xff']], body: '{}' })
    await t({ path: '/phone/send', headers: [['Content-Type', 'junk']], body: '{}' })
    await t({ path: '/phone/send', headers: [['Content-Type', '']], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Content-Encoding', 'gzip']], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Host', 'a b']], body: '{}' })
    await t({ path: '/phone/send', headers: [J, ['Accept-Language', 'fr;q=0.5, de']], body: '{}' })
    await t({ path: '/phone/send', headers: [J], body: 'x'.repeat(20_000_000) })
    await h.close()
  }
  for (const [k, m] of seen)
    if (new Set(m.values()).size > 1) {
      console.log('##', k)
      for (const [a, v] of m) console.log('   ', a, v)
    }
})
