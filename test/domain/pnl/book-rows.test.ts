import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { bookRows, isBookable, workDoneBefore } from '../../../lib/domain/pnl/book-rows.ts'
import { dailySums, sumsOf } from '../../../lib/domain/pnl/daily-sums.ts'
import { bookedFee, shared } from '../../../lib/domain/pnl/fee-share.ts'
import { fundRunway } from '../../../lib/domain/pnl/fund-runway.ts'
import { rowUsd } from '../../../lib/domain/pnl/row-usd.ts'
import {
  aBlock,
  aBooking,
  aDeleverage,
  anEvent,
  anInclusion,
  anIntent,
  aPart,
  at,
  them,
} from './samples.ts'

const settled = (parts = [aPart()]) => anIntent(parts, { kind: 'settled', ...anInclusion() })

describe('a liquidation of ours', () => {
  test('is one row with its event, its work by stage, and its fee', () => {
    const [row, ...more] = bookRows(aBooking({ events: [anEvent()], intents: [settled()] }))
    expect(more).toEqual([])
    expect(row).toMatchObject({
      kind: 'won',
      at: at(10_000),
      event: anEvent(),
      work: {
        intent: 'liquidate:dex:slot-8',
        attempts: 2,
        decidedAt: at(8_000),
        signedAt: at(8_100),
        sentAt: at(8_200),
        includedAt: at(10_000),
        seenAt: at(11_000),
      },
      fee: { token: 'ETH', paid: 10n },
    })
  })

  test('cost so much more than decided as the mark moved: one in a hundred is a hundred basis points', () => {
    const events = [anEvent({ cash: 50_500n })]
    const [row] = bookRows(aBooking({ events, intents: [settled()] }))
    expect(row).toMatchObject({ work: { slippage: { cash: 500n, bps: new Decimal(100) } } })
  })

  test('of a short that pays less than decided slips against us too', () => {
    const events = [anEvent({ base: 100n, cash: -49_500n })]
    const part = aPart({ base: 100n, cash: -50_000n })
    const [row] = bookRows(aBooking({ events, intents: [settled([part])] }))
    expect(row).toMatchObject({ work: { slippage: { cash: 500n, bps: new Decimal(100) } } })
  })

  test('is booked without work where no intent has its transaction', () => {
    const [row] = bookRows(aBooking({ events: [anEvent()] }))
    expect(row).toMatchObject({ kind: 'won', work: undefined, fee: { paid: undefined } })
  })

  test('in one transaction with others shares its fee with them, to the last unit', () => {
    const accounts = ['anna', 'bert', 'cora']
    const events = accounts.map((account, place) => anEvent({ account, place }))
    const parts = accounts.map((account) => aPart({ account }))
    const rows = bookRows(aBooking({ events, intents: [settled(parts)] }))
    expect(rows.map((row) => (row.kind === 'won' ? row.fee.paid : 'no'))).toEqual([4n, 3n, 3n])
  })

  test('has the same name whenever it is booked, and another one in another block', () => {
    const booking = aBooking({ events: [anEvent()], intents: [settled()] })
    expect(bookRows(booking)).toEqual(bookRows(booking))
    const moved = aBooking({ events: [anEvent({ block: aBlock(11) })] })
    expect(bookRows(moved)[0]?.id).not.toBe(bookRows(booking)[0]?.id)
  })
})

