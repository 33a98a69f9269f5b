import { describe, expect, test } from 'vitest'

import { historyMissing, historyUnpacked } from '../../lib/domain/liveness-history.ts'
import { timestamp } from '../../lib/domain/time.ts'

const now = timestamp(1_764_003_600_000)
const ago = (ms: number) => timestamp(now - ms)

describe('slots that were not kept', () => {
  const look = { job: 'push-prices', subject: 'core', looked: 12 }

  test('are told of: how many, the newest, and since when', () => {
    const missing = [
      { slot: 9, at: ago(1_000) },
      { slot: 7, at: ago(11_000) },
    ]
    expect(historyMissing({ ...look, missing })).toEqual({
      rule: 'history-missing',
      subject: 'push-prices:core',
      severity: 'warning',
      summary:
        'push-prices of core was done, but 2 of its last 12 slots were not kept; the newest of them is 9',
      since: ago(11_000),
      afterMs: 0,
    })
  })

  test('are critical from ten on', () => {
    const missing = Array.from({ length: 10 }, (_, slot) => ({ slot, at: ago(slot) }))
    expect(historyMissing({ ...look, missing })?.severity).toBe('critical')
    expect(historyMissing({ ...look, missing: missing.slice(1) })?.severity).toBe('warning')
  })

  test('are nothing where there are none', () => {
    expect(historyMissing({ ...look, missing: [] })).toBeUndefined()
  })
})

describe('history that is in no file', () => {
  const hour = 60 * 60_000
  const look = { job: 'push-prices', subject: 'core', now, limitMs: 3 * hour }

  test('is told of after its limit, and not before', () => {
    expect(historyUnpacked({ ...look, oldestAt: ago(3 * hour) })).toBeUndefined()
    expect(historyUnpacked({ ...look, oldestAt: ago(4 * hour) })).toEqual({
      rule: 'history-unpacked',
      subject: 'push-prices:core',
      severity: 'warning',
      summary:
        'what push-prices of core saw and decided since 2025-11-24T13:00:00.000Z is in no file yet, for 4 h',
      since: ago(hour),
      afterMs: 0,
    })
  })

  test('is critical after three days, while a month of rows is left for the most part', () => {
    const found = [72 * hour, 72 * hour + 1].map((ms) =>
      historyUnpacked({ ...look, oldestAt: ago(ms) }),
    )
    expect(found.map((one) => one?.severity)).toEqual(['warning', 'critical'])
  })
})
