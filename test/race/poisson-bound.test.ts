import { expect, test } from 'vitest'
import { poissonBound } from './processes/poisson-bound.js'

// e^-1 (1/0! + … + 1/6!) leaves 8.3e-5, one term less 5.9e-4; with a mean of 2, nine or more have a probability of 2.4e-4.
test.each([
  [0, 1e-4, 0],
  [0.05, 1e-4, 2],
  [1, 1e-4, 6],
  [1, 8e-5, 7],
  [2, 3e-4, 8],
  [2, 2e-4, 9],
])('with a mean of %d, what is less probable than %d begins above %i', (mean, tail, most) => {
  expect(poissonBound(mean, tail)).toBe(most)
})
