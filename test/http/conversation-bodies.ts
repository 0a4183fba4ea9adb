import { gzipSync } from 'node:zlib'
import { accepted, invalid, isJson, phone, posted, type Row, refused, verified } from './conversation.js'
import { chunked } from './raw-client.js'

const send = `{"phone":"${phone}"}`

const spaces = (length: number) => `${send}${' '.repeat(length - send.length)}`

const notText = ['null', 'true', 'false', '0', '123456', '1e400', '[]', '["123456"]', '{}', '{"$ne":null}', '{"length":6}']

const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))))

/** T-WEB-01: what comes as a body, and what it is said to be. */
export const bodies: readonly Row[] = [
  ...[
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json ; charset="utf-8"',
    ' \tapplication/json\t ',
  ].map(
    (type): Row => ({
      name: `content type ${JSON.stringify(type)}`,
      asked: { path: '/phone/send', headers: [['Content-Type', type]], body: send },
      answer: accepted(),
      sent: 1,
    }),
  ),
  ...[
    'application/json\ta',
    'application/json a',
    'application/jsonx',
    'application/json+x',
    'application/problem+json',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset=',
    'application/json; boundary=x',
    'application/json, text/plain',
    'application/json;',
    'text/json',
    'text/plain',
    'text/plain; application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '*/*',
    '',
    'junk',
    '__proto__',
    'application/json\xff',
  ].map(
    (type): Row => ({
      name: `no JSON: ${JSON.stringify(type)}`,
      asked: { path: '/phone/send', headers: [['Content-Type', type]], body: send },
      answer: refused(415, 'unsupported_media_type'),
      sent: 0,
    }),
  ),
  { name: 'no content type', asked: { path: '/phone/send', body: send }, answer: refused(415, 'unsupported_media_type'), sent: 0 },
  {
    name: 'two content types',
    asked: posted('/phone/send', send, [['Content-Type', 'text/plain']]),
    answer: refused(415, 'unsupported_media_type'),
  },
  { name: 'one content type twice', asked: posted('/phone/send', send, isJson), answer: refused(415, 'unsupported_media_type') },
  {
    name: 'a form of another site',
    asked: { path: '/phone/send', headers: [['Content-Type', 'text/plain']], body: `{"phone":"${phone}","x":"="}` },
    answer: refused(415, 'unsupported_media_type'),
    sent: 0,
  },
  {
    name: 'gzip',
    asked: posted('/phone/send', gzipSync(send), [['Content-Encoding', 'gzip']]),
    answer: refused(415, 'unsupported_media_type'),
    sent: 0,
  },
  { name: 'an encoding that is none', asked: posted('/phone/send', send, [['Content-Encoding', 'Identity']]), answer: accepted(), sent: 1 },

  { name: '4 096 bytes', asked: posted('/phone/send', spaces(4_096)), answer: accepted(), sent: 1 },
  { name: '4 097 bytes', asked: posted('/phone/send', spaces(4_097)), answer: refused(413, 'content_too_large'), sent: 0 },
  {
    name: 'a body that is said to be long and has not come',
    asked: posted('/phone/send', '', [['Content-Length', '50000000']]),
    answer: refused(413, 'content_too_large'),
  },
  {
    name: 'chunks',
    asked: posted('/phone/send', chunked(...send), [['Transfer-Encoding', 'chunked']]),
    answer: accepted(),
    sent: 1,
  },
  {
    name: 'chunks of too much',
    asked: posted('/phone/send', chunked(send, ' '.repeat(4_097 - send.length)), [['Transfer-Encoding', 'chunked']]),
    answer: refused(413, 'content_too_large'),
    sent: 0,
  },
  {
    name: 'chunks that never end but in size',
    asked: posted('/phone/send', `fffff\r\n${'x'.repeat(10_000)}`, [['Transfer-Encoding', 'chunked']]),
    answer: refused(413, 'content_too_large'),
  },
  {
    name: 'a limit of the host: just enough',
    options: { maxBodyBytes: 8_000 },
    asked: posted('/phone/send', spaces(8_000)),
    answer: accepted(),
  },
  {
    name: 'a limit of the host: too much',
    options: { maxBodyBytes: 8_000 },
    asked: posted('/phone/send', spaces(8_001)),
    answer: refused(413, 'content_too_large'),
  },

  ...[
    ['nothing', ''],
    ['blanks', '  '],
    ['half of it', '{"phone":"+336'],
    ['a comma too many', '{"phone":"x",}'],
    ['a comment', '{"phone":"x"/**/}'],
    ['single quotes', "{'phone':'x'}"],
    ['NaN', '{"phone":NaN}'],
    ['two values', '{}{}'],
    ['a form', `phone=${phone}`],
    ['invalid UTF-8', bytes('{"phone":"', 0xff, 0xfe, '"}')],
    ['an overlong slash', bytes('{"phone":"', 0xc0, 0xaf, '"}')],
    ['a surrogate in UTF-8', bytes('{"phone":"', 0xed, 0xa0, 0x80, '"}')],
    ['UTF-16', Buffer.from(send, 'utf16le')],
  ].map(
    ([name, body]): Row => ({
      name: `a body of ${name}`,
      asked: posted('/phone/send', body ?? ''),
      answer: invalid('must be JSON in UTF-8', 'body'),
      sent: 0,
    }),
  ),
  { name: 'no body', asked: { path: '/phone/send', headers: isJson }, answer: invalid('must be JSON in UTF-8', 'body') },
  { name: 'a byte order mark', asked: posted('/phone/send', bytes(0xef, 0xbb, 0xbf, send)), answer: accepted(), sent: 1 },
  ...['null', 'true', '0', '"phone"', '[]', `[${send}]`, '['.repeat(2_000) + ']'.repeat(2_000)].map(
    (body): Row => ({
      name: `no object: ${body.slice(0, 30)}`,
      asked: posted('/phone/send', body),
      answer: invalid('must be a JSON object', 'body'),
      sent: 0,
    }),
  ),
  {
    name: 'deep nesting beside the phone',
    asked: posted('/phone/send', `{"phone":"${phone}","x":${'['.repeat(1_900)}${']'.repeat(1_900)}}`),
    answer: accepted(),
  },
  ...[
    ['phone', `{"phone":"+14155552671","phone":"${phone}"}`],
    ['phone', `{"phone":"${phone}","\\u0070hone":"${phone}"}`],
    ['locale', `{"phone":"${phone}","locale":"fr","locale":"de"}`],
    ['body', `{"phone":"${phone}","__proto__":1,"__proto__":2}`],
    ['body', `{"phone":"${phone}","":1,"":2}`],
    ['body', `{"phone":"${phone}","\\u0000":1,"\\u0000":2}`],
  ].map(
    ([field = '', body = '']): Row => ({
      name: `a name twice: ${body}`,
      asked: posted('/phone/send', body),
      answer: invalid('must not come twice', field),
      sent: 0,
    }),
  ),
  {
    name: 'a name twice, further in',
    asked: posted('/phone/send', `{"phone":"${phone}","x":{"phone":1,"phone":2}}`),
    answer: accepted(),
    sent: 1,
  },
  {
    name: 'names that are nobody’s',
    asked: posted('/phone/send', `{"phone":"${phone}","purpose":"login","tenant":"x","decoy":true}`),
    answer: accepted(),
    sent: 1,
  },
  ...[`{"__proto__":${send}}`, '{"constructor":{"prototype":{"phone":"+33612345678"}}}', '{"toString":"x"}'].map(
    (body): Row => ({
      name: `no field of its own: ${body}`,
      asked: posted('/phone/send', body),
      answer: invalid('must be a string', 'phone'),
      sent: 0,
    }),
  ),
  ...['__proto__', 'constructor', 'hasOwnProperty'].map(
    (name): Row => ({
      name: `beside ${name}`,
      asked: posted('/phone/send', `{"${name}":{"phone":"+14155552671"},"phone":"${phone}"}`),
      answer: accepted(),
      sent: 1,
    }),
  ),

  ...notText.flatMap((value): readonly Row[] => [
    { name: `phone: ${value}`, asked: posted('/phone/send', `{"phone":${value}}`), answer: invalid('must be a string', 'phone'), sent: 0 },
    {
      name: `sessionToken to resend: ${value}`,
      asked: posted('/phone/resend', `{"sessionToken":${value}}`),
      answer: invalid('must be a string', 'sessionToken'),
    },
    {
      name: `sessionToken to verify: ${value}`,
      asked: posted('/phone/verify', `{"sessionToken":${value},"code":"123456"}`),
      answer: invalid('must be a string', 'sessionToken'),
    },
    {
      name: `code: ${value}`,
      asked: posted('/phone/verify', `{"sessionToken":"x","code":${value}}`),
      answer: invalid('must be a string', 'code'),
    },
    {
      name: `both: ${value}`,
      asked: posted('/phone/verify', `{"sessionToken":${value},"code":${value}}`),
      answer: invalid('must be a string', 'sessionToken', 'code'),
    },
  ]),
  ...[...notText, '""', '"__proto__"', '"../../etc/passwd"', '"xx-nonsense-"'].map(
    (value): Row => ({
      name: `locale: ${value}`,
      asked: posted('/phone/send', `{"phone":"${phone}","locale":${value}}`),
      answer: accepted(),
      sent: 1,
    }),
  ),
  {
    name: 'a code as a number spends nothing',
    async before({ send, ask, test }) {
      await send()
      for (let time = 0; time < 6; time++) await ask(posted('/phone/verify', `{"sessionToken":"x","code":${test.lastCode()}}`))
    },
    asked: posted('/phone/verify', '{"sessionToken":"<token>","code":"<code>"}'),
    answer: verified(),
  },
]
