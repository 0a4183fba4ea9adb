import { readFileSync } from 'node:fs'

/** What a stretch of work cost this process, and what others took from the machine meanwhile. */
export interface Cost {
  readonly cpuUs: number
  readonly wallUs: number
  /** Cores that were busy with somebody else's work; undefined where the system does not say. */
  readonly foreignCores: number | undefined
}

const jiffyUs = 10_000

/** Busy time of all cores since the start of the system, in microseconds: user, nice, system, irq, softirq, steal. */
function machineUs(): number | undefined {
  try {
    const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9).map(Number) as [...number[]]
    return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0) + (steal ?? 0)) * jiffyUs
  } catch {
    return undefined
  }
}

/**
 * Young garbage of what came before is gone first, so that nobody pays for another. Never all of it: a whole collection takes the shapes of
 * objects that nobody holds just now, and with them every function that was compiled for those.
 */
export async function measure(work: () => Promise<void>): Promise<Cost> {
  globalThis.gc?.({ type: 'minor' })
  const machine = machineUs()
  const wall = performance.now()
  const cpu = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  const wallUs = (performance.now() - wall) * 1_000
  const cpuUs = user + system
  const busyUs = machine === undefined ? undefined : (machineUs() ?? machine) - machine
  return { cpuUs, wallUs, foreignCores: busyUs === undefined ? undefined : Math.max(0, busyUs - cpuUs) / wallUs }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
