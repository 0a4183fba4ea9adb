import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import type { PhoneVerifier } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { purpose } from '../races.js'

export const frameworks = ['express', 'fastify'] as const

export type Framework = (typeof frameworks)[number]

export interface App {
  readonly port: number
  close(): Promise<unknown>
}

/** The endpoints below `/phone`, on a port of their own. */
export async function startApp(framework: Framework, verifier: PhoneVerifier): Promise<App> {
  if (framework === 'fastify') {
    const app = fastify()
    await app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose })
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  }
  const server = createServer(express().use('/phone', phoneVerifyRouter(verifier, { purpose })))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
