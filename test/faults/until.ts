import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until a condition holds, and says how long that took, in milliseconds. Asks again and again; rejects when patience ends. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, patienceMs = 20_000): Promise<number> {
  const begunAt = performance.now()
  while (!(await holds())) {
    if (performance.now() - begunAt > patienceMs) throw new Error(`did not happen within ${patienceMs} ms: ${what}`)
    await sleep(2)
  }
  return performance.now() - begunAt
}
