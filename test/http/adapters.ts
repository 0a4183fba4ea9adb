import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import express, { type Express } from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import type { PhoneVerifier } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import type { HttpOptions } from 'phone-verify/http'
import { createTestVerifier, type TestVerifier } from 'phone-verify/testing'

/** Options whose functions take the request of any framework: they read it with `headerOf`. */
export type AnyOptions = Partial<HttpOptions<unknown>>

/** A server that listens. */
export interface Listening {
  readonly port: number
  readonly server: Server
  close(): Promise<void>
}

/** The endpoints below `/phone`, behind a real socket, with a verifier whose phone and clock are the test's. */
export interface Host extends Listening {
  readonly test: TestVerifier
}

export interface Adapter {
  readonly name: string
  /** The endpoints below `/phone`. */
  start(verifier: PhoneVerifier, options: HttpOptions<unknown>): Promise<Listening>
}

/** Express 4 brings no types of its own. */
export const express4 = createRequire(import.meta.url)('express4') as typeof express

/** Serves it on a port of its own. */
export async function listen(listener: RequestListener): Promise<Listening> {
  return listening(createServer(listener))
}

async function listening(server: Server): Promise<Listening> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const ofExpress = (name: string, make: () => Express): Adapter => ({
  name,
  start: async (verifier, options) => listen(make().use('/phone', phoneVerifyRouter(verifier, options))),
})

export const adapters: readonly Adapter[] = [
  ofExpress('Express 5', express),
  ofExpress('Express 4', express4),
  {
    name: 'Fastify 5',
    async start(verifier, options) {
      const app = Fastify()
      await app.register(phoneVerifyPlugin, { ...options, prefix: '/phone', verifier })
      await app.listen({ host: '127.0.0.1', port: 0 })
      return {
        port: (app.server.address() as AddressInfo).port,
        server: app.server,
        async close() {
          app.server.closeAllConnections()
          await app.close()
        },
      }
    },
  },
  {
    name: 'Hono on Node',
    async start(verifier, options) {
      const phone = phoneVerifyHandler(verifier, { ...options, basePath: '/phone' })
      const app = new Hono().all('/phone/*', (c) => phone(c.req.raw, { address: getConnInfo(c).remote.address }))
      return listen(getRequestListener(app.fetch))
    },
  },
]

/** A host with a verifier of its own. The purpose is `registration` unless the options say another. */
export async function startHost(
  adapter: Adapter,
  options: AnyOptions = {},
  verifierOptions: Parameters<typeof createTestVerifier>[0] = {},
): Promise<Host> {
  const test = createTestVerifier(verifierOptions)
  const started = await adapter.start(test.verifier, { purpose: 'registration', ...options })
  return {
    ...started,
    test,
    async close() {
      await started.close()
      await test.verifier.close()
    },
  }
}

/** A header of a request of any framework. */
export function headerOf(request: unknown, name: string): string | undefined {
  const { headers } = request as { readonly headers: Headers | Readonly<Record<string, string | undefined>> }
  return headers instanceof Headers ? (headers.get(name) ?? undefined) : headers[name]
}
