/** Locks by name, within this process. Entries are there only while something is in flight. */
export interface Mutex {
  /** How many names are locked. */
  readonly size: () => number
  /**
   * Does the work while it holds all these names, and settles like it, or rejects with `late()` when `ms` are over, the wait included.
   * Work that has begun keeps its names until it ends: what it writes late must not run beside what comes next.
   */
  run<Result>(names: readonly string[], ms: number, late: () => Error, work: () => Promise<Result>): Promise<Result>
}

export const createMutex = (): Mutex => {
  // A name that is here is locked; its set holds who waits for it, in the order of arrival.
  const queues = new Map<string, Set<() => void>>()

  const leave = (name: string) => {
    const queue = queues.get(name)
    const [next] = queue ?? []
    if (!next) queues.delete(name)
    else {
      queue?.delete(next)
      next()
    }
  }

  return {
    size: () => queues.size,

    run(names, ms, late, work) {
      // In one order for all, so that no two wait for each other.
      const wanted = [...new Set(names)].sort()
      return new Promise((resolve, reject) => {
        let held = 0
        let withdraw = () => {}
        const timer = setTimeout(() => {
          withdraw()
          reject(late())
        }, ms).unref()
        const letGo = () => {
          clearTimeout(timer)
          for (const name of wanted.slice(0, held)) leave(name)
        }
        const proceed = () => {
          for (; held < wanted.length; held += 1) {
            const name = wanted[held] as string
            const queue = queues.get(name)
            if (queue) {
              const enter = () => {
                held += 1
                proceed()
              }
              queue.add(enter)
              withdraw = () => {
                queue.delete(enter)
                letGo()
              }
              return
            }
            queues.set(name, new Set())
          }
          withdraw = () => {}
          const settled = Promise.resolve().then(work)
          settled.then(letGo, letGo)
          settled.then(resolve, reject)
        }
        proceed()
      })
    },
  }
}
