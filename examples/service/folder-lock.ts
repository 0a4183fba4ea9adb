import { createHash } from 'node:crypto'
import { realpath, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes this process the only one that uses the folder. The lock is a socket that listens: it ends with the process, however that ends, and
 * no file is left that names a process which is another by now. Containers that share a folder do not see each other's.
 *
 * @returns what gives it back
 * @throws an error for the person at the terminal, when another process holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const address = addressOf(await realpath(folder))
  const server = await listening(address).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    if (await answers(address))
      throw new Error(`${folder} is in use by another process: stop it, or set DATABASE_URL to share a Postgres server`)
    await rm(address)
    return listening(address)
  })
  // The lock keeps no process alive.
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}

function addressOf(folder: string): string {
  const name = `phone-verify-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`
  // Linux's abstract sockets and Windows' pipes have no file. Elsewhere the socket's stays where a process was killed, and answers nobody.
  if (process.platform === 'linux') return `\0${name}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

const listening = (address: string) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject).listen(address, () => resolve(server))
  })

const answers = (address: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(process.platform === 'linux'))
    socket.once('close', () => socket.destroy())
  })
