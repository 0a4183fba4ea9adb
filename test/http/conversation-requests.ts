import { METHODS } from 'node:http'
import type { ProblemCode } from '../../src/http/problem.js'
import { titles } from '../../src/http/titles/catalogue.js'
import { type Answer, accepted, invalid, isJson, phone, posted, type Row, refused, verified } from './conversation.js'
import type { RawRequest } from './raw-client.js'

const body = `{"phone":"${phone}"}`

const send = (headers: RawRequest['headers'] = []) => posted('/phone/send', body, headers)

const origin = 'https://app.example'

const preflight = (from: string): RawRequest => ({
  method: 'OPTIONS',
  path: '/phone/send',
  headers: [
    ['Origin', from],
    ['Access-Control-Request-Method', 'POST'],
    ['Access-Control-Request-Headers', 'content-type'],
  ],
})

const allow = { allow: 'POST, OPTIONS' }
const options = { ...allow, 'cache-control': 'no-store' }
const exposed = { 'access-control-expose-headers': 'Date, Retry-After, RateLimit, RateLimit-Policy, Content-Language' }
const may = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Content-Type, Idempotency-Key',
  'access-control-max-age': '600',
}

const notFound = refused(404, 'not_found')

/** A problem as the readers of a language are told it. */
const inLanguage = (language: string, { headers, body, status }: Answer): Answer => {
  const said = JSON.parse(body)
  const title = titles[language]?.[said.code as ProblemCode]
  return { status, headers: { ...headers, 'content-language': language }, body: JSON.stringify({ ...said, title }) }
}

const plain = (status: number, type: string, text: string) => ({ status, headers: { 'content-type': type }, body: text })
const noRoute = (path: string, method = 'POST') =>
  plain(404, 'application/json; charset=utf-8', `{"message":"Route ${method}:${path} not found","error":"Not Found","statusCode":404}`)

