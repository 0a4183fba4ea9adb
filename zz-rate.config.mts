import { defineConfig } from '/work/main/node_modules/vitest/dist/config.js'
import { defects } from '/work/main/test/sabotage/defects.ts'
import { sabotage } from '/work/main/test/sabotage/plugin.ts'
const d = defects.filter((d) => d.caughtBy[1] === 'T-MOD-01')
export default defineConfig({ root: '/work/main', resolve: { tsconfigPaths: true }, test: { maxWorkers: 2, projects: d.map((d) => ({ root: '/work/main', resolve: { tsconfigPaths: true }, plugins: [sabotage(d, '/work/main/src/')], test: { name: d.name, include: ['test/model/zz.test.ts'], env: { PV_NAME: d.name } } })) } })
