import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import { count, promised, type Step, steps, tries } from '../counted.js'
import { type Gate, type Report, scenario } from '../report.js'
import { missing } from '../server/ground.js'
import { connectPostgres, dropSchemas, ownSchema } from '../server/postgres.js'
import { connectIoredis, deletePrefix, ownPrefix } from '../server/redis.js'

type Row = (string | number)[]

function judged(name: string, step: Step, client: readonly number[]): readonly Gate[] {
  // Every try, not their median: one that took more is one too many, one that took less did not do the step.
  const value = client.find((commands) => commands !== promised[step]) ?? promised[step]
  return [{ name: `${name}: ${step}, commands`, value, atLeast: promised[step], atMost: promised[step] }]
}

async function overRedis(rows: Row[], gates: Gate[], notes: string[]): Promise<void> {
  const [client, admin] = [await connectIoredis(), await connectIoredis()]
  if (client === undefined || admin === undefined) {
    notes.push(missing.redis)
    return
  }
  try {
    let sent = 0
    const send = client.sendCommand.bind(client)
    client.sendCommand = (...given) => {
      sent += 1
      return send(...given)
    }
    const told = async () => {
      const lines = (await admin.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+),usec=(\d+)/g)
      return Object.fromEntries(
        [...lines].flatMap(([, name, calls, usec]) => [
          [`${name}`, Number(calls)],
          [`${name} µs`, Number(usec)],
        ]),
      )
    }
    const { client: byClient, least, idle } = await count(redisStore(client, { prefix: `${ownPrefix}commands:` }), () => sent, told)
    const busy = idle.some((delta) => (delta['evalsha'] ?? 0) + (delta['eval'] ?? 0) > 0)
    for (const step of steps) {
      const scripts = least(step, (delta) => (delta['evalsha'] ?? 0) + (delta['eval'] ?? 0))
      const spent = least(step, (delta) => delta['evalsha µs'] ?? 0)
      // All that was counted, but for the scripts and for the question itself.
      const within = least(step, (delta) =>
        Object.entries(delta).reduce((sum, [name, calls]) => sum + (/ µs$|^evalsha$|^eval$/.test(name) ? 0 : calls), -1),
      )
      rows.push([`Redis: ${step}`, Math.max(...byClient(step)), scripts, within, spent])
      gates.push(...judged('Redis', step, byClient(step)))
      const noise = busy && scripts > promised[step] && { inconclusive: 'others run scripts on this server' }
      gates.push({ name: `Redis: ${step}, by the server`, value: scripts, atLeast: promised[step], atMost: promised[step], ...noise })
    }
  } finally {
    await deletePrefix(admin, ownPrefix)
    for (const one of [client, admin]) one.disconnect()
  }
}

/** The verbs of the store, by what the server calls their procedures. */
const verbs = /^(open|renew|attempt|close|release)_v\d+$/

async function overPostgres(rows: Row[], gates: Gate[], notes: string[]): Promise<void> {
  const admin = await connectPostgres(undefined, 1)
  if (admin === undefined) {
    notes.push(missing.postgres)
    return
  }
  // Only a superuser may have functions counted, and a server before version 15 tells of them when it likes.
  const counting = await connectPostgres(undefined, 1, '-c track_functions=pl')
  const pool = counting ?? (await connectPostgres(undefined, 1))
  if (pool === undefined) throw new Error('Postgres was there and is gone')
  try {
    await dropSchemas(admin)
    await admin.query(postgresSchema({ schema: ownSchema }))
    let sent = 0
    const connection = await pool.connect()
    const query = connection.query.bind(connection) as (...given: unknown[]) => Promise<unknown>
    Object.assign(connection, {
      query(...given: unknown[]) {
        sent += 1
        return query(...given)
      },
    })
    connection.release()
    const told = async () => {
      if (counting === undefined) return {}
      await query('SELECT pg_stat_force_next_flush()').catch(() => {})
      const text = 'SELECT funcname, calls, self_time FROM pg_stat_user_functions WHERE schemaname = $1'
      const { rows: found } = await admin.query(text, [ownSchema])
      return Object.fromEntries(
        found.flatMap(({ funcname, calls, self_time: ms }) => [
          [funcname, Number(calls)],
          [`${funcname} µs`, Number(ms) * 1_000],
        ]),
      )
    }
    const { client, least } = await count(postgresStore(pool, { schema: ownSchema }), () => sent, told)
    const sum = (delta: Readonly<Record<string, number>>, wanted: (name: string) => boolean) =>
      Object.entries(delta).reduce((total, [name, figure]) => total + (wanted(name) ? figure : 0), 0)
    for (const step of steps) {
      gates.push(...judged('Postgres', step, client(step)))
      const called = least(step, (delta) => sum(delta, (name) => verbs.test(name)))
      const within = least(step, (delta) => sum(delta, (name) => !verbs.test(name) && !name.endsWith(' µs')))
      const spent = least(step, (delta) => sum(delta, (name) => name.endsWith(' µs')))
      const counted = called > 0
      rows.push([`Postgres: ${step}`, Math.max(...client(step)), ...(counted ? [called, within, spent] : ['not told', '', ''])])
      if (counted) gates.push({ name: `Postgres: ${step}, by the server`, value: called, atLeast: promised[step], atMost: promised[step] })
    }
  } finally {
    await dropSchemas(admin)
    await pool.end()
    await admin.end()
  }
}

await scenario(async (): Promise<Report> => {
  const rows: Row[] = []
  const gates: Gate[] = []
  const notes: string[] = []
  await overRedis(rows, gates, notes)
  await overPostgres(rows, gates, notes)
  return {
    title: 'Commands that one step sends to the server',
    columns: ['step', 'sent by the client', 'counted by the server', 'calls within', 'µs on the server'],
    rows,
    gates,
    notes: [...notes, `The server's figures are the least of ${tries} tries: other work on it only adds.`],
  }
})