/** Methods, paths, languages, other sites and repeats. */
export const requests: readonly Row[] = [
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'].flatMap((method) =>
    ['send', 'resend', 'verify'].map((name): Row => {
      const answer = refused(405, 'method_not_allowed', {}, allow)
      return {
        name: `${method} /${name}`,
        asked: { method, path: `/phone/${name}` },
        answer: method === 'HEAD' ? { ...answer, body: '' } : answer,
      }
    }),
  ),
  ...['TRACE', 'PROPFIND'].map(
    (method): Row => ({
      name: `${method}`,
      asked: { method, path: '/phone/send' },
      answer: refused(405, 'method_not_allowed', {}, allow),
      except: { 'Fastify 5': { why: 'it has no routes for such methods', answer: noRoute('/phone/send', method) } },
    }),
  ),
  // Older Node does not know it.
  ...[
    { method: 'QUERY', path: '/phone/send' },
    { ...send(), method: 'QUERY' },
  ]
    .filter(({ method }) => METHODS.includes(method))
    .map(
      (asked): Row => ({
        name: `QUERY ${'body' in asked ? 'with' : 'without'} a body`,
        asked,
        answer: refused(405, 'method_not_allowed', {}, allow),
        sent: 0,
      }),
    ),
  {
    name: 'GET with everything in the query',
    asked: { method: 'GET', path: `/phone/send?phone=%2B33612345678` },
    answer: refused(405, 'method_not_allowed', {}, allow),
    sent: 0,
  },
  {
    name: 'PUT with a body',
    asked: { ...send(), method: 'PUT' },
    answer: refused(405, 'method_not_allowed', {}, allow),
    sent: 0,
  },
  {
    name: 'a method that is written over',
    asked: { method: 'GET', path: '/phone/send?_method=POST', headers: [['X-HTTP-Method-Override', 'POST']] },
    answer: refused(405, 'method_not_allowed', {}, allow),
  },
  { name: 'OPTIONS', asked: { method: 'OPTIONS', path: '/phone/verify' }, answer: { status: 204, headers: options, body: '' } },
  {
    name: 'the phone in the query',
    asked: posted('/phone/send?phone=%2B33612345678', '{}'),
    answer: invalid('must be a string', 'phone'),
    sent: 0,
  },
  {
    name: '?code=1&code=2',
    before: (stage) => stage.send(),
    asked: posted('/phone/verify?code=1&code=2&sessionToken=x', '{"sessionToken":"<token>","code":"<code>"}'),
    answer: verified(),
  },
  { name: 'two question marks', asked: posted('/phone/send??&=', body), answer: accepted(), sent: 1 },
  ...[
    '/phone/nothing',
    '/phone/send/',
    '/phone/send/x',
    '/phone/SEND',
    '/phone/%73end',
    '/phone/send%2f',
    '/phone/send%00',
    '/phone/send;x=1',
    '/phone/__proto__',
    '/phone/constructor',
    '/phone/toString',
    '/phone/webhooks',
    '/phone/webhooks/twilio',
    '/phone/webhooks/vonage',
  ].map((path): Row => ({ name: `nothing at ${path}`, asked: posted(path, body), answer: notFound, sent: 0 })),
  ...['GET', 'HEAD', 'OPTIONS', 'DELETE'].map(
    (method): Row => ({
      name: `nothing for ${method}`,
      asked: { method, path: '/phone/nothing' },
      answer: method === 'HEAD' ? { ...notFound, body: '' } : notFound,
    }),
  ),
  {
    name: 'two slashes',
    asked: posted('/phone//send', '{}'),
    answer: notFound,
    except: { 'Express 4': { why: 'its router cuts the second slash off with the mount', answer: invalid('must be a string', 'phone') } },
  },
  {
    name: 'an escape that is none',
    asked: posted('/phone/%zz', body),
    answer: notFound,
    except: {
      'Fastify 5': {
        why: 'its router decodes every path before it looks for a route',
        answer: plain(
          400,
          'application/json',
          `{"error":"Bad Request","code":"FST_ERR_BAD_URL","message":"'/phone/%zz' is not a valid url component","statusCode":400}`,
        ),
      },
    },
  },
  ...['/phone/x/../send', '/phone/./send', '/phone/%2e/send'].map(
    (path): Row => ({
      name: `dots: ${path}`,
      asked: posted(path, '{}'),
      answer: notFound,
      except: { 'Hono on Node': { why: 'a URL has its dots resolved (WHATWG URL)', answer: invalid('must be a string', 'phone') } },
    }),
  ),
  {
    name: 'the mount itself',
    asked: posted('/phone', body),
    answer: notFound,
    except: { 'Fastify 5': { why: 'it is the host’s, which may have a page there', answer: noRoute('/phone') } },
  },
  { name: 'the mount and a slash', asked: posted('/phone/', body), answer: notFound },

  {
    name: 'a page of the own site',
    asked: send([['Origin', origin]]),
    answer: accepted(),
    sent: 1,
  },
  { name: 'the question before, where no site may', asked: preflight(origin), answer: { status: 204, headers: options, body: '' } },
  {
    name: 'the question before, of a site that may',
    options: { cors: { origins: [origin] } },
    asked: preflight(origin),
    answer: { status: 204, headers: { ...options, ...may, vary: 'Origin', 'access-control-allow-origin': origin }, body: '' },
  },
  ...['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null', 'https://APP.example', `${origin}/`].map(
    (from): Row => ({
      name: `the question before, of ${from}`,
      options: { cors: { origins: [origin] } },
      asked: preflight(from),
      answer: { status: 204, headers: { ...options, vary: 'Origin' }, body: '' },
    }),
  ),
  {
    name: 'the question before, of any site',
    options: { cors: { origins: '*', maxAgeSeconds: 0 } },
    asked: preflight('https://evil.example'),
    answer: { status: 204, headers: { ...options, ...may, 'access-control-max-age': '0', 'access-control-allow-origin': '*' }, body: '' },
  },
  {
    name: 'the question before, with cookies',
    options: { cors: { origins: [origin, 'https://other.example'], credentials: true } },
    asked: preflight('https://other.example'),
    answer: {
      status: 204,
      headers: {
        ...options,
        ...may,
        vary: 'Origin',
        'access-control-allow-origin': 'https://other.example',
        'access-control-allow-credentials': 'true',
      },
      body: '',
    },
  },
  {
    name: 'a send of a site that may',
    options: { cors: { origins: [origin] } },
    asked: send([['Origin', origin]]),
    answer: accepted({ ...exposed, vary: 'Origin', 'access-control-allow-origin': origin }),
    sent: 1,
  },
  {
    name: 'a send of any site',
    options: { cors: { origins: '*' } },
    asked: send([['Origin', 'https://evil.example']]),
    answer: accepted({ ...exposed, 'access-control-allow-origin': '*' }),
  },
  {
    name: 'a send of a site that may not tells it nothing',
    options: { cors: { origins: [origin] } },
    asked: send([['Origin', 'https://evil.example']]),
    answer: accepted({ vary: 'Origin' }),
  },
  {
    name: 'a problem of a site that may',
    options: { cors: { origins: [origin], credentials: true } },
    asked: posted('/phone/send', '{}', [['Origin', origin]]),
    answer: {
      ...invalid('must be a string', 'phone'),
      headers: {
        ...invalid('', '').headers,
        ...exposed,
        vary: 'Origin',
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
      },
    },
  },
  {
    name: 'nothing there, of a site that may',
    options: { cors: { origins: [origin] } },
    asked: { ...posted('/phone/x', '{}', [['Origin', origin]]) },
    answer: refused(404, 'not_found', {}, { ...exposed, vary: 'Origin', 'access-control-allow-origin': origin }),
  },

  ...[
    ['de', undefined, 'de'],
    ['fr;q=0.5, de;q=0.9', undefined, 'de'],
    ['xx, yy;q=0.9, pt-BR;q=0.1', undefined, 'pt-BR'],
    ['de;q=0, fr;q=0.001', undefined, 'fr'],
    ['de', 'fr', 'fr'],
    ['de', '__proto__', 'de'],
    ['*', undefined, undefined],
    [`${'x'.repeat(3_000)}, de`, undefined, undefined],
    ['../../etc, de', undefined, 'de'],
  ].map(
    ([header = '', locale, expected]): Row => ({
      name: `SMS in the language of ${header.slice(0, 40)}${locale === undefined ? '' : `, said ${locale}`}`,
      asked: posted('/phone/send', JSON.stringify({ phone, locale }), [['Accept-Language', header]]),
      answer: accepted(),
      sent: 1,
      ...(expected !== undefined && { smsLocale: expected }),
    }),
  ),
  {
    name: 'SMS in the language that the server says',
    options: { locale: async () => 'it' },
    asked: send([['Accept-Language', 'de']]),
    answer: accepted(),
    smsLocale: 'it',
  },
  {
    name: 'SMS in one of the languages that there are',
    options: { languages: ['fr', 'nl'] },
    asked: send([['Accept-Language', 'de, nl-BE;q=0.5']]),
    answer: accepted(),
    smsLocale: 'nl-BE',
  },
  {
    name: 'two headers of languages',
    asked: send([
      ['Accept-Language', 'xx'],
      ['Accept-Language', 'de'],
    ]),
    answer: accepted(),
    smsLocale: 'de',
  },
  {
    name: 'an unknown language gets English',
    asked: posted('/phone/send', '{}', [['Accept-Language', 'tlh, x-klingon']]),
    answer: invalid('must be a string', 'phone'),
  },
  ...Object.keys(titles).flatMap((language): readonly Row[] => [
    {
      name: `a problem by the header, in ${language}`,
      asked: posted('/phone/nothing', '{}', [['Accept-Language', `tlh, ${language};q=0.7, en;q=0.3`]]),
      answer: inLanguage(language, notFound),
    },
    {
      name: `a problem by the body, in ${language}`,
      asked: posted('/phone/verify', JSON.stringify({ sessionToken: 'x', code: '123456', locale: language }), [['Accept-Language', 'en']]),
      answer: inLanguage(language, refused(422, 'invalid_session')),
    },
    {
      name: `a problem by the server, in ${language}`,
      options: { locale: () => language },
      asked: posted('/phone/send', '{"phone":"1"}', [['Accept-Language', 'en']]),
      answer: inLanguage(language, refused(422, 'invalid_phone_number')),
    },
  ]),
  {
    name: 'English before what comes after',
    asked: { method: 'GET', path: '/phone/send', headers: [['Accept-Language', 'de;q=0.1, en;q=0.2']] },
    answer: refused(405, 'method_not_allowed', {}, allow),
  },

  ...['a', 'a'.repeat(255), '8e03978e-40d5-43dd-bc93-6894a57f9324', '"quoted"', '__proto__', '!~'].map(
    (key): Row => ({
      name: `a key and its repeat: ${key.slice(0, 40)}`,
      async before({ ask }) {
        await ask(send([['Idempotency-Key', key]]))
      },
      asked: send([['Idempotency-Key', key]]),
      // It took nothing of any limit.
      answer: { ...accepted(), headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } },
      sent: 1,
    }),
  ),
  ...['', 'a'.repeat(256), 'two words', 'caf\xe9', 'a\tb'].map(
    (key): Row => ({
      name: `no key: ${JSON.stringify(key.slice(0, 20))}${key.length > 20 ? '…' : ''}`,
      asked: send([['Idempotency-Key', key]]),
      answer: invalid('must be 1 to 255 visible ASCII characters', 'Idempotency-Key'),
      sent: 0,
    }),
  ),
  {
    name: 'two keys',
    asked: send([
      ['Idempotency-Key', 'a'],
      ['Idempotency-Key', 'b'],
    ]),
    answer: invalid('must be 1 to 255 visible ASCII characters', 'Idempotency-Key'),
    sent: 0,
  },
  {
    name: 'headers that mean nothing here',
    asked: send([
      ['Authorization', 'Bearer \xff.,;='],
      ['Cookie', 'a=%zz; ;;=; __proto__=1'],
      ['X-Forwarded-For', 'x, , 1.2.3.4:99999'],
      ['Phone-Proof', 'eyJ..'],
      ['Accept', 'text/html;q=,'],
      ['Content-Language', '\xff'],
    ]),
    answer: accepted(),
    sent: 1,
  },
  { name: 'a body that waits to be asked for', asked: send([['Expect', '100-continue']]), answer: accepted(), sent: 1 },
  {
    name: 'a wish for another protocol',
    asked: { path: '/phone/send', headers: [...isJson, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']], body },
    answer: accepted(),
    sent: 1,
  },
]
