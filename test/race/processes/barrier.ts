import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Where processes wait for each other: when so many have arrived, all go on. */
export async function startBarrier(parties: number) {
  const sockets = new Set<Socket>()
  let arrived = 0
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    // Who is waited for and never comes must not hold the others for ever.
    const leave = () => {
      sockets.delete(socket)
      if (arrived > 0) for (const other of sockets) other.destroy()
    }
    socket.on('error', () => {}).on('close', leave)
    socket.on('data', () => {
      arrived += 1
      if (arrived < parties) return
      arrived = 0
      for (const one of sockets) one.write('!')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** One process's place at a barrier. */
export async function joinBarrier(port: number) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  return {
    /** Resolves when everybody has arrived. */
    arrive: () =>
      new Promise<void>((resolve, reject) => {
        const broken = () => reject(new Error('the barrier is gone'))
        socket.once('close', broken).once('data', () => {
          socket.off('close', broken)
          resolve()
        })
        socket.write('.')
      }),
    leave: () => void socket.destroy(),
  }
}

export type Barrier = Awaited<ReturnType<typeof startBarrier>>
