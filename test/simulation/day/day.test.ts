import { beforeAll, describe, expect, test } from 'vitest'

import type { KeeperName } from '../../../lib/runtime/world/keepers-under.ts'
import { slotSeconds } from './day-plan.ts'
import { replayedDay, type ReplayedDay } from './replayed-day.ts'

/** The suite's share, from an hour in which much goes wrong; `npm run replay-day` runs a day. */
const sample = { seed: 1, hours: 0.5 }

/** A message may be lost, and a process may end; more so of a job that has few slots. */
const leastShare = (everySeconds: number) => (everySeconds === slotSeconds ? 330 / 360 : 100 / 120)

/** So often each job that there is has a slot, in seconds: the compiler lists what is missing here, or too much. */
const paces: Readonly<Record<KeeperName, number>> = {
  'publish-prices': slotSeconds,
  'push-prices': slotSeconds,
  'prove-batches': slotSeconds,
  'watch-liveness': 15,
  liquidate: slotSeconds,
  deleverage: slotSeconds,
  'settle-funding': 60,
  'index-positions': 30,
  'keep-books': 60,
  'apply-interests': 60,
  'update-exchange-time': 60,
  'watch-systems': 30,
  'tell-uptime': 15,
  govern: 30,
  'pack-history': 60,
}

const upkeep = [
  'settle-funding',
  'index-positions',
  'keep-books',
  'apply-interests',
  'update-exchange-time',
  'watch-systems',
  'tell-uptime',
  'govern',
  'pack-history',
]

const unreachable = 'failed UnreachableError'

let day: ReplayedDay
beforeAll(async () => {
  day = await replayedDay(sample)
}, 240_000)

describe('half an hour of everything that can be simulated', () => {
  test('has slots of each job, with failures, refusals and work', () => {
    expect([...day.book.kept.keys()].toSorted()).toEqual([
      'apply-interests core',
      'deleverage dex',
      'govern network',
      'index-positions core',
      'keep-books core',
      'liquidate dex',
      'pack-history network',
      'prove-batches appchain',
      'publish-prices n0',
      'publish-prices n1',
      'push-prices evm',
      'push-prices starknet',
      'settle-funding dex',
      'tell-uptime feed',
      'update-exchange-time core',
      'watch-liveness network',
      'watch-systems mainnet',
    ])
    expect(new Set([...day.book.kept.keys()].map(jobOf))).toEqual(new Set(Object.keys(paces)))
    const few = [...day.book.kept].filter(([name, { kept }]) => {
      const everySeconds = paces[jobOf(name)]
      return kept < (leastShare(everySeconds) * sample.hours * 3_600) / everySeconds
    })
    expect(few).toEqual([])
    const ends = [...day.book.kept.values()].flatMap((kept) => Object.keys(kept.ends))
    expect(ends.some((end) => end.startsWith('failed '))).toBe(true)
    expect(ends).toEqual(
      expect.arrayContaining([
        'done published',
        'refused too-few-sources',
        'done pushed',
        'refused chain-stalled',
        'done driven',
        'done liquidated',
        'done deleveraged',
        'done found',
      ]),
    )
  })

  // Books, systems, governing and packing have no refusal of their own: what stops them is a store or a node.
  test.each([
    [
      'settle-funding dex',
      ['done settled', 'refused chain-stalled', 'refused l2-suspect', unreachable],
    ],
    ['index-positions core', ['done followed', 'done apart', 'refused busy', unreachable]],
    ['keep-books core', ['done booked', 'done nothing-final', unreachable]],
    [
      'apply-interests core',
      ['done applied', 'refused PAUSED', 'refused chain-stalled', unreachable],
    ],
    ['update-exchange-time core', ['done updated', 'refused chain-stalled', unreachable]],
    ['watch-systems mainnet', ['done seen', 'done partly-seen', unreachable]],
    ['tell-uptime feed', ['done told', 'refused no-word', 'refused chain-stalled', unreachable]],
    ['govern network', ['done taken-back', 'done called-off', 'done on-probation', unreachable]],
    ['pack-history network', ['done packed', 'done nothing-due', unreachable]],
  ])('%s does something, and does not', (name, ends) => {
    expect(Object.keys(day.book.kept.get(name)?.ends ?? {})).toEqual(expect.arrayContaining(ends))
  })

  test('goes wrong in many ways, and breaks no rule of the simulation', () => {
    expect(Object.keys(day.prices.happened)).toEqual(
      expect.arrayContaining(['crash-before', 'crash-after', 'lie', 'lag', 'reorg', 'halt']),
    )
    expect(Object.keys(day.proving.happened)).toContain('l2-reorg')
    expect(Object.keys(day.upkeep.happened)).toEqual(
      expect.arrayContaining(['crash', 'lost', 'twice', 'reorg', 'chain stands still']),
    )
    expect(day.prices.violation).toBeUndefined()
    expect(day.proving.violation).toBeUndefined()
  })

  test('replays byte for byte', () => {
    const all = [...day.book.kept.values()]
    expect(all.flatMap(({ otherwise }) => otherwise)).toEqual([])
    expect(all.map(({ same }) => same)).toEqual(all.map(({ kept }) => kept))
  })

  test('with a rule that is changed on purpose replay names the slots that it decides otherwise, and no others', () => {
    const { mutants } = day.book
    expect(mutants.flatMap(({ wrong, missed }) => [...wrong, ...missed])).toEqual([])
    expect(mutants.map(({ named }) => named)).toEqual(mutants.map(({ expected }) => expected))
    const seen = mutants.filter(({ expected }) => expected > 0)
    expect(seen.map(({ job }) => job)).toEqual(
      expect.arrayContaining(['push-prices', 'watch-liveness', ...upkeep]),
    )
  })
})

/** Of a job and its subject. */
function jobOf(name: string): KeeperName {
  return name.slice(0, name.indexOf(' ')) as KeeperName
}
