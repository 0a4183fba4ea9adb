/** The most successes that chance explains: Poisson's law gives more than that with a probability below `tail`. */
export function poissonBound(mean: number, tail = 1e-4): number {
  let [term, sum, count] = [Math.exp(-mean), Math.exp(-mean), 0]
  while (1 - sum >= tail) {
    count += 1
    term *= mean / count
    sum += term
  }
  return count
}
