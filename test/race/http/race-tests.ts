import { expect, test } from 'vitest'
import { type Framework, frameworks } from './app.js'
import { httpRaces, type Targets } from './http-races.js'

/** A test for every race and framework, so many rounds of each. */
export function httpRaceTests(targets: () => Targets, rounds: number): void {
  for (const framework of frameworks)
    for (const { title, round } of httpRaces)
      test(`${framework}: ${title} (rounds: ${rounds})`, { timeout: 30_000 + rounds * 10_000 }, async () => {
        for (let index = 0; index < rounds; index++) expect(await round(targets()[framework]), `round ${index}`).toEqual([])
      })
}

/** The same sockets, and a store that reads, compares and writes. A race that this store wins proves nothing. */
export function httpRacesAreCaught(targets: () => Targets, through: readonly Framework[] = frameworks): void {
  for (const framework of through)
    for (const { title, control, round } of httpRaces)
      test(`${framework} is caught: ${title}`, { timeout: 60_000 }, async () => {
        expect((await round(targets()[framework])).join('\n')).toMatch(control)
      })
}
