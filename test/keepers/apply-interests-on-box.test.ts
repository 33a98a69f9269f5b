import { expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import { btc } from '../adapters/chains/starknet-world.ts'
import { aRefusal, sayOfLane } from './a-suspect-lane.ts'
import {
  type InterestBox,
  interestProcess,
  someInterest,
  startInterestBox,
} from './interest-box-world.ts'

const usd = 1_000_000n
const year = 31_536_000n

function planted(id: number, dollars: number, change: object = {}) {
  const ownerPublicKey = `0x${(1_000 + id).toString(16)}`
  return { id, ownerPublicKey, collateral: String(dollars * 1_000_000), ...change }
}

/** One unit of a thousandth of a percent: amounts in millionths of a dollar, towards zero. */
function simple(dollars: bigint, { bps, seconds }: { bps: bigint; seconds: bigint }): bigint {
  return (dollars * usd * bps * seconds) / (10_000n * year)
}

/** An hour and a little passes. */
function anHour(world: InterestBox): void {
  world.clock.pass(3_660_000 + (60_000 - (world.clock.now() % 60_000)))
  world.box.makeBlock()
}

test('on the box, cash gets and debts pay their rate up to the block’s time, and what the contract would refuse is left out', async () => {
  const world = await startInterestBox([
    planted(100, 10_000),
    planted(101, -20_000),
    planted(102, 30_000, { lastInterest: 0 }),
    planted(103, 5),
  ])
  const keeping = interestProcess(world, world.other)
  const { clock: started } = await world.interestNow()
  anHour(world)
  const end = await keeping.slot('interest')
  expect(end).toMatchObject({
    kind: 'done',
    reason: 'applied',
    detail: expect.stringContaining('left out 102: INVALID_INTEREST_RATE') as string,
  })
  const { clock } = await world.interestNow()
  const seconds = clock.exchangeTime - started.exchangeTime
  expect(seconds).toBeGreaterThan(3_600n)
  const found = await Promise.all(['100', '101', '102', '103'].map(world.positionNow))
  expect(found).toEqual([
    { cash: 10_000n * usd + simple(10_000n, { bps: 876n, seconds }), last: clock.exchangeTime },
    { cash: -20_000n * usd - simple(20_000n, { bps: 1_752n, seconds }), last: clock.exchangeTime },
    { cash: 30_000n * usd, last: 0n },
    // Of five dollars an hour's interest is too little.
    { cash: 5n * usd, last: started.exchangeTime },
  ])
  expect(clock.divergence).toBe(
    simple(10_000n, { bps: 876n, seconds }) - simple(20_000n, { bps: 1_752n, seconds }),
  )
  world.clock.pass(60_000)
  world.box.makeBlock()
  expect(await keeping.slot('interest')).toMatchObject({ reason: 'nothing-possible' })
})

test('on the box, a rate above the contract’s limit is paid nearly up to it, as profits are by now', async () => {
  const holdings = [{ assetId: btc.assetId, balance: '1000000' }]
  const world = await startInterestBox([planted(100, 10_000, { holdings })])
  const rule = { kind: 'fixed', credit: new Decimal(100), debit: new Decimal(100) } as const
  const keeping = interestProcess(world, world.other, { interest: { ...someInterest, rule } })
  const { clock: started } = await world.interestNow()
  anHour(world)
  await world.push('250')
  expect(await keeping.slot('interest')).toMatchObject({
    reason: 'applied',
    detail: expect.stringContaining('at the contract’s limit 100') as string,
  })
  const { clock } = await world.interestNow()
  // 10,000 USD of cash and one BTC at 250; 1200 / 2^32 a second (contracts.md §1.8), and 95 % of that.
  const most = (10_250n * usd * (clock.exchangeTime - started.exchangeTime) * 1_200n) >> 32n
  const { cash } = await world.positionNow('100')
  expect(cash).toBe(10_000n * usd + (most * 9_500n) / 10_000n)
})

test('on the box, a position that was paid between looking and sending is left out, and the rest is paid', async () => {
  const world = await startInterestBox([planted(100, 10_000), planted(101, 20_000)])
  const honest = interestProcess(world, world.other)
  anHour(world)
  const { engine } = world.other
  const { interest, positions } = engine
  if (!interest || !positions) throw new Error('generation D has both')
  const look = await interest.look([])
  const [reading, times] = await Promise.all([
    positions.read(['100', '101'], look.block),
    interest.lastApplied(['100', '101'], look.block),
  ])
  await world.operate('update_exchange_time', [look.clock.now - 1n])
  await world.operate('apply_interests', [1n, 100n, 1n])
  const stale = {
    ...engine,
    interest: { ...interest, look: async () => look, lastApplied: async () => times },
    positions: { ...positions, read: async () => reading },
  }
  const late = interestProcess(world, { ...world.other, engine: stale }, { store: honest.store })
  const before = await world.positionNow('101')
  expect(await late.slot('interest')).toMatchObject({ reason: 'applied' })
  const [first, second] = await Promise.all(['100', '101'].map(world.positionNow))
  expect(first?.cash).toBe(10_000n * usd + 1n)
  const seconds = look.clock.now - (before.last ?? 0n)
  expect(second?.cash).toBe(20_000n * usd + simple(20_000n, { bps: 876n, seconds }))
})

test('on the box, two operators with a table each pay an hour’s interest once', async () => {
  const world = await startInterestBox([planted(100, 10_000), planted(101, -20_000)])
  const first = interestProcess(world, world.other)
  const second = interestProcess(world, world.governor)
  const { clock: started } = await world.interestNow()
  anHour(world)
  await Promise.all([first.slot('interest'), second.slot('interest')])
  for (let slot = 0; slot < 2; slot += 1) {
    world.clock.pass(60_000)
    world.box.makeBlock()
    for (const each of [first, second]) await each.slot('interest')
  }
  const { clock } = await world.interestNow()
  const seconds = clock.exchangeTime - started.exchangeTime
  const { cash, last } = await world.positionNow('100')
  expect([cash, last]).toEqual([
    10_000n * usd + simple(10_000n, { bps: 876n, seconds }),
    clock.exchangeTime,
  ])
})

test('on the box, nothing is paid while funding is too old, and after it all that was missed is', async () => {
  const world = await startInterestBox([planted(100, 10_000)])
  const keeping = interestProcess(world, world.other)
  const { clock: started } = await world.interestNow()
  world.clock.pass(2 * 86_400_000)
  world.box.makeBlock()
  await world.push()
  expect(await keeping.slot('interest')).toMatchObject({
    kind: 'refused',
    reason: 'FUNDING_EXPIRED',
  })
  const ids = [btc, ...world.others]
    .map(({ assetId }) => BigInt(assetId))
    .toSorted((one, other) => (one < other ? -1 : 1))
  await world.operate('funding_tick', [3n, ...ids.flatMap((id) => [id, 0n]), 1n])
  world.clock.pass(60_000)
  world.box.makeBlock()
  expect(await keeping.slot('interest')).toMatchObject({ reason: 'applied' })
  const { clock } = await world.interestNow()
  const seconds = clock.exchangeTime - started.exchangeTime
  expect(seconds).toBeGreaterThan(2n * 86_400n)
  expect((await world.positionNow('100')).cash).toBe(
    10_000n * usd + simple(10_000n, { bps: 876n, seconds }),
  )
})

test('on the box, nothing is paid while a prover refuses a batch of the chain, and after it all that was missed is', async () => {
  const world = await startInterestBox([planted(100, 10_000)])
  const keeping = interestProcess(world, world.other)
  const { clock: started } = await world.interestNow()
  await sayOfLane(keeping.store, { suspect: aRefusal })
  anHour(world)
  await world.push()
  expect(await keeping.slot('interest')).toMatchObject({ kind: 'refused', reason: 'l2-suspect' })
  await sayOfLane(keeping.store)
  anHour(world)
  await world.push()
  expect(await keeping.slot('interest')).toMatchObject({ reason: 'applied' })
  const { clock } = await world.interestNow()
  const seconds = clock.exchangeTime - started.exchangeTime
  expect(seconds).toBeGreaterThan(7_200n)
  expect((await world.positionNow('100')).cash).toBe(
    10_000n * usd + simple(10_000n, { bps: 876n, seconds }),
  )
})
