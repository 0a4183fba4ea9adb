import { STATUS_CODES } from 'node:http'

/** A reply as its bytes say it. */
export interface RawReply {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** The replies in what a connection has brought so far. What is no reply is a fault; what is not whole yet is left for later. */
export function repliesIn(bytes: Buffer): { readonly replies: readonly RawReply[]; readonly rest: Buffer } {
  const replies: RawReply[] = []
  let rest = bytes
  for (;;) {
    const headEnds = rest.indexOf('\r\n\r\n')
    if (headEnds < 0) return { replies, rest }
    const [line = '', ...lines] = rest.toString('latin1', 0, headEnds).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1])
    if (line !== `HTTP/1.1 ${status} ${STATUS_CODES[status]}`) throw new Error(`no status line: ${line}`)
    const headers = new Map<string, string>()
    for (const header of lines) {
      const [, name = '', value = ''] = /^([\w-]+): (.*)$/.exec(header) ?? []
      if (name === '' || headers.has(name.toLowerCase())) throw new Error(`no header, or one that came before: ${header}`)
      headers.set(name.toLowerCase(), value)
    }
    const length = headers.get('content-length') ?? ''
    if (!/^\d+$/.test(length)) throw new Error(`a reply to status ${status} that does not say how long it is`)
    const ends = headEnds + 4 + Number(length)
    if (rest.length < ends) return { replies, rest }
    replies.push({ status, headers, body: rest.toString('utf8', headEnds + 4, ends) })
    rest = rest.subarray(ends)
  }
}

/** What the wire promises of every reply to a guess or a send; the reason of a refusal, or `ok`. */
export function reasonOf({ status, headers, body }: RawReply): string {
  const said = JSON.parse(body) as { readonly type?: string; readonly code?: string; readonly status?: number; readonly title?: string }
  const wrong = (about: string) => new Error(`${about}: ${status} ${body}`)
  if (headers.get('cache-control') !== 'no-store') throw wrong('a reply that may be kept')
  if (status < 300) {
    if (headers.get('content-type') !== 'application/json') throw wrong('a success that is no JSON')
    return 'ok'
  }
  if (headers.get('content-type') !== 'application/problem+json') throw wrong('a failure that is no problem')
  const { type, code = '', title = '' } = said
  if (said.status !== status || type !== `urn:phone-verify:${code}` || title === '') throw wrong('a problem that contradicts itself')
  if (statusOf[code] !== status) throw wrong('a problem with the status of another')
  return code
}

/** As the design fixes it, not as the source has it. */
const statusOf: Readonly<Record<string, number>> = {
  incorrect_code: 422,
  too_many_attempts: 410,
  already_used: 410,
  rate_limited: 429,
}
