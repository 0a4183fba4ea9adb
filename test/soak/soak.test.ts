import { expect, test } from 'vitest'
import { createLoad } from '../fixtures/load.js'

const minutes = Number(process.env['SOAK_MINUTES'] ?? 30)
const perSecond = 100
const tickMs = 100
/** Time runs faster for the verifier than for the process, so that records end while the test looks on: half an hour is two days. */
const haste = 96

interface Sample {
  readonly atMs: number
  readonly rssMb: number
  readonly heapMb: number
  readonly resources: number
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Megabytes per ten minutes: the slope of the least squares. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [at, size] = [mean(samples.map(({ atMs }) => atMs)), mean(samples.map(of))]
  const covariance = mean(samples.map((sample) => (sample.atMs - at) * (of(sample) - size)))
  return (covariance / mean(samples.map(({ atMs }) => (atMs - at) ** 2))) * 600_000
}

test(`${minutes} minutes of mixed traffic, ${perSecond} calls a second (T-RES-02)`, { timeout: minutes * 60_000 + 60_000 }, async () => {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('this test needs --expose-gc')
  const warnings: string[] = []
  const warned = (warning: Error) => void warnings.push(String(warning))
  process.on('warning', warned)

  const { clock, counts, step, verifier } = createLoad()
  const samples: Sample[] = []
  const start = performance.now()
  const elapsedMs = () => performance.now() - start
  const pending = new Set<Promise<void>>()
  const act = () => {
    const work = step().finally(() => pending.delete(work))
    pending.add(work)
  }
  let done = 0
  let nextSampleMs = 0

  while (elapsedMs() < minutes * 60_000) {
    await new Promise((resolve) => setTimeout(resolve, tickMs))
    clock.advance(tickMs * haste)
    // What a busy machine held up is made up for, up to a second's worth.
    for (const due = Math.min(done + perSecond, (elapsedMs() / 1_000) * perSecond); done < due; done++) act()
    if (elapsedMs() < nextSampleMs) continue
    nextSampleMs += 5_000
    await Promise.all(pending)
    collect()
    const { rss, heapUsed } = process.memoryUsage()
    samples.push({
      atMs: elapsedMs(),
      rssMb: rss / 2 ** 20,
      heapMb: heapUsed / 2 ** 20,
      resources: process.getActiveResourcesInfo().length,
    })
  }
  await Promise.all(pending)
  await verifier.close()
  process.off('warning', warned)

  // The first third is warm-up: caches fill, code is compiled, the first of the day's limits end.
  const steady = samples.slice(Math.floor(samples.length / 3))
  const [rss, heap] = [slope(steady, ({ rssMb }) => rssMb), slope(steady, ({ heapMb }) => heapMb)]
  const last = steady.at(-1)
  const told = `${done} calls; RSS ${last?.rssMb.toFixed(1)} MB, ${rss.toFixed(2)} MB/10 min; heap ${last?.heapMb.toFixed(1)} MB, ${heap.toFixed(2)} MB/10 min`
  console.info(told, counts)

  expect(done, told).toBeGreaterThan(minutes * 60 * perSecond * 0.9)
  expect(counts['ok'], told).toBeGreaterThan(done / 4)
  expect(counts['undefined'], told).toBeUndefined()
  expect(warnings).toEqual([])
  // Retries that wait come and go; what stays would be in the half of the samples that come last.
  const half = steady.length >> 1
  const [before, after] = [steady.slice(0, half), steady.slice(half)].map((part) => median(part.map(({ resources }) => resources)))
  expect(after! - before!, told).toBeLessThanOrEqual(3)
  // A slope needs time: what is left of a few minutes is the collector's noise.
  if (minutes >= 30) expect(rss, told).toBeLessThan(1)
  else expect(heap, told).toBeLessThan(30)
})
