/** The least time between two clean-ups of one process, in milliseconds. */
const pauseMs = 60_000

/** Batches of one clean-up: what is left waits for the next. */
const mostBatches = 20

/**
 * Deletes what is over, beside the calls and without a timer: after a call, if the last clean-up is a while ago. Nobody waits for it, and
 * its failure is nobody's: the next one finds the same.
 */
export function createSweep(batch: () => Promise<Readonly<Record<string, unknown>>>): () => void {
  let sweptAt = performance.now()

  const sweep = async () => {
    for (let count = 0; count < mostBatches; count++) {
      const { swept } = await batch()
      if (!(Number(swept) > 0)) return
    }
  }

  return () => {
    const now = performance.now()
    if (now - sweptAt < pauseMs) return
    sweptAt = now
    sweep().catch(() => {})
  }
}
