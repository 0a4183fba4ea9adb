/** What one process asked, what it was answered, and when: on a clock that all of them share. */
export interface Operation<Input> {
  readonly input: Input
  readonly answer: string
  readonly from: bigint
  readonly to: bigint
}

/** What the operations would do one after another. States are compared by their JSON. */
export interface Model<State, Input> {
  readonly start: State
  apply(state: State, input: Input): readonly [state: State, answer: string]
}

/**
 * An order of the operations, by their indexes, in which one after another would have been answered as they were, and none stands before
 * another that had ended when it began; undefined when there is none. The search is that of Wing and Gong, which goes back where an order
 * fails; with Lowe's memory of the states it has failed in, so that it ends soon for a dozen operations.
 */
export function linearize<State, Input>(
  history: readonly Operation<Input>[],
  { start, apply }: Model<State, Input>,
): readonly number[] | undefined {
  if (history.length > 30) throw new RangeError('a history has at most 30 operations')
  const everything = 2 ** history.length - 1
  const failed = new Set<string>()

  const search = (done: number, state: State): readonly number[] | undefined => {
    if (done === everything) return []
    const name = `${done} ${JSON.stringify(state)}`
    if (failed.has(name)) return undefined
    const waiting = history.flatMap((operation, index) => (done & (1 << index) ? [] : [{ ...operation, index }]))
    for (const { input, answer, from, index } of waiting) {
      // Something that is not done yet had ended when this began.
      if (waiting.some(({ to }) => to < from)) continue
      const [next, said] = apply(state, input)
      const rest = said === answer ? search(done | (1 << index), next) : undefined
      if (rest !== undefined) return [index, ...rest]
    }
    failed.add(name)
    return undefined
  }
  return search(0, start)
}
