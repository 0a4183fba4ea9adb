import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPostgres } from '../fixtures/postgres-server.js'
import { keepsEverything, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'
import { startWorkerPool } from '../fixtures/worker-pool.js'
import { aftermath } from './aftermath.js'
import { buildCopy } from './built-copy.js'
import type { Somewhere } from './doomed-place.js'
import type { Cast, Line } from './doomed-visit.js'
import { installSchema } from './opened-store.js'
import { nextPhone } from './visits.js'

const kinds = { redis: 'redisServer', postgres: 'postgresServer' } as const
let visits = 0

const newCast = (): Cast => {
  visits += 1
  return { tenant: `t${visits}`, first: nextPhone(), deferred: nextPhone(), notified: nextPhone(), failing: nextPhone() }
}

/** Kills a process at every point of the flow, or at every `step`th, so many times; and looks after each. */
async function killEverywhere(place: Somewhere, times: number, step: number) {
  const folder = await mkdtemp(join(tmpdir(), 'phone-verify-doomed-'))
  const [pool, copy] = await Promise.all([startWorkerPool(4), buildCopy(new URL('./doomed-visit.ts', import.meta.url))])
  const { module } = copy
  const readLog = async (log: string) =>
    (await readFile(log, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
  try {
    // One that lives says which points there are, and that it finds nothing to complain of.
    const whole = { cast: newCast(), log: join(folder, 'whole') }
    const idle = Array.from({ length: pool.size - 1 }, (_, index) => [place, newCast(), join(folder, `idle${index}`)])
    await pool.run(module, 'doomedVisit', [[place, whole.cast, whole.log], ...idle])
    const lines = await readLog(whole.log)
    const points = [...new Set(lines.flatMap((line) => ('at' in line ? [line.at] : [])))]
    expect(points.length).toBeGreaterThanOrEqual(40)
    expect(await aftermath(place, whole.cast, lines)).toEqual([])
    // What looks after them does complain: of an SMS that nobody recorded, and of a success that was not written down.
    const unknown: Line = { sms: { to: whole.cast.failing, code: '000000' } }
    expect(await aftermath(place, whole.cast, [...lines, unknown])).not.toEqual([])
    const unwritten = lines.filter((line) => !('at' in line && line.at === 'right guess: after close'))
    expect(await aftermath(place, whole.cast, unwritten)).not.toEqual([])

    const due = Array.from({ length: times }, () => points.filter((_, index) => index % step === 0)).flat()
    const faults: string[] = []
    let kills = 0
    for (let from = 0; from < due.length; from += pool.size) {
      const batch = Array.from({ length: pool.size }, (_, index) => {
        visits += 1
        return { point: due[from + index], cast: newCast(), log: join(folder, `${visits}`) }
      })
      const outcomes = await pool.runSettled(
        module,
        'doomedVisit',
        batch.map(({ cast, log, point }) => [place, cast, log, point]),
      )
      const looked = batch.map(async ({ point, cast, log }, index) => {
        if (point === undefined) return
        const died =
          outcomes[index]?.status === 'rejected' && /died$/.test(String((outcomes[index] as PromiseRejectedResult).reason.message))
        if (!died) faults.push(`${point}: the process did not die there: ${JSON.stringify(outcomes[index])}`)
        kills += 1
        for (const fault of await aftermath(place, cast, await readLog(log))) faults.push(`${point}: ${fault}`)
      })
      const dead = from + pool.size < due.length ? batch.map((_, index) => pool.respawn(index)) : []
      await Promise.all([...looked, ...dead])
    }
    return { points: points.length, kills, faults }
  } finally {
    await pool.stop()
    await copy.remove()
    await rm(folder, { recursive: true, force: true })
  }
}

/** T-CRS-01: an application that is killed at any point leaves nothing that anybody could use. */
export const killSuite = ({ times, step }: { readonly times: number; readonly step: number }) => {
  for (const kind of ['redis', 'postgres'] as const) {
    describeWith(`T-CRS-01: an application that is killed, on ${kind}`, kinds[kind], () => {
      test('at every point of the flow: nothing is had twice, and every SMS is known', { timeout: 60_000 + times * 120_000 }, async () => {
        const server = kind === 'redis' ? await startRedis({ args: keepsEverything }) : await startPostgres()
        if (kind === 'postgres') await installSchema(server)
        const { points, kills, faults } = await killEverywhere({ kind, port: server.port }, times, step)
        await server.stop()
        console.info(`T-CRS-01 on ${kind}: ${points} points, ${kills} kills, ${faults.length} violations`)
        expect(faults).toEqual([])
      })
    })
  }
}
