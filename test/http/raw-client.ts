import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A reply as its bytes say it. Names of headers are in lower case; one that came twice is there twice. */
export interface RawReply {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** A request, all of it: nothing is added but what frames the body, and that only where the headers do not say it. */
export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Uint8Array | undefined
}

/** The bytes of a request. */
export function bytesOf({ method = 'POST', path, headers = [], body }: RawRequest): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const isFramed = body === undefined || names.has('content-length') || names.has('transfer-encoding')
  const bytes = Buffer.from(body ?? '')
  const all = [['Host', 'localhost'], ...headers, ...(isFramed ? [] : [['Content-Length', String(bytes.length)]])]
  const head = [`${method} ${path} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

/** Pieces of a body as HTTP's chunks. */
export const chunked = (...pieces: readonly string[]): string =>
  [...pieces, ''].map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`).join('')

/** A connection that nothing was written to yet. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** Writes a request and resolves to its one reply. */
export async function ask(port: number, request: RawRequest): Promise<RawReply> {
  const socket = await openSocket(port)
  const reply = readReply(socket, request.method ?? 'POST')
  socket.write(bytesOf(request))
  return reply
}

/** The one reply that a connection brings. Anything that is none, or more than one, is a fault. */
export function readReply(socket: Socket, method = 'POST'): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0)
    let hasEnded = false
    const settle = (outcome: RawReply | Error) => {
      socket.destroy()
      if (outcome instanceof Error) reject(outcome)
      else resolve(outcome)
    }
    const look = () => {
      try {
        const reply = replyIn(seen, method, hasEnded)
        if (reply !== undefined) settle(reply)
        else if (hasEnded) settle(new Error(`the connection was closed after ${JSON.stringify(seen.toString('latin1'))}`))
      } catch (error) {
        settle(error instanceof Error ? error : new Error(String(error)))
      }
    }
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      look()
    })
    socket.once('end', () => {
      hasEnded = true
      look()
    })
    socket.once('error', settle).once('close', () => settle(new Error('the connection was closed')))
  })
}

function replyIn(seen: Buffer, method: string, hasEnded: boolean): RawReply | undefined {
  const headEnds = seen.indexOf('\r\n\r\n')
  if (headEnds < 0) return undefined
  const [line = '', ...lines] = seen.toString('latin1', 0, headEnds).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1])
  if (status === 100) return replyIn(seen.subarray(headEnds + 4), method, hasEnded)
  if (!(status >= 200)) throw new Error(`no status line: ${line}`)
  const headers = lines.map((header): [string, string] => {
    const [, name = '', value = ''] = /^([\w-]+): ?(.*)$/.exec(header) ?? []
    if (name === '') throw new Error(`no header: ${header}`)
    return [name.toLowerCase(), value]
  })
  const rest = seen.subarray(headEnds + 4)
  const body = bodyIn(rest, new Map(headers), method === 'HEAD' || status === 204, hasEnded)
  return body === undefined ? undefined : { status, headers, body: body.toString() }
}

function bodyIn(rest: Buffer, headers: ReadonlyMap<string, string>, isBare: boolean, hasEnded: boolean): Buffer | undefined {
  const exactly = (length: number) => {
    if (rest.length > length) throw new Error(`more than one reply: ${rest.toString('latin1', length)}`)
    return rest.length === length ? rest : undefined
  }
  if (isBare) return exactly(0)
  const length = headers.get('content-length')
  if (length !== undefined) return exactly(Number(length))
  if (headers.get('transfer-encoding') === 'chunked') return unchunked(rest)
  return hasEnded ? rest : undefined
}

function unchunked(rest: Buffer): Buffer | undefined {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnds = rest.indexOf('\r\n', at)
    if (lineEnds < 0) return undefined
    const size = Number.parseInt(rest.toString('latin1', at, lineEnds), 16)
    at = lineEnds + 2 + size + 2
    if (rest.length < at) return undefined
    if (size === 0) return Buffer.concat(pieces)
    pieces.push(rest.subarray(lineEnds + 2, at - 2))
  }
}
