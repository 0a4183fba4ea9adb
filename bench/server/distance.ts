import { fork } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'

interface Late {
  readonly due: number
  readonly to: Socket
  readonly chunk: Buffer
}

/** Every chunk leaves so much later, in order. A timer is too coarse for half a millisecond: while something is on its way, the loop turns. */
function delayed(oneWayMs: number): (to: Socket, chunk: Buffer) => void {
  const queue: Late[] = []
  const turn = () => {
    const now = performance.now()
    for (let next = queue[0]; next !== undefined && next.due <= now; next = queue[0]) {
      queue.shift()
      if (!next.to.destroyed) next.to.write(next.chunk)
    }
    if (queue.length > 0) setImmediate(turn)
  }
  return (to, chunk) => {
    queue.push({ due: performance.now() + oneWayMs, to, chunk })
    if (queue.length === 1) setImmediate(turn)
  }
}

/** What the proxy's own process does: it says its port, and ends with its parent. */
function serve(host: string, port: number, oneWayMs: number): void {
  const send = delayed(oneWayMs)
  const server = createServer((near) => {
    const far = connect(port, host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true)
      from.on('data', (chunk) => send(to, chunk))
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) process.send?.(address.port)
  })
  process.on('disconnect', () => process.exit())
}

const flag = 'distance'

/** Whether this process is the proxy: then it has begun, and there is nothing else to do. */
export function isDistance(): boolean {
  const [, , role, host = '', port, oneWayMs] = process.argv
  if (role !== flag) return false
  serve(host, Number(port), Number(oneWayMs))
  return true
}

/** The same server behind a proxy with a process of its own. */
export async function farAway(url: string, defaultPort: number, oneWayMs: number) {
  const near = new URL(url)
  const child = fork(process.argv[1] as string, [flag, near.hostname, near.port || String(defaultPort), String(oneWayMs)])
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(message as number))
    child.once('exit', (code) => reject(new Error(`the proxy ended with ${code}`)))
  })
  const far = new URL(url)
  far.hostname = '127.0.0.1'
  far.port = String(port)
  return { url: far.href, end: () => child.disconnect() }
}
