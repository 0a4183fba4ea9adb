import { setMaxListeners } from 'node:events'
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { TLSSocket } from 'node:tls'

/** One request to a provider. */
export interface Asked {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The longest that it may take, connection and answer included, in milliseconds. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** What became of a request, so that nobody has to read an error, in which everything that was sent may stand. */
export type Exchanged =
  /** The provider answered. The body is missing where it was longer than 64 KiB, compressed or cut off. */
  | {
      readonly outcome: 'answered'
      readonly status: number
      readonly headers: IncomingMessage['headers']
      readonly body: string | undefined
    }
  /** No connection was made: the provider has not seen a byte. */
  | { readonly outcome: 'unsent'; readonly why: 'unreachable' | 'timeout' | 'aborted' }
  /** The request left, and nobody knows. */
  | { readonly outcome: 'unanswered'; readonly why: 'reset' | 'timeout' | 'aborted' }

/** Posts to a provider over connections that are kept open. */
export type Exchange = (asked: Asked) => Promise<Exchanged>

const mostBytes = 65_536

/** Shorter than providers keep theirs: a request must not leave on a connection that is being closed. */
const idleMs = 10_000

/** Redirects are answers like any other: nobody is sent to an address that a reply names. */
export function createExchange(): Exchange {
  const keep = { keepAlive: true, scheduling: 'lifo' as const, maxFreeSockets: 16, timeout: idleMs }
  const http = new HttpAgent(keep)
  const https = new HttpsAgent(keep)

  return ({ url, headers, body, timeoutMs, signal }) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve({ outcome: 'unsent', why: 'aborted' })
        return
      }
      const settle = (exchanged: Exchanged) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        resolve(exchanged)
      }
      const options = { method: 'POST', headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } }
      const request =
        url.protocol === 'https:' ? httpsRequest(url, { ...options, agent: https }) : httpRequest(url, { ...options, agent: http })
      const isOut = connected(request)

      const giveUp = (why: 'timeout' | 'aborted') => {
        settle(isOut() ? { outcome: 'unanswered', why } : { outcome: 'unsent', why })
        request.destroy()
      }
      const timer = setTimeout(() => giveUp('timeout'), timeoutMs)
      const abort = () => giveUp('aborted')
      // Many sends may share one signal, a server's shutdown say: that is no leak to warn of.
      if (signal) setMaxListeners(0, signal)
      signal?.addEventListener('abort', abort)

      let hasAnswered = false
      const lose = () => settle(isOut() ? { outcome: 'unanswered', why: 'reset' } : { outcome: 'unsent', why: 'unreachable' })
      request.on('error', lose)
      // A connection may go without an error: after an upgrade that nobody asked for, say.
      request.on('close', () => hasAnswered || lose())
      request.on('response', (response) => {
        hasAnswered = true
        const { statusCode: status = 0, headers: received } = response
        read(response, (text) => settle({ outcome: 'answered', status, headers: received, body: text }))
      })
      request.end(body)
    })
}

/** Whether a connection is there, so that the request may have left. A handshake that fails has carried nothing of it. */
function connected(request: ClientRequest): () => boolean {
  let isOut = false
  request.once('socket', (socket) => {
    const out = () => {
      isOut = true
    }
    // A connection that is used again never tells of it again: whoever listened would be kept as long as the connection.
    if (request.reusedSocket) out()
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', out)
  })
  return () => isOut
}

/** The text of a response, or undefined where it cannot be had whole. */
function read(response: IncomingMessage, done: (text: string | undefined) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  const giveUp = () => {
    done(undefined)
    response.destroy()
  }
  // Nobody asked for compression, and a little may become a lot.
  if (!['identity', undefined].includes(response.headers['content-encoding'])) {
    giveUp()
    return
  }
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > mostBytes) giveUp()
    else chunks.push(chunk)
  })
  response.once('end', () => done(Buffer.concat(chunks).toString('utf8')))
  // Whatever else ends it. Without a listener an error might end the process.
  response.once('close', () => done(undefined))
  response.once('error', () => done(undefined))
}
