import { createServer, type RequestListener } from 'node:http'
import { openParts, type Parts } from './parts.js'
import { readSettings, type Settings } from './settings.js'

/** An app that is ready to be listened to. */
export interface Service {
  readonly listener: RequestListener
  /** Ends what the app itself opened; its parts are not its own. */
  close(): Promise<void>
}

/** How long requests that are under way may take when the process is asked to end, in milliseconds. */
const drainMs = 10_000

/** Opens the parts that the environment asks for, builds the app and listens, until SIGTERM or SIGINT. */
export async function runService(name: string, build: (parts: Parts, settings: Settings) => Promise<Service>): Promise<void> {
  // In the order in which they were opened; closed the other way round.
  const closers: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const settings = readSettings(name, process.env)
    const { parts, close } = await openParts(settings)
    closers.push(close)
    const service = await build(parts, settings)
    closers.push(service.close)
    const server = createServer(service.listener)
    await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(settings.port, resolve))
    closers.push(() => drained(server))
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
    parts.log.info({ service: name, url: settings.publicUrl.origin, docs: `${settings.publicUrl.origin}/docs/` }, 'listening')
  } catch (error) {
    await stop()
    process.stderr.write(`${lineOf(error)}\n`)
    process.exitCode = 2
  }
}

/** A connection that is refused by all of a host's addresses says no word, only a code. */
function lineOf(error: unknown): string {
  const { message, code } = Object(error) as Partial<NodeJS.ErrnoException>
  return (message || code || 'failed').split('\n', 1).join('')
}

/** Takes no more requests, and gives those under way their time. */
async function drained(server: ReturnType<typeof createServer>): Promise<void> {
  // A connection that a client keeps is idle only once its reply is written.
  const answered = setInterval(() => server.closeIdleConnections(), 100)
  const late = setTimeout(() => server.closeAllConnections(), drainMs)
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeIdleConnections()
  })
  clearInterval(answered)
  clearTimeout(late)
}
