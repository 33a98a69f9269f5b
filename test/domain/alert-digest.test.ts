import { describe, expect, test } from 'vitest'

import { digestOf } from '../../lib/domain/alert-digest.ts'
import type { Alert } from '../../lib/domain/alert.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = timestamp(1_800_000_000_000)

const alert = (change: Partial<Alert>): Alert => ({
  key: 'k',
  state: 'opened',
  severity: 'warning',
  rule: 'price-late',
  subject: 's',
  summary: 'late',
  network: 'n',
  since: at,
  at,
  ...change,
})

const told = { channel: 'chat', network: 'n', at, anyOpen: true, later: 0 }

describe('a digest', () => {
  test('counts what is open and what is over by severity, and lists the open first', () => {
    const alerts = [
      alert({ severity: 'critical', state: 'resolved', subject: 'over' }),
      alert({ severity: 'warning', state: 'worsened', subject: 'worse' }),
      alert({ severity: 'info', subject: 'news' }),
    ]
    expect(digestOf(alerts, told)).toEqual({
      key: 'digest:n:chat:1800000000000',
      thread: 'digest:n:chat',
      state: 'opened',
      // What is over makes nothing worse.
      severity: 'warning',
      network: 'n',
      at,
      open: { critical: 0, warning: 1, info: 1 },
      over: { critical: 1, warning: 0, info: 0 },
      worst: [alerts[1], alerts[2], alerts[0]],
      more: 0,
      later: 0,
    })
  })

  test('names ten and counts the others', () => {
    const many = Array.from({ length: 57 }, (_, n) => alert({ subject: String(n) }))
    const { worst, more } = digestOf(many, told)
    expect([worst.length, more]).toEqual([10, 47])
  })

  test('is an end where nothing is open any more', () => {
    const over = [alert({ state: 'resolved', severity: 'critical' })]
    expect(digestOf(over, { ...told, anyOpen: false })).toMatchObject({
      state: 'resolved',
      severity: 'critical',
    })
  })
})