describe('work that changed nothing', () => {
  test('in a block where the exchange refused it was lost, and the others bear the fee', () => {
    const intents = [settled([aPart(), aPart({ account: 'bert' })])]
    const rows = bookRows(aBooking({ events: [anEvent()], intents }))
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatchObject({ kind: 'won', fee: { paid: 10n } })
    expect(rows[1]).toMatchObject({
      kind: 'no-effect',
      account: 'bert',
      outcome: 'lost',
      expected: 250n,
      fee: { paid: 0n },
    })
  })

  test('bears the whole fee where nothing of its transaction had an effect', () => {
    const intents = [settled([aPart(), aPart({ account: 'bert' })])]
    const rows = bookRows(aBooking({ intents }))
    expect(rows.map((row) => (row.kind === 'no-effect' ? row.fee.paid : 0n))).toEqual([5n, 5n])
  })

  test('says what became of its intent, and what a revert cost', () => {
    const failed = { kind: 'failed', reason: 'gas', hash: '0xaa' } as const
    const reverted = anIntent([aPart()], { ...failed, why: 'reverted', inclusion: anInclusion() })
    expect(bookRows(aBooking({ intents: [reverted] }))).toMatchObject([
      { kind: 'no-effect', outcome: 'reverted', reason: 'gas', at: at(10_000), fee: { paid: 10n } },
    ])
    const expired = anIntent([aPart()], { ...failed, why: 'expired' })
    expect(bookRows(aBooking({ intents: [expired] }))).toMatchObject([
      { outcome: 'expired', at: at(8_000), fee: { paid: undefined } },
    ])
    // What was never signed cost nothing, which is known.
    const unsigned = anIntent([aPart()], { ...failed, why: 'refused', hash: undefined })
    expect(bookRows(aBooking({ intents: [unsigned] }))).toMatchObject([
      { outcome: 'refused', fee: { paid: 0n } },
    ])
  })

  test('says of what its transaction went without why', () => {
    const { market } = aPart()
    const left = [{ market, account: 'bert', why: 'refused', reason: 'Healthy' } as const]
    const intent = anIntent([aPart(), aPart({ account: 'bert' })], {
      kind: 'settled',
      ...anInclusion({ left }),
    })
    const rows = bookRows(aBooking({ events: [anEvent()], intents: [intent] }))
    expect(rows.map(({ kind }) => kind)).toEqual(['won', 'no-effect'])
    expect(rows[1]).toMatchObject({ outcome: 'refused', reason: 'Healthy', fee: { paid: 0n } })
  })

  test('is booked once it is final, and in no block that is not', () => {
    expect(isBookable(settled(), 10)).toBe(true)
    expect(isBookable(settled(), 9)).toBe(false)
    expect(isBookable(anIntent([], { kind: 'waiting' }), 99)).toBe(false)
    const now = at(99_000)
    expect(workDoneBefore([settled()], { block: 10, now })).toBe(now)
    expect(workDoneBefore([settled()], { block: 9, now })).toBe(at(8_000))
  })
})

describe('what somebody else had', () => {
  const slot = {
    at: at(9_000),
    reason: 'liquidated',
    candidates: ['anna'],
    taken: [],
    skipped: [],
  }
  const why = (slots: readonly (typeof slot)[] | readonly object[], account = 'anna') => {
    const event = anEvent({ liquidator: them, account })
    const [row] = bookRows(aBooking({ events: [event], slots: slots as readonly (typeof slot)[] }))
    return row?.kind === 'missed' ? row.why : undefined
  }

  test('was skipped for the plan’s own reason', () => {
    expect(why([{ ...slot, skipped: [{ account: 'anna', why: 'reward' }] }])).toBe('reward')
  })

  test('was a race where ours was on its way, though a later slot left it alone', () => {
    const earlier = { ...slot, at: at(5_000), taken: ['anna'] }
    const later = { ...slot, skipped: [{ account: 'anna', why: 'in-flight' }] }
    expect(why([later, earlier])).toBe('raced')
  })

  test('was not seen where the newest slot did not have the account', () => {
    expect(why([{ ...slot, candidates: [] }])).toBe('unseen')
  })

  test('is told by what refused the whole slot', () => {
    expect(why([{ ...slot, candidates: [], reason: 'stale-prices' }])).toBe('stale-prices')
  })

  test('was nobody’s look where no slot ran in the minute before, or only later', () => {
    expect(why([])).toBe('idle')
    expect(why([{ ...slot, at: at(-51_000) }])).toBe('idle')
    expect(why([{ ...slot, at: at(10_001) }])).toBe('idle')
  })

  test('is no opportunity where it was our own account', () => {
    expect(why([slot], '0x0000000000000000000000000000000000000001')).toBeUndefined()
  })
})

describe('a fee', () => {
  const fee = aBooking().fee

  test('is worth what the nearest price says, with that price beside it', () => {
    const prices = [
      { price: new Decimal(1_000), at: at(-20_000) },
      { price: new Decimal(3_000), at: at(9_000) },
    ]
    expect(bookedFee(10n ** 16n, at(0), { ...fee, prices }).usd).toEqual({
      value: new Decimal(30),
      ...prices[1],
    })
  })

  test('is of unknown worth where no price is of its time, and where the chain did not say it', () => {
    expect(bookedFee(1n, at(31 * 60_000), fee).usd).toBeUndefined()
    expect(bookedFee(1n, at(0), { ...fee, prices: [] }).usd).toBeUndefined()
    expect(bookedFee(undefined, at(0), fee).usd).toBeUndefined()
  })

  test('is shared without a unit too many or too few', () => {
    expect(shared(11n, 4)).toEqual([3n, 3n, 3n, 2n])
    expect(shared(undefined, 2)).toEqual([undefined, undefined])
    expect(shared(5n, 0)).toEqual([])
  })
})

