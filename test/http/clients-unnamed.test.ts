import { describe, expect, test } from 'vitest'
import { adapters, headerOf, startHost } from './adapters.js'
import { posted } from './conversation.js'
import { ask } from './raw-client.js'

const once = { sendsPerClient: [{ max: 1, windowMs: 3_600_000 }] }

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))(
  'G25: a client that the server cannot name, behind %s',
  (_name, adapter) => {
    /** What two sends to two phones come to. */
    async function twice(client: (request: unknown) => unknown, ...sessions: readonly (string | undefined)[]) {
      const host = await startHost(adapter, { client: client as never }, { limits: once })
      const statuses: number[] = []
      for (const [index, phone] of ['+33612345678', '+33698765432'].entries()) {
        const session = sessions[index]
        const headers = session === undefined ? [] : [['X-Session', session] as const]
        statuses.push((await ask(host.port, posted('/phone/send', JSON.stringify({ phone }), headers))).status)
      }
      await host.close()
      return statuses
    }

    test.each([
      ['no client', () => undefined],
      ['nothing of it', () => ({})],
      ['an id that is not there', (request: unknown) => ({ id: headerOf(request, 'x-session') })],
      ['an address that is not there', () => ({ ip: undefined })],
    ])('with %s is limited by its address', async (_what, client) => expect(await twice(client)).toEqual([202, 429]))

    test('is limited by its id where it has one', async () => {
      const byId = (request: unknown) => ({ id: headerOf(request, 'x-session') })
      expect(await twice(byId, 'a', 'b')).toEqual([202, 202])
      expect(await twice(byId, 'a', 'a')).toEqual([202, 429])
    })
  },
)
