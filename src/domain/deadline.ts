/** Settles like `work`, or rejects with `late()` after `ms` milliseconds. What `work` does after that is heard by nobody. */
export const settleWithin = <Result>(work: Promise<Result>, ms: number, late: () => Error): Promise<Result> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    Promise.resolve(work).then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
