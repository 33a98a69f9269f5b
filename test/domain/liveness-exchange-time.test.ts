import { expect, test } from 'vitest'

import { exchangeTimeLate } from '../../lib/domain/liveness-exchange-time.ts'
import { timestamp } from '../../lib/domain/time.ts'

const now = timestamp(1_800_000_000_000)
const hour = 3_600_000
const after = (hours: number) =>
  exchangeTimeLate({ engine: 'core', updatedAt: timestamp(now - hours * hour), now })

test('half a day without an update is not late yet', () => {
  expect(after(12)).toBeUndefined()
})

test('after that it is a warning that began at half a day, and critical once the day is over', () => {
  expect(after(13)).toMatchObject({
    rule: 'exchange-time-late',
    subject: 'core',
    severity: 'warning',
    since: now - hour,
  })
  expect(after(24)?.severity).toBe('warning')
  expect(after(24.001)?.severity).toBe('critical')
})