describe('sums', () => {
  const rows = bookRows(
    aBooking({
      events: [
        anEvent({ funding: 1n }),
        anEvent({ account: 'dora', liquidator: them, penalty: 0n, reward: 0n, cover: 90n }),
        anEvent({ account: 'emil', liquidator: them, reward: 400n, penalty: 800n }),
        aDeleverage(),
      ],
      intents: [
        settled([aPart(), aPart({ account: 'bert' })]),
        {
          ...anIntent([aPart({ account: 'cora' })], {
            kind: 'failed',
            why: 'reverted',
            reason: 'gas',
            hash: '0xbb',
            inclusion: anInclusion({ hash: '0xbb', feePaid: 10n ** 15n }),
          }),
          id: 'liquidate:dex:slot-9',
        },
      ],
    }),
  )

  test('tell the hit rate, the cost of failures and the opportunity lost', () => {
    expect(sumsOf(rows)).toEqual({
      won: 1,
      reward: 250n,
      exchangeFees: 0n,
      unmarked: 0,
      slippage: 0n,
      noEffect: { lost: 1, reverted: 1 },
      hitPermille: 333,
      fees: 10n + 10n ** 15n,
      feesUsd: new Decimal('2.00000000000002'),
      feesUnknown: 0,
      failureFees: 10n ** 15n,
      failureFeesUsd: new Decimal(2),
      missed: 2,
      missedReward: 400n,
      missedWhy: { idle: 2 },
      deleveraged: 1,
      fundIn: 650n,
      fundOut: 90n,
    })
  })

  test('are by UTC day, oldest first, and of all days as of each', () => {
    const shifted = rows.map((row, place) =>
      place === 0 ? { ...row, at: at(24 * 3_600_000) } : row,
    )
    const days = dailySums(shifted)
    expect(days.map(({ day }) => day)).toEqual(['2026-01-01', '2026-01-02'])
    expect(days.map(({ won }) => won)).toEqual([0, 1])
    expect(days.reduce((sum, one) => sum + one.fees, 0n)).toBe(sumsOf(rows).fees)
  })

  test('in dollars are rewards less fees, to the last digit', () => {
    const usd = rows.reduce((sum, row) => sum.add(rowUsd(row, 2)), new Decimal(0))
    expect(usd.toFixed()).toBe('0.49999999999998')
  })
})

describe('batches of a StarkEx exchange', () => {
  const told = {
    batch: 6,
    transaction: '0x4',
    place: 0,
    at: at(9_500),
    exchangeFee: 30n,
    penalty: 280n,
    reward: 250n,
  } as const
  const free = { token: '', isFree: true, decimals: 18, prices: [] } as const

  test('name a transaction by its id, which is the nonce of the work, and it has no fee', () => {
    const booking = { isBatched: true, fee: free, events: [anEvent(told)], intents: [settled()] }
    expect(bookRows(aBooking(booking))).toMatchObject([
      {
        kind: 'won',
        // By the exchange's own time, and not the batch's.
        at: at(9_500),
        work: { intent: 'liquidate:dex:slot-8' },
        fee: { paid: 0n, usd: undefined },
      },
    ])
  })

  test('may be aborted, and in the next one a liquidation has the same name', () => {
    const [one, other] = [aBlock(10), aBlock(12)].map((block) =>
      bookRows(aBooking({ events: [anEvent({ ...told, block })] })),
    )
    expect(one?.[0]?.id).toBe(other?.[0]?.id)
    expect(one?.[0]?.at).toBe(other?.[0]?.at)
  })

  test('that went on without work of ours are told as such', () => {
    const [row] = bookRows(aBooking({ isBatched: true, fee: free, intents: [settled()] }))
    expect(row).toMatchObject({
      kind: 'no-effect',
      outcome: 'lost',
      reason: 'the exchange took it, and its batches have others in its place, or nothing',
    })
  })

  test('pay their orders’ fees to the exchange and not to a fund, and without a mark are in no sum', () => {
    const unknown = { price: undefined, penalty: undefined, reward: undefined }
    const events = [
      anEvent(told),
      anEvent({ ...told, ...unknown, transaction: '0x5', account: 'bert' }),
      anEvent({ ...told, ...unknown, transaction: '0x6', account: 'cora', liquidator: them }),
    ]
    const rows = bookRows(aBooking({ isBatched: true, fee: free, events }))
    expect(sumsOf(rows)).toMatchObject({
      won: 2,
      reward: 250n,
      exchangeFees: 60n,
      missed: 1,
      missedReward: 0n,
      unmarked: 2,
      fundIn: 0n,
      feesUnknown: 0,
    })
    expect(rows.map((row) => rowUsd(row, 2).toFixed())).toEqual(['2.5', '0', '0'])
  })
})

describe('the insurance fund', () => {
  test('lasts as long as its balance covers what goes out more than comes in', () => {
    expect(fundRunway(1_000n, { fundIn: 100n, fundOut: 300n }, 10)).toEqual({
      inPerDay: 10n,
      outPerDay: 30n,
      days: 50,
    })
  })

  test('lasts for ever where it grows', () => {
    expect(fundRunway(1_000n, { fundIn: 1n, fundOut: 1n }, 1).days).toBeUndefined()
  })
})
