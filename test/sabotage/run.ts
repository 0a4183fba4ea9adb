import { fileURLToPath } from 'node:url'
import { createVitest, type TestCase } from 'vitest/node'
import type { Defect } from './defect.js'
import { sabotage } from './plugin.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const src = `${root}src/`

/** What the tests that a defect names came to: with the source as it is, and with the defect in it. */
export interface Trial {
  readonly defect: Defect
  readonly sound: readonly TestCase[]
  readonly sabotaged: readonly TestCase[]
}

const sound = 'as it is'

/** A project of its own for every defect: one more load of the source, with this one change. */
const projectOf = (name: string, plugins: ReturnType<typeof sabotage>[]) => ({
  ...{ root, plugins, resolve: { tsconfigPaths: true } },
  test: { name, pool: 'forks' as const, testTimeout: 60_000, env: { PHONE_VERIFY_SABOTAGE: name } },
})

/** Each of these names, and whatever follows it. Vitest joins the names of groups and tests by a space. */
const pattern = (names: readonly string[]) =>
  new RegExp(`^(?:${names.map((name) => name.replaceAll(' > ', ' ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`)

/** Runs every named test twice, and nothing else. */
export async function tryAll(defects: readonly Defect[]): Promise<readonly Trial[]> {
  const projects = [projectOf(sound, []), ...defects.map((defect) => projectOf(defect.name, [sabotage(defect, src)]))]
  const vitest = await createVitest('test', { root, config: false, watch: false, reporters: [{}], projects, maxWorkers: 2 })
  try {
    const specifications = vitest.projects.flatMap((project) => {
      const wanted = defects.filter(({ name }) => project.name === sound || project.name === name).map(({ caughtBy }) => caughtBy)
      return [...new Set(wanted.map(([file]) => file))].map((file) => {
        const names = wanted.filter((caughtBy) => caughtBy[0] === file).map(([, name]) => name)
        return project.createSpecification(`${root}test/${file}`, { testNamePattern: pattern(names) })
      })
    })
    const { testModules } = await vitest.runTestSpecifications(specifications)
    const testsOf = (project: string, [file, name]: Defect['caughtBy']) =>
      testModules
        .filter((module) => module.project.name === project && module.moduleId === `${root}test/${file}`)
        .flatMap((module) => [...module.children.allTests()])
        .filter((test) => test.fullName.startsWith(name))
    return defects.map((defect) => ({
      defect,
      sound: testsOf(sound, defect.caughtBy),
      sabotaged: testsOf(defect.name, defect.caughtBy),
    }))
  } finally {
    await vitest.close()
  }
}
