import { expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import { newsFilter } from '../../lib/tools/news.ts'

const at = timestamp(1_700_000_000_000)

function tick(
  job: string,
  subject: string,
  {
    slot = 1,
    kind = 'done',
    reason = 'published',
  }: { slot?: number; kind?: 'done' | 'refused' | 'failed'; reason?: string } = {},
): Notice {
  const outcome = { kind, reason, detail: '', at }
  return { kind: 'tick', at, job: { job, subject, slot }, slotAt: at, outcome }
}

test('of a round’s prices the first node’s are news, and every node that has none', () => {
  const isNews = newsFilter()
  expect(isNews(tick('publish-prices', 'one'))).toBe(true)
  expect(isNews(tick('publish-prices', 'two'))).toBe(false)
  expect(isNews(tick('publish-prices', 'three', { kind: 'refused', reason: 'no-sources' }))).toBe(
    true,
  )
  expect(isNews(tick('publish-prices', 'two', { slot: 2 }))).toBe(true)
  // A node that is late with an old round.
  expect(isNews(tick('publish-prices', 'one', { slot: 1 }))).toBe(false)
})

test('that nothing was to be done is no news, that something failed is', () => {
  const isNews = newsFilter()
  expect(isNews(tick('push-prices', 'core', { reason: 'nothing-due' }))).toBe(false)
  expect(isNews(tick('push-prices', 'core', { reason: 'pushed' }))).toBe(true)
  expect(isNews(tick('watch-liveness', 'network', { reason: 'all-well' }))).toBe(false)
  expect(isNews(tick('deliver-outbox', 'network', { reason: 'swept' }))).toBe(false)
  expect(
    isNews(tick('deliver-outbox', 'network', { kind: 'failed', reason: 'not-all-swept' })),
  ).toBe(true)
  expect(isNews({ kind: 'trouble', at, where: 'store', message: 'gone' })).toBe(true)
})
