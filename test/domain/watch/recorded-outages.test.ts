import { describe, expect, test } from 'vitest'

import type { Finding } from '../../../lib/domain/incident.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import { lookedBefore } from '../../../lib/domain/watch/system-memory.ts'
import type { ProgressStep, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { type ChainScript, scriptedChain } from './scripted-chain.ts'
import { emptySight, type Told, utcTime, watchedRun } from './watched-run.ts'

/**
 * Outages rebuilt from their timelines: Starknet's of 2024-04-05 (no block between 630028 and 630029 for 3 h 45 m 49 s), of
 * 2025-07-18 (13 minutes of slow blocks), of 2025-09-02 (down from 02:20, a second halt at 10:22, two reorganisations, over at
 * 13:40 UTC) and of 2026-01-05 (a prover refused what the sequencer had accepted, then 18 minutes were undone), dYdX's of
 * 2025-10-10 (about eight hours without a block), and Paradex's of 2026-01-19 (funding indices zeroed in a maintenance). What is not told of them is as usual at that time.
 */
const lookMs = 15_000

function run({
  script,
  until,
  updateMs = 2 * 3_600_000,
  beside = () => [],
}: {
  readonly script: ChainScript
  readonly until: Timestamp
  /** How often the state is settled while the chain goes on. */
  readonly updateMs?: number
  readonly beside?: (now: Timestamp) => readonly Finding[]
}) {
  const watch = watchedRun('starknet', { lookMs })
  const l2 = scriptedChain(script)
  const l1 = scriptedChain({ from: script.from, firstBlock: 20_000_000, blockMs: 12_000 })
  const before = updatesBefore(script.from, updateMs)
  const steps: ProgressStep[] = []
  let lastUpdate = script.from
  for (let now = script.from; now < until; now = timestamp(now + lookMs)) {
    l2.goTo(now)
    l1.goTo(now)
    const newest = l2.newest()
    // Nothing new can be settled while there is nothing new.
    if (newest && now - lastUpdate >= updateMs && now - newest.time < updateMs) {
      lastUpdate = now
      steps.push({ position: steps.length, at: now, what: `block ${newest.number}` })
    }
    const { heads } = lookedBefore(watch.memory())
    const sight: SystemSight = {
      ...emptySight(now),
      heads: [
        l2.head('l2', 'one.example', heads['l2']),
        l2.head('l2', 'two.example', heads['l2']),
        l1.head('l1', 'eth.example', heads['l1']),
      ],
      progress: [
        { name: 'state-update', from: -before.length, through: -1, steps: before },
        { name: 'state-update', from: 0, through: steps.length, steps },
      ],
    }
    watch.look(sight, beside(now))
  }
  return watch.told
}

/** A month of state updates as regular as they were; the last of them when the run begins. */
function updatesBefore(from: Timestamp, everyMs: number): readonly ProgressStep[] {
  const count = Math.floor((30 * 86_400_000) / everyMs)
  return Array.from({ length: count }, (_, index) => {
    const back = count - 1 - index
    const jitter = ((index * 7919) % 20) * 60_000 - 10 * 60_000
    const at = timestamp(from - back * everyMs + (back === 0 ? 0 : jitter))
    return { position: -1 - back, at, what: `update ${index}` }
  })
}

/** When each thing was told, in minutes since a time. */
function timesOf(told: readonly Told[], since: Timestamp, rule: string) {
  const of = told.filter((one) => one.rule === rule)
  const minutes = (state: Told['state']) =>
    of.filter((one) => one.state === state).map(({ at }) => (at - since) / 60_000)
  return { opened: minutes('opened'), worsened: minutes('worsened'), resolved: minutes('resolved') }
}

describe('outages as they were', () => {
  test('5 April 2024: no block for 3 h 45 min 49 s is one incident, told within its limits and once resolved', () => {
    const from = utcTime('2024-04-04T22:00:00Z')
    const halt = { from: utcTime('2024-04-05T10:30:26Z'), to: utcTime('2024-04-05T14:16:15Z') }
    // Blocks were made every few minutes then.
    const told = run({
      script: { from, firstBlock: 629_800, blockMs: 190_000, halts: [halt] },
      until: utcTime('2024-04-05T18:00:00Z'),
    })
    expect(told.map(({ rule, state }) => `${rule} ${state}`)).toEqual([
      'chain-stalled opened',
      'chain-stalled worsened',
      'chain-stalled resolved',
    ])
    const { opened, worsened, resolved } = timesOf(told, halt.from, 'chain-stalled')
    expect(opened[0]).toBeLessThanOrEqual(3 * (190 / 60) + 0.5)
    expect(worsened[0]).toBeLessThanOrEqual(10 * (190 / 60) + 0.5)
    expect(resolved[0]).toBeLessThanOrEqual((halt.to - halt.from) / 60_000 + 2)
  })

  test('18 July 2025: 13 minutes of blocks that take 75 s are told within 5 minutes as slow, and nobody is woken', () => {
    const from = utcTime('2025-07-18T08:00:00Z')
    const slow = { from: utcTime('2025-07-18T10:00:00Z'), to: utcTime('2025-07-18T10:13:00Z') }
    const told = run({
      script: { from, firstBlock: 1_600_000, blockMs: 2_000, slow: [{ ...slow, blockMs: 75_000 }] },
      until: utcTime('2025-07-18T12:00:00Z'),
    })
    const { opened, worsened, resolved } = timesOf(told, slow.from, 'blocks-slow')
    expect(opened).toHaveLength(1)
    expect(opened[0]).toBeLessThanOrEqual(5)
    expect(worsened).toEqual([])
    expect(resolved).toHaveLength(1)
    expect(resolved[0]).toBeLessThanOrEqual(13 + 5)
    expect(told).toHaveLength(2)
  })

  test('2 September 2025: two halts and two reorganisations; each halt and the blocks that went back are told at once', () => {
    const from = utcTime('2025-09-02T00:30:00Z')
    const [first, second] = [utcTime('2025-09-02T02:20:00Z'), utcTime('2025-09-02T10:22:00Z')]
    const told = run({
      script: {
        from,
        firstBlock: 1_958_000,
        blockMs: 2_500,
        halts: [
          { from: first, to: utcTime('2025-09-02T05:00:00Z') },
          { from: second, to: utcTime('2025-09-02T13:00:00Z') },
        ],
        rewinds: [
          { at: utcTime('2025-09-02T05:00:00Z'), blocks: 1_440 },
          { at: utcTime('2025-09-02T13:00:00Z'), blocks: 480 },
        ],
      },
      until: utcTime('2025-09-02T16:00:00Z'),
    })
    const stalls = timesOf(told, first, 'chain-stalled')
    expect(stalls.opened).toHaveLength(2)
    expect(stalls.opened[0]).toBeLessThanOrEqual(1.5)
    expect(stalls.worsened[0]).toBeLessThanOrEqual(5.5)
    expect((stalls.opened[1] ?? 0) - (second - first) / 60_000).toBeLessThanOrEqual(1.5)
    const reorgs = timesOf(told, first, 'head-went-back')
    expect(reorgs.opened).toHaveLength(2)
    expect(reorgs.opened[0]).toBeLessThanOrEqual(160 + 0.5)
    expect(reorgs.resolved).toHaveLength(2)
    // What the halts held up is told with them.
    expect(new Set(told.map(({ rule }) => rule))).toEqual(
      new Set(['chain-stalled', 'head-went-back']),
    )
    expect(told.at(-1)?.state).toBe('resolved')
  })

  test('5 January 2026: the refused proof comes first, then the blocks that were undone', () => {
    const from = utcTime('2026-01-05T08:00:00Z')
    const refused = utcTime('2026-01-05T10:00:00Z')
    const undone = utcTime('2026-01-05T10:20:00Z')
    const rejected: Finding = {
      rule: 'batch-rejected',
      subject: 'starknet:812',
      severity: 'critical',
      summary: 'batch 812 was refused as one that cannot be proved',
      since: refused,
      afterMs: 0,
    }
    const told = run({
      script: {
        from,
        firstBlock: 4_000_000,
        blockMs: 2_000,
        rewinds: [{ at: undone, blocks: 540 }],
      },
      until: utcTime('2026-01-05T13:00:00Z'),
      beside: (now) => (now >= refused && now < utcTime('2026-01-05T11:00:00Z') ? [rejected] : []),
    })
    expect(told.filter(({ state }) => state === 'opened').map(({ rule }) => rule)).toEqual([
      'batch-rejected',
      'head-went-back',
    ])
    expect(timesOf(told, undone, 'head-went-back').opened[0]).toBeLessThanOrEqual(0.5)
    expect(told.filter(({ state }) => state === 'resolved')).toHaveLength(2)
  })

  test('10 October 2025: eight hours without a block are one incident, and no second one on resume', () => {
    const from = utcTime('2025-10-10T18:00:00Z')
    const halt = { from: utcTime('2025-10-10T21:17:00Z'), to: utcTime('2025-10-11T05:17:00Z') }
    const told = run({
      script: { from, firstBlock: 53_000_000, blockMs: 1_000, halts: [halt] },
      until: utcTime('2025-10-11T07:00:00Z'),
      updateMs: 40 * 3_600_000,
    })
    expect(told.map(({ rule, state }) => `${rule} ${state}`)).toEqual([
      'chain-stalled opened',
      'chain-stalled worsened',
      'chain-stalled resolved',
    ])
    expect(timesOf(told, halt.from, 'chain-stalled').opened[0]).toBeLessThanOrEqual(1.5)
  })

  test('19 January 2026: funding indices that were set to zero are one incident, told with the look that sees them; the liquidations that follow are told only where they outlast it', () => {
    const from = utcTime('2026-01-18T03:00:00Z')
    const zeroed = utcTime('2026-01-19T04:30:00Z')
    const watch = watchedRun('paradex', { lookMs })
    const markets = { 'BTC-USD': 412.5, 'ETH-USD': 31.75 }
    for (let now = from; now < utcTime('2026-01-19T07:00:00Z'); now = timestamp(now + lookMs)) {
      const sinceMinutes = Math.max(0, (now - zeroed) / 60_000)
      const indices = Object.entries(markets).map(([market, index]) => ({
        name: `funding-index:${market}`,
        // It grows by a little all the time: funding accrues continuously there.
        value: now < zeroed ? index + (now - from) / 36_000_000 : 0,
        unit: 'USD',
        mostPerHour: 5,
        writtenAt: now,
      }))
      // For half an hour ten a minute are liquidated, which nobody is an hour and a half later.
      const liquidated = Math.min(sinceMinutes, 30) - Math.min(Math.max(sinceMinutes - 60, 0), 30)
      watch.look({
        ...emptySight(now),
        levels: [
          ...indices,
          { name: 'liquidations', value: 2 + 10 * liquidated, unit: 'in an hour', bursts: true },
          {
            name: 'insurance-fund',
            value: 1_000_000 - 20_000 * Math.min(sinceMinutes, 30),
            unit: 'USD',
            pays: true,
          },
        ],
      })
    }
    expect(watch.told.map(({ rule, subject, state }) => `${state} ${rule} ${subject}`)).toEqual([
      'opened level-jumped paradex:funding-index:BTC-USD',
      // An hour later the jump is over, and there still are more of them than in any hour of the day before.
      'opened liquidation-burst paradex:liquidations',
      'resolved level-jumped paradex:funding-index:BTC-USD',
      'resolved liquidation-burst paradex:liquidations',
    ])
    expect(watch.told[0]?.at).toBe(zeroed)
    expect(watch.told[0]?.severity).toBe('critical')
    const [incident] = watch.incidents.values()
    const told = incident?.timeline?.map(({ what }) => what) ?? []
    expect(told).toEqual(
      expect.arrayContaining([
        'with it level-jumped of paradex:funding-index:ETH-USD',
        'with it liquidation-burst of paradex:liquidations',
        'with it fund-falling of paradex:insurance-fund',
      ]),
    )
  })
})
