import { defineConfig } from 'vitest/config'

/** Pure functions: nothing that one of these files does could be seen by another. */
const domain = ['test/domain/**/*.test.ts']
/** Whole networks, by the clock: any two of them at once would be a busy machine. */
const networks = ['test/e2e/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait for blocks and processes: two at once, also where there are only two cores.
    maxWorkers: 2,
    coverage: { include: ['lib/**'] },
    projects: [
      // Threads that keep what they have loaded take a third of the time.
      {
        extends: true,
        test: { name: 'domain', include: domain, pool: 'threads', isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...domain, ...networks],
          pool: 'threads',
        },
      },
      { extends: true, test: { name: 'networks', include: networks, maxWorkers: 1 } },
    ],
  },
})
