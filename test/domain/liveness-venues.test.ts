import { describe, expect, test } from 'vitest'

import {
  type SourceVerdict,
  venueDown,
  venueFrozen,
  type VerdictRound,
} from '../../lib/domain/liveness-venues.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = (seconds: number) => timestamp(1_700_000_000_000 + seconds * 1000)

/** Rounds ten seconds apart; each source's verdicts by their first letters, in order. */
function rounds(sources: Readonly<Record<string, string>>): readonly VerdictRound[] {
  const words: Partial<Record<string, SourceVerdict['verdict']>> = {
    l: 'live',
    f: 'frozen',
    u: 'unknown',
  }
  const length = Math.max(...Object.values(sources).map((letters) => letters.length))
  return Array.from({ length }, (_, i) => ({
    at: at(i * 10),
    sources: Object.entries(sources).flatMap(([name, letters]): SourceVerdict[] => {
      const [venue = '', instrument = ''] = name.split(' ')
      const market = instrument.replace('USDT', 'USD')
      const verdict = words[letters[i] ?? '-']
      return verdict ? [{ venue, market, instrument, verdict }] : []
    }),
  }))
}

const look = (sources: Readonly<Record<string, string>>, seconds = 100) =>
  venueFrozen({ rounds: rounds(sources), now: at(seconds), afterMs: 60_000 })

const others = { 'kraken BTC-USD': 'llll', 'coinbase BTC-USD': 'llll' }

describe(venueFrozen, () => {
  test('nobody is frozen while all live, or while there are no rounds', () => {
    expect(look(others)).toEqual([])
    expect(venueFrozen({ rounds: [], now: at(0), afterMs: 0 })).toEqual([])
  })

  test('a venue is frozen since the first round of its unbroken run', () => {
    expect(look({ ...others, 'okx BTC-USDT': 'flff' })).toEqual([
      {
        rule: 'venue-frozen',
        subject: 'okx',
        severity: 'warning',
        summary: 'okx repeats old prices of BTC-USDT while other venues move',
        since: at(20),
        afterMs: 60_000,
      },
    ])
  })

  test('a round that could not judge it neither ends nor begins a freeze', () => {
    expect(look({ ...others, 'okx BTC-USDT': 'fuuf' })[0]?.since).toBe(at(0))
    expect(look({ ...others, 'okx BTC-USDT': 'fuuu' })[0]?.since).toBe(at(0))
    expect(look({ ...others, 'okx BTC-USDT': 'uuuu' })).toEqual([])
  })

  test('it is over with the first live round', () => {
    expect(look({ ...others, 'okx BTC-USDT': 'fffl' })).toEqual([])
  })

  test('it is over when the source is asked no more', () => {
    expect(look({ ...others, 'okx BTC-USDT': 'fff-' })).toEqual([])
  })

  test('rounds may come in any order, and one from a clock ahead of ours is left out', () => {
    const given = rounds({ ...others, 'okx BTC-USDT': 'lffl' })
    const reversed = { rounds: given.toReversed(), afterMs: 0 }
    expect(venueFrozen({ ...reversed, now: at(30) })).toEqual([])
    expect(venueFrozen({ ...reversed, now: at(29) })[0]?.since).toBe(at(10))
  })

  test('it is critical when at least half of a market repeats old prices', () => {
    const half = {
      'kraken BTC-USD': 'll',
      'okx BTC-USDT': 'ff',
      'gate BTC-USDT': 'ff',
      'htx BTC-USDT': 'll',
    }
    expect(look(half).map(({ subject, severity }) => `${subject} ${severity}`)).toEqual([
      'gate critical',
      'okx critical',
    ])
    expect(look(half)[0]?.summary).toBe(
      'gate repeats old prices of BTC-USDT while other venues move; in all 2 of 4 sources of BTC-USD do',
    )
    expect(look({ ...half, 'mexc BTC-USDT': 'll' }).map(({ severity }) => severity)).toEqual([
      'warning',
      'warning',
    ])
  })

  test('one venue is one finding, however much of it froze, since its first', () => {
    const names = ['A', 'B', 'C', 'D', 'E']
    const frozen = Object.fromEntries(names.map((name) => [`okx ${name}-USDT`, 'lff']))
    const live = Object.fromEntries(
      names.flatMap((n) => [
        [`kraken ${n}-USD`, 'lll'],
        [`gate ${n}-USD`, 'lll'],
      ]),
    )
    const findings = look({ ...live, ...frozen, 'okx C-USDT': 'fff' })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ since: at(0), severity: 'warning' })
    expect(findings[0]?.summary).toContain('A-USDT, B-USDT, C-USDT and 2 more')
  })
})

describe(venueDown, () => {
  const down = { venue: 'okx', why: 'timeout', detail: 'no answer in 3 s', since: at(5) }

  test('a venue that brings nothing is told after two minutes', () => {
    expect(venueDown(down)).toEqual({
      rule: 'venue-down',
      subject: 'okx',
      severity: 'warning',
      summary: 'okx brings no quotes (timeout): no answer in 3 s',
      since: at(5),
      afterMs: 120_000,
    })
  })

  test('a venue that refuses our region is not down', () => {
    expect(venueDown({ ...down, why: 'region' }).severity).toBe('info')
  })
})
