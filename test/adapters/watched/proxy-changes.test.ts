import { expect, test } from 'vitest'

import { proxyChanges } from '../../../lib/adapters/watched/proxy-changes.ts'
import type { ChainRow } from '../../../lib/adapters/watched/remembered.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const hour = 3_600_000
const [first, second] = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`]

const row = (name: string, next: string, hours: number): ChainRow => ({
  position: hours,
  index: 0,
  at: timestamp(hours * hour),
  name,
  values: [next, '0xda7a'],
})

const states = (rows: readonly ChainRow[], implementation?: string) =>
  proxyChanges(rows, { delaySeconds: 7_200, implementation }).map(
    ({ state, announces: { implementation: announced } }) => [state, announced],
  )

test('an implementation is announced from the word on, and done when the proxy leads to it', () => {
  const rows = [row('proxy-added', first, 1)]
  const [change] = proxyChanges(rows, { delaySeconds: 7_200, implementation: second })
  expect(change).toMatchObject({ state: 'announced', effectiveAt: 3 * hour })
  expect(states([...rows, row('proxy-upgraded', first, 4)], first)).toEqual([['done', first]])
})

test('nobody can say when it takes effect while nobody tells the delay', () => {
  const rows = [row('proxy-added', first, 1)]
  const [change] = proxyChanges(rows, { delaySeconds: undefined, implementation: second })
  expect(change).not.toHaveProperty('effectiveAt')
})

test('one that was taken at once was announced to nobody', () => {
  const rows = [row('proxy-added', first, 1), row('proxy-upgraded', first, 1)]
  expect(states(rows, first)).toEqual([['done', undefined]])
})

test('one that was taken and left may be taken again, until it is removed', () => {
  const rows = [
    row('proxy-added', first, 1),
    row('proxy-upgraded', first, 4),
    row('proxy-added', second, 5),
    row('proxy-upgraded', second, 8),
  ]
  expect(states(rows, second)).toEqual([
    ['announced', first],
    ['done', second],
  ])
  expect(states([...rows, row('proxy-removed', first, 9)], second)).toEqual([
    ['dropped', first],
    ['done', second],
  ])
  // What was removed after it was taken is still there.
  expect(states([...rows, row('proxy-removed', second, 9)], second)).toEqual([
    ['announced', first],
    ['done', second],
  ])
})

test('the last one is told', () => {
  const [change] = proxyChanges([row('proxy-finalized', first, 1)], {
    delaySeconds: 0,
    implementation: first,
  })
  expect(change).toMatchObject({ id: `finalized:${first}`, state: 'done' })
})
