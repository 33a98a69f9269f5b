import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait for blocks and processes: two at once, also where there are only two cores.
    maxWorkers: 2,
    coverage: { include: ['lib/**'] },
  },
})
