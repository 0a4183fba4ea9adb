import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { createVitest, type TestCase } from 'vitest/node'
import { type Defect, defects } from './defects.js'
import { apply, sabotage } from './plugin.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const src = `${root}src/`

/** Every defect has a project of its own: the same tests over a source with that one change. The sound source is one more. */
const sound = 'as it is'

/** Runs each named test on the sound source and on the one that it must not live with. What came of it, by project and test. */
async function runAll(): Promise<ReadonlyMap<string, TestCase>> {
  const projectOf = (name: string, plugins: readonly ReturnType<typeof sabotage>[]) => ({
    root,
    plugins: [...plugins],
    resolve: { tsconfigPaths: true },
    test: { name, pool: 'forks' as const, testTimeout: 60_000, env: { PHONE_VERIFY_SABOTAGE: name } },
  })
  const projects = [projectOf(sound, []), ...defects.map((defect) => projectOf(defect.name, [sabotage(defect, src)]))]
  const vitest = await createVitest('test', { root, config: false, watch: false, reporters: [{}], projects, maxWorkers: 2 })
  try {
    const specifications = vitest.projects.flatMap((project) => {
      const tests = defects.filter(({ name }) => project.name === sound || project.name === name).map(({ caughtBy }) => caughtBy)
      return [...new Set(tests.map(([file]) => file))].map((file) => {
        const names = tests.filter((other) => other[0] === file).map(([, name]) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        return project.createSpecification(`${root}test/${file}`, { testNamePattern: new RegExp(`^(?:${names.join('|')})`) })
      })
    })
    const { testModules } = await vitest.runTestSpecifications(specifications)
    const outcomes = new Map<string, TestCase>()
    for (const module of testModules) {
      console.log(module.project.name, module.moduleId, module.state(), module.errors().map(e => e.message), module.diagnostic().duration)
      for (const each of module.children.allTests()) console.log('   ', each.fullName, each.result().state, each.result().errors?.map(e => [e.name, (e as any).cause?.name, e.message.slice(0, 200)]), each.diagnostic()?.duration)
    }
    return outcomes
  } finally {
    await vitest.close()
  }
}

test('x', async () => { const t = Date.now(); await runAll(); console.log(Date.now() - t) }, 600_000)
test.each(defects)('$name', (defect) => { apply(defect, readFileSync(src + defect.file, 'utf8')) })
