import { describe, expect, test } from 'vitest'
import { linearize, type Model, type Operation } from './linearizable.js'
import { challengeModel, type Input } from './processes/challenge-model.js'

/** A counter that says what it was, and adds. */
const counter: Model<number, number> = { start: 0, apply: (state, input) => [state + input, String(state)] }

const operation = <Given>(input: Given, answer: string, from: number, to: number): Operation<Given> => ({
  ...{ input, answer },
  from: BigInt(from),
  to: BigInt(to),
})

describe('a counter', () => {
  test('one after another', () => {
    const history = [operation(1, '0', 0, 1), operation(1, '1', 2, 3), operation(1, '2', 4, 5)]
    expect(linearize(history, counter)).toEqual([0, 1, 2])
    expect(linearize([], counter)).toEqual([])
  })

  test('two at once, in the order that explains them', () => {
    expect(linearize([operation(1, '1', 0, 5), operation(1, '0', 1, 4)], counter)).toEqual([1, 0])
    // Ends where the other begins: they may have been at once.
    expect(linearize([operation(1, '1', 0, 5), operation(1, '0', 5, 9)], counter)).toEqual([1, 0])
  })

  test.each([
    ['a lost update: both read the same', [operation(1, '0', 0, 5), operation(1, '0', 1, 4)]],
    ['a stale read: what had ended before is not seen', [operation(1, '0', 0, 1), operation(1, '0', 2, 3)]],
    ['a look into the future', [operation(1, '1', 0, 1), operation(1, '0', 2, 3)]],
    ['an answer that nothing explains', [operation(1, '7', 0, 9), operation(1, '0', 0, 9)]],
    ['a cycle of three', [operation(1, '1', 0, 2), operation(1, '2', 1, 9), operation(1, '0', 3, 9)]],
  ])('%s is refused', (_, history) => {
    expect(linearize(history, counter)).toBeUndefined()
  })

  test('twelve at once, of which two were answered alike, are refused within a second', () => {
    const fine = Array.from({ length: 12 }, (_, index) => operation(1, String(11 - index), 0, 9))
    expect(linearize(fine, counter)).toHaveLength(12)
    const start = performance.now()
    expect(linearize([...fine.slice(1), operation(1, '3', 0, 9)], counter)).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})

describe('the verbs of a store', () => {
  const ask = (input: Input, answer: string) => operation(input, answer, 2, 9)
  const history = [
    operation<Input>({ verb: 'open', digest: 'a' }, 'opened 4', 0, 1),
    ask({ verb: 'attempt' }, 'granted a 2 3'),
    ask({ verb: 'renew', digest: 'b' }, 'renewed 2'),
    ask({ verb: 'attempt' }, 'granted b 1 1'),
    ask({ verb: 'close', release: true }, 'closed'),
    operation<Input>({ verb: 'open', digest: 'c' }, 'exists', 10, 11),
  ]
  const changed = (index: number, answer: string) => history.map((one, at) => (at === index ? { ...one, answer } : one))

  test('at once, with an order', () => {
    expect(linearize(history, challengeModel)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test.each([
    ['an attempt spent twice and counted once', 3, 'granted b 2 1'],
    ['an old digest after the new one', 3, 'granted a 1 1'],
    ['a hit that was not counted', 2, 'renewed 3'],
    ['a second opening', 5, 'opened 4'],
    ['a close that found nothing after the opening', 4, 'absent'],
  ])('%s: refused', (_, index, answer) => {
    expect(linearize(changed(index, answer), challengeModel)).toBeUndefined()
  })
})
