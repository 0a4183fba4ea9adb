import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const apart = ['test/sabotage/**', 'test/soak/**', 'test/race/long/**', 'test/faults/long/**', 'test/examples/long/**']

export default defineConfig({
  // Tests and examples import the package by its name; tsconfig `paths` points that at src.
  resolve: { tsconfigPaths: true },
  test: {
    environment: 'node',
    restoreMocks: true,
    testTimeout: 15_000,
    pool: 'forks',
    // Half of the tests wait for a server: one process for each core but one would leave two cores idle.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // A rejection nobody handles fails the run; soak tests read the heap after a forced collection.
    execArgv: ['--unhandled-rejections=strict', '--expose-gc'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: apart } },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: { enabled: true, only: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
      { extends: true, test: { name: 'sabotage', include: ['test/sabotage/**/*.test.ts'] } },
      { extends: true, test: { name: 'faults', include: ['test/faults/**/*.test.ts'] } },
      { extends: true, test: { name: 'soak', include: ['test/soak/**/*.test.ts'] } },
      { extends: true, test: { name: 'examples', include: ['test/examples/long/**/*.test.ts'] } },
      { extends: true, test: { name: 'races', include: ['test/race/long/**/*.test.ts'] } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 90 },
    },
  },
})
