import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type RawReply, repliesIn } from './raw-replies.js'

/** A request as bytes, and the port it goes to. */
export interface RawRequest {
  readonly port: number
  readonly bytes: Buffer
}

/** A `POST` of JSON as a browser sends it. */
export function post(port: number, path: string, fields: object, headers: Readonly<Record<string, string>> = {}): RawRequest {
  const body = JSON.stringify(fields)
  const all = { host: `127.0.0.1:${port}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return { port, bytes: Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`) }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  return socket
}

const write = (socket: Socket, bytes: Buffer) =>
  new Promise<void>((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())))

/** Exactly so many replies, and not a byte more: it hangs up when they are there. */
const read = (socket: Socket, count: number) =>
  new Promise<readonly RawReply[]>((resolve, reject) => {
    const replies: RawReply[] = []
    let rest: Buffer = Buffer.alloc(0)
    const fail = (error: unknown) => {
      socket.destroy()
      reject(error)
    }
    socket.once('error', fail).once('close', () => reject(new Error(`closed after ${replies.length} of ${count} replies`)))
    socket.on('data', (chunk: Buffer) => {
      try {
        const found = repliesIn(Buffer.concat([rest, chunk]))
        replies.push(...found.replies)
        rest = found.rest
        if (replies.length > count || (replies.length === count && rest.length > 0)) throw new Error('more than was asked for')
      } catch (error) {
        return fail(error)
      }
      if (replies.length < count) return
      resolve(replies)
      socket.destroy()
    })
  })

/** Each request on a connection of its own, whole but for its last byte; when all are there, the last bytes together. */
export async function lastByteTogether(requests: readonly RawRequest[]): Promise<readonly RawReply[]> {
  const sockets = await Promise.all(requests.map(({ port }) => open(port)))
  const replies = Promise.all(sockets.map(async (socket) => (await read(socket, 1))[0] as RawReply))
  // Who answers before the last byte answers a request that is not one.
  let early = 0
  const count = () => {
    early += 1
  }
  for (const socket of sockets) socket.on('data', count)
  await Promise.all(sockets.map((socket, index) => write(socket, (requests[index] as RawRequest).bytes.subarray(0, -1))))
  // Servers in this process have not looked yet.
  for (let turns = 0; turns < 5; turns++) await turn()
  if (early > 0) throw new Error(`${early} answers before the last byte`)
  for (const [index, socket] of sockets.entries()) socket.write((requests[index] as RawRequest).bytes.subarray(-1))
  return replies
}

/** All requests on one connection, in one piece, before the first reply. */
export async function pipelined(requests: readonly RawRequest[]): Promise<readonly RawReply[]> {
  const socket = await open(requests[0]?.port ?? 0)
  const replies = read(socket, requests.length)
  await write(socket, Buffer.concat(requests.map(({ bytes }) => bytes)))
  return replies
}
