import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Defect } from './defect.js'
import { guessing } from './guessing.js'
import { http } from './http.js'
import { apply } from './plugin.js'
import { src, type Trial, tryAll } from './run.js'
import { sending } from './sending.js'
import { servers } from './servers.js'

const defects = [...guessing, ...sending, ...servers, ...http]

const statesOf = (tests: Trial['sound']) => [...new Set(tests.map((test) => test.result().state))]

/** A defect is caught by a promise that is not kept; a source that merely falls over proves nothing. */
function isCaught({ sabotaged }: Trial): boolean {
  const errors = sabotaged.flatMap((test) => test.result().errors ?? [])
  return errors.some(
    ({ name, cause }) => name === 'AssertionError' || (cause as { readonly name?: string } | undefined)?.name === 'AssertionError',
  )
}

/** The control: a change that breaks nothing. */
const harmless: Defect = {
  name: 'no defect',
  file: 'store/memory.ts',
  find: 'entry.attemptsLeft -= 1',
  replace: 'entry.attemptsLeft = entry.attemptsLeft - 1',
  caughtBy: ['race/guesses.test.ts', 'T-ATT-01'],
}

test.each([
  ['nowhere', 'let b'],
  ['more than once', 'a a'],
])('a snippet that stands %s stops the run', (where, source) => {
  expect(() => apply({ ...harmless, find: 'a', replace: 'c' }, source)).toThrow(`holds its snippet ${where}`)
})

describe('T-SAB-01: each defect is caught by the test that is there for it', () => {
  let trials: readonly Trial[] = []
  let seconds = 0

  beforeAll(async () => {
    const start = performance.now()
    trials = await tryAll([harmless, ...defects])
    seconds = (performance.now() - start) / 1_000
  }, 600_000)

  afterAll(() => {
    const width = Math.max(...defects.map(({ name }) => name.length))
    const told = trials.filter(({ defect }) => defect !== harmless)
    const lines = told.map(
      (trial) => `${isCaught(trial) ? 'caught' : 'MISSED'}  ${trial.defect.name.padEnd(width)}  ${trial.defect.caughtBy.join(' > ')}`,
    )
    console.log(`${lines.join('\n')}\n${told.filter(isCaught).length} of ${defects.length} caught, in ${seconds.toFixed(0)} s`)
  })

  test.each(defects)('$name', (defect) => {
    // A snippet that is gone says so here, rather than as a test that could not be loaded.
    expect(apply(defect, readFileSync(src + defect.file, 'utf8'))).toContain(defect.replace)
    const trial = trials.find((each) => each.defect === defect)
    expect(trial && statesOf(trial.sound), 'the named test, with the source as it is').toEqual(['passed'])
    expect(trial && isCaught(trial), 'caught by an assertion').toBe(true)
  })

  test('control: a change that is no defect is not caught', () => {
    const trial = trials.find(({ defect }) => defect === harmless)
    expect(trial && [statesOf(trial.sound), statesOf(trial.sabotaged), isCaught(trial)]).toEqual([['passed'], ['passed'], false])
  })
})
