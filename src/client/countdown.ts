/**
 * Tells the seconds that are left until an instant: at once, then each second, until 0. Each time it asks the clock and the instant anew, so
 * that a tab which slept tells the truth when it wakes, and a resend makes a countdown under way longer.
 *
 * @param instant Unix ms, or undefined where there is nothing to wait for
 * @returns a function that stops it
 */
export function countDown(
  instant: () => number | undefined,
  now: () => number,
  listener: (secondsLeft: number) => void,
  signal: AbortSignal | undefined,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = signal?.aborted === true
  const stop = () => {
    stopped = true
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
  const tell = () => {
    const leftMs = Math.max(0, (instant() ?? 0) - now())
    listener(Math.ceil(leftMs / 1_000))
    if (leftMs === 0) stop()
    // On the second, however late this one came.
    if (!stopped) timer = setTimeout(tell, leftMs % 1_000 || 1_000)
  }
  signal?.addEventListener('abort', stop)
  if (!stopped) tell()
  return stop
}
