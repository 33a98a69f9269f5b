import process from 'node:process'

import { afterEach, expect, test, vi } from 'vitest'

import { cloudNotify } from '../../lib/runtime/logger.ts'
import type { Metrics } from '../../lib/runtime/metrics.ts'
import { aTick } from '../tools/notices.ts'

const metrics: Metrics = {
  count: () => undefined,
  nodes: () => undefined,
  publish: () => undefined,
}

afterEach(() => {
  vi.restoreAllMocks()
})

test('a slot’s log line names the parameters that it was decided under, where there were any', () => {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line))
    return true
  })
  const notify = cloudNotify(metrics)
  notify(aTick(1))
  notify({ ...aTick(2), parameters: 'aa11' })
  const [plain, named] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(plain).toMatchObject({ message: 'push-prices done', subject: 'evm', reason: 'pushed' })
  expect(plain).not.toHaveProperty('parameters')
  expect(named).toHaveProperty('parameters', 'aa11')
})
