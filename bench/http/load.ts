import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { bytesOf, type Guess } from './guess.js'

/** What a load process is told: all guesses at a server first, then which of them to make, and at which port. */
export type LoadOrder =
  | { readonly at: string; readonly guesses: readonly Guess[] }
  | { readonly at: string; readonly port: number; readonly from: number; readonly to: number }

/** Connections that are kept alive, each with one request at a time. */
export const connections = 64

const headOf = /^HTTP\/1\.1 422 .*?\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n/is

/** Writes a request, and resolves when the whole reply to a wrong guess is there. */
const ask = (socket: Socket, bytes: Buffer) =>
  new Promise<void>((resolve, reject) => {
    let text = ''
    const end = () => void socket.off('data', take).off('close', gone)
    const gone = () => reject(new Error('a connection was closed'))
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const [head, length] = headOf.exec(text) ?? []
      // A reply to anything else is not waited for.
      if (head === undefined && text.includes('\r\n\r\n')) reject(new Error(`no reply to a wrong guess: ${text.slice(0, 400)}`))
      if (head === undefined || text.length < head.length + Number(length)) return
      end()
      if (text.includes('"code":"incorrect_code"')) resolve()
      else reject(new Error(`no reply to a wrong guess: ${text.slice(0, 400)}`))
    }
    socket.on('data', take).once('close', gone)
    socket.write(bytes)
  })

/** A load process: it makes guesses when it is told to, and says how many microseconds they took. */
export function load(): void {
  const requests = new Map<string, readonly Buffer[]>()
  const run = async (bytes: readonly Buffer[], port: number, from: number, to: number) => {
    const sockets = Array.from({ length: connections }, () => connect({ host: '127.0.0.1', port, noDelay: true }))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    let next = from
    const lane = async (socket: Socket) => {
      while (next < to) await ask(socket, bytes[next++] as Buffer)
    }
    const start = performance.now()
    await Promise.all(sockets.map(lane))
    const wallUs = (performance.now() - start) * 1_000
    for (const socket of sockets) socket.destroy()
    return wallUs
  }
  process.on('message', async (order: LoadOrder) => {
    if ('guesses' in order) requests.set(order.at, order.guesses.map(bytesOf))
    process.send?.('guesses' in order ? 0 : await run(requests.get(order.at) ?? [], order.port, order.from, order.to))
  })
  process.on('disconnect', () => process.exit())
  process.send?.(0)
}
