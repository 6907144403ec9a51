import { defineConfig } from 'vitest/config'

const conditions = ['@covent/source']

/** What measures how long others wait, or fills the machine by itself: it comes last, beside one other file at most, in CI alone. */
const demanding = [
  'packages/plugins/test/hostile/*.test.ts',
  'packages/plugins/test/hostile*.test.ts',
  'packages/plugins/test/container/*.test.ts',
  'packages/plugins/test/reload-load.test.ts',
  'apps/server/test/e2e/kill.test.ts',
  'packages/plugins/test/limits.test.ts',
  'apps/server/test/e2e/hostile-plugin.test.ts',
  'apps/server/test/e2e/operation.test.ts',
]

/** Several servers with their services: alone. */
const faults = ['apps/server/test/faults/*.test.ts']

/** Most tests wait for processes of their own: more workers than cores keep both busy. */
const crowded = { maxWorkers: 4, sequence: { groupOrder: 1 } }

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'threads',
    // Ends what hangs; how long something may take is for its test to say.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './scripts/not-run-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [...demanding, ...faults],
          ...crowded,
          benchmark: { include: ['packages/*/bench/**/*.bench.ts'] },
        },
      },
      {
        extends: true,
        test: {
          name: 'apps',
          include: ['apps/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...demanding, ...faults],
          ...crowded,
          benchmark: { include: [] },
        },
      },
      {
        extends: true,
        test: {
          name: 'demanding',
          include: demanding,
          // In processes of their own: what one takes of memory is not another's.
          pool: 'forks',
          maxWorkers: process.env['CI'] === undefined ? 2 : 1,
          sequence: { groupOrder: 2 },
          benchmark: { include: [] },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: faults,
          pool: 'forks',
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
          benchmark: { include: [] },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.gen.ts', '**/*.gen.mjs', 'packages/testing/**'],
      reporter: ['text', 'lcov', 'html'],
      thresholds: { lines: 70, functions: 70, branches: 60, statements: 70 },
    },
  },
})
