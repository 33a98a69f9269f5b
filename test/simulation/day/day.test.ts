import { beforeAll, describe, expect, test } from 'vitest'

import { replayedDay, type ReplayedDay } from './replayed-day.ts'

/** The suite's share, from an hour in which much goes wrong; `npm run replay-day` runs a day. */
const sample = { seed: 1, hours: 0.5 }

let day: ReplayedDay
beforeAll(async () => {
  day = await replayedDay(sample)
}, 240_000)

describe('half an hour of everything that can be simulated', () => {
  test('has slots of each job, with failures, refusals and work', () => {
    expect([...day.book.kept.keys()].toSorted()).toEqual([
      'deleverage dex',
      'liquidate dex',
      'prove-batches appchain',
      'publish-prices n0',
      'publish-prices n1',
      'push-prices evm',
      'push-prices starknet',
      'watch-liveness network',
    ])
    // Five seconds each; a message may be lost, and a process may end.
    const few = [...day.book.kept].filter(
      ([name, { kept }]) => kept < (name.startsWith('watch-') ? 100 : 330),
    )
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

  test('goes wrong in many ways, and breaks no rule of the simulation', () => {
    expect(Object.keys(day.prices.happened)).toEqual(
      expect.arrayContaining(['crash-before', 'crash-after', 'lie', 'lag', 'reorg', 'halt']),
    )
    expect(Object.keys(day.proving.happened)).toContain('l2-reorg')
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
      expect.arrayContaining(['push-prices', 'watch-liveness']),
    )
  })
})
