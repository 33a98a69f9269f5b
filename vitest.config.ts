import process from 'node:process'
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

import { LongestFirst } from './test/longest-first.ts'

/** Pure functions. */
const domain = ['test/domain/**/*.test.ts']
/** Whole networks, by the clock. The functions' also change their process's environment, and load modules anew for it. */
const networks = ['test/e2e/**/*.test.ts', 'test/functions/**/*.test.ts']
/** Four of them at once, which is a busy machine as it is. */
const crowded = ['test/e2e/ends.test.ts']

// Each process that a test starts would compile the same modules again: a command takes half as long without.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('node_modules/.cache/node-compile', import.meta.url),
)

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait for blocks and processes: three at once, also where there are only two cores.
    maxWorkers: 3,
    setupFiles: ['test/laws.ts'],
    sequence: { sequencer: LongestFirst },
    coverage: { include: ['lib/**'] },
    // Where nothing that a file does could be seen by another, threads keep what they have loaded.
    projects: [
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
          isolate: false,
        },
      },
      // After all others. One takes half a core, and its time is mostly that of blocks.
      {
        extends: true,
        test: {
          name: 'networks',
          include: networks,
          exclude: crowded,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'networks-crowded', include: crowded, maxWorkers: 1 } },
    ],
  },
})
