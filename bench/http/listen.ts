import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import fastify, { type FastifyInstance } from 'fastify'

export const frameworks = ['fastify', 'express'] as const

export type Framework = (typeof frameworks)[number]

/** What goes into an application of each framework. */
export interface Mount {
  express(app: Express): void
  fastify(app: FastifyInstance): Promise<void>
}

/** An application with nothing in it but this, as the framework sets it up. Resolves to its port. */
export async function listen(framework: Framework, mount: Mount): Promise<number> {
  if (framework === 'fastify') {
    const app = fastify()
    await mount.fastify(app)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return (app.server.address() as AddressInfo).port
  }
  const app = express()
  mount.express(app)
  const server = createServer(app)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
