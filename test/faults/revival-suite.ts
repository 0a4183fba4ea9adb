import { expect, test } from 'vitest'
import { keepsSnapshots, type RedisServer, replicaOf, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'
import { startTcpProxy } from '../fixtures/tcp-proxy.js'
import { openIoredis } from './opened-store.js'
import { everything, issue, nothing, type Revived, retry, sum } from './revival.js'
import { until } from './until.js'
import { makeVisits } from './visits.js'

const fenced = { prefix: 'fenced:' }
const unfenced = { prefix: 'unfenced:', fence: false }
const linked = (replica: RedisServer) =>
  until('the replica is in step', async () => String(await replica.cli('INFO', 'replication')).includes('master_link_status:up'))

/** Spends on one server what a snapshot of it has unspent, and tries again on another, or on the same in another state. */
async function round(before: RedisServer, snapshot: () => Promise<unknown>, fault: () => Promise<RedisServer>) {
  const places = [fenced, unfenced].map((options) => ({ options, opened: openIoredis(before, options) }))
  const issued = await Promise.all(places.map(({ opened }) => issue(makeVisits(opened.store))))
  await snapshot()
  const spent = await Promise.all(issued.map(({ spend }) => spend()))
  await Promise.all(places.map(({ opened }) => opened.end()))
  const after = await fault()
  const revived: Revived[] = []
  for (const [index, { options }] of places.entries()) {
    const { store, end } = openIoredis(after, options)
    revived.push(await retry(store, spent[index] as never))
    await end()
  }
  return { fenced: revived[0] as Revived, unfenced: revived[1] as Revived }
}

async function lossyFailover(thenBack: boolean) {
  const primary = await startRedis()
  const link = await startTcpProxy(primary)
  const replica = await startRedis({ args: replicaOf(link.port) })
  try {
    await linked(replica)
    const snapshot = async () => {
      await until('the replica has it all', async () => Number(await primary.cli('WAIT', '1', '1000')) === 1)
      link.freeze()
    }
    const promote = async () => {
      if (!thenBack) await primary.kill()
      await replica.cli('REPLICAOF', 'NO', 'ONE')
      if (!thenBack) return replica
      // The old primary was only cut off: it comes back as a replica, takes the older state, and is promoted in its turn.
      link.stop()
      await primary.cli('REPLICAOF', '127.0.0.1', `${replica.port}`)
      await linked(primary)
      await primary.cli('REPLICAOF', 'NO', 'ONE')
      return primary
    }
    return await round(primary, snapshot, promote)
  } finally {
    link.stop()
    await Promise.all([primary.stop(), replica.stop()])
  }
}

/** T-RPL-03: a store that goes back in time. The control has no fence, and must show what the fence is there for. */
export const revivalSuite = (rounds: number) =>
  describeWith('T-RPL-03: what a store has forgotten to be spent', 'redisServer', () => {
    const outcome = async (one: () => ReturnType<typeof round>) => {
      const all: Awaited<ReturnType<typeof round>>[] = []
      for (let count = 0; count < rounds; count++) all.push(await one())
      return { fenced: sum(all.map((each) => each.fenced)), unfenced: sum(all.map((each) => each.unfenced)) }
    }
    const timeout = 20_000 + rounds * 5_000

    test(`a restart from a snapshot revives no code and no proof, ${rounds} times; without the fence it does`, { timeout }, async () => {
      const server = await startRedis({ args: keepsSnapshots })
      const restart = async () => {
        await server.restart()
        return server
      }
      const found = await outcome(() => round(server, () => server.cli('SAVE'), restart))
      await server.stop()
      expect(found).toEqual({ fenced: nothing, unfenced: everything(rounds) })
    })

    test(`a lossy failover revives no code and no proof, ${rounds} times; without the fence it does`, { timeout }, async () => {
      expect(await outcome(() => lossyFailover(false))).toEqual({ fenced: nothing, unfenced: everything(rounds) })
    })

    test(`nor does a failover and back again, ${rounds} times; without the fence it does`, { timeout }, async () => {
      expect(await outcome(() => lossyFailover(true))).toEqual({ fenced: nothing, unfenced: everything(rounds) })
    })
  })
