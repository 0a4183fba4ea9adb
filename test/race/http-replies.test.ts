import { expect, test } from 'vitest'
import { reasonOf, repliesIn } from './http/raw-replies.js'

// What the races call a well-formed reply, and what they do not.
const body = JSON.stringify({ type: 'urn:phone-verify:incorrect_code', title: 'No.', status: 422, code: 'incorrect_code', attemptsLeft: 4 })
const head = [
  'HTTP/1.1 422 Unprocessable Entity',
  'content-type: application/problem+json',
  'cache-control: no-store',
  `content-length: ${body.length}`,
]
const reply = (lines: readonly string[] = head, text = body) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`)
const changed = (from: string | RegExp, to: string) => Buffer.from(reply().toString().replace(from, to))

test('a whole reply is read, and what follows it is left', () => {
  const { replies, rest } = repliesIn(Buffer.concat([reply(), reply().subarray(0, 60)]))
  expect(replies.map(reasonOf)).toEqual(['incorrect_code'])
  expect(rest).toHaveLength(60)
})

test.each([
  ['a status line of another status', changed('Unprocessable Entity', 'OK')],
  ['no status line', changed('HTTP/1.1 422', 'HTTP/1.1 four')],
  ['a header twice', reply([...head, 'cache-control: no-store'])],
  ['a line that is no header', reply([...head, 'no header'])],
  ['no length', reply(head.slice(0, 3))],
])('%s is no reply', (_, bytes) => {
  expect(() => repliesIn(bytes)).toThrow()
})

test.each([
  ['a reply that may be kept', changed('no-store', 'max-age=60')],
  ['a problem called JSON', changed('problem+json', 'json')],
  ['a body that is no JSON', changed('{', '[')],
  ['another status in the body', changed('"status":422', '"status":410')],
  ['another type than its code', changed('urn:phone-verify:incorrect_code', 'urn:phone-verify:expired_code__')],
  ['a code with the status of another', changed(/"code":"incorrect_code"(.*)4/, '"code":"already_used"$1444')],
])('%s is not well formed', (_, bytes) => {
  expect(() => repliesIn(bytes).replies.map(reasonOf)).toThrow()
})
