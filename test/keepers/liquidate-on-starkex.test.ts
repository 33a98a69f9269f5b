import { expect, test } from 'vitest'

import { parseMarket } from '../../lib/domain/market.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import { btcAsset, ethAsset, signedOrder } from '../infra/local/starkex-gateway/a-book.ts'
import { alike, aStarkexWorld } from './starkex-liquidation-world.ts'

const kinds = (it: Awaited<ReturnType<typeof aStarkexWorld>>) =>
  it.exchange.requests().map(({ tx }) => tx.type)

test('on a StarkEx exchange an account below its margin is liquidated once, by an order of ours', async () => {
  const it = await aStarkexWorld()
  await it.begin()
  expect(await it.run(it.keepers.liquidate)).toMatchObject({ reason: 'nobody' })
  // 10,000,000,000 at 0.9 less 8,000,000,000 is 1,000,000,000 where 1,125,000,000 are required.
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  expect(kinds(it).filter((kind) => kind === 'LIQUIDATE')).toHaveLength(1)
  const [asset] = it.position(10n)?.assets.values() ?? []
  expect(asset?.balance).toBeLessThan(10_000_000_000n)
  expect(it.position(20n)?.assets.get(btcAsset)?.balance).toBe(
    10_000_000_000n - (asset?.balance ?? 0n),
  )
  // The index knows nothing of it before the next batch, and yet it is not done again.
  await it.run(it.keepers.liquidate)
  expect(kinds(it).filter((kind) => kind === 'LIQUIDATE')).toHaveLength(1)
  it.exchange.closeBatch()
  it.pass(100)
  await it.push('9000')
  await it.run(it.keepers.index)
  expect(await it.run(it.keepers.liquidate)).toMatchObject({ reason: 'nobody' })
})

test('and one with less than nothing is deleveraged against the other side', async () => {
  const it = await aStarkexWorld()
  await it.begin()
  await it.push('7900')
  await it.run(it.keepers.liquidate)
  expect(kinds(it)).not.toContain('LIQUIDATE')
  await it.run(it.keepers.deleverage)
  expect(kinds(it).at(-1)).toBe('DELEVERAGE')
  expect(it.position(10n)).toMatchObject({ collateral: 0n, publicKey: 0n })
  expect(it.position(40n)?.assets.get(btcAsset)?.balance).toBe(-10_000_000_000n)
})

/** Whose position each transaction that was taken closes, after those of the beginning. */
const closed = (it: Awaited<ReturnType<typeof aStarkexWorld>>) =>
  it.exchange.requests().flatMap(({ tx }) => {
    if (tx.type === 'LIQUIDATE') return tx.liquidated_position_id
    return tx.type === 'DELEVERAGE' ? tx.deleveraged_position_id : []
  })

test('all that are below it are liquidated in one slot, each by a transaction of its own', async () => {
  const it = await aStarkexWorld(alike(12n, 13n))
  await it.begin()
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  expect(closed(it).toSorted()).toEqual(['10', '12', '13'])
  const taken = [10n, 12n, 13n].map(
    (id) => 10_000_000_000n - (it.position(id)?.assets.get(btcAsset)?.balance ?? 0n),
  )
  expect(taken.every((size) => size > 0n)).toBe(true)
  expect(it.position(20n)?.assets.get(btcAsset)?.balance).toBe(
    taken.reduce((sum, size) => sum + size, 0n),
  )
  const done = await it.store.intents.recent(it.lane.id, 3)
  expect(
    Object.fromEntries(done.map(({ id, state }) => [id.split(':').at(-2), state.kind])),
  ).toEqual({ 10: 'settled', 12: 'settled', 13: 'settled' })
})

test('and one that the exchange refuses takes no other with it', async () => {
  const it = await aStarkexWorld(alike(12n, 13n))
  await it.begin()
  await it.push('9000')
  // Somebody else has made one of them well, which no batch tells yet.
  const order = await signedOrder({
    synthetic: 5_000_000_000n,
    collateral: 4_500_000_000n,
    fee: 0n,
  })
  const actual = {
    actualSynthetic: 5_000_000_000n,
    actualCollateral: 4_500_000_000n,
    actualFee: 0n,
  }
  expect(it.add({ type: 'LIQUIDATE', liquidated: 12n, order, ...actual })).toBe('taken')
  await it.run(it.keepers.liquidate)
  expect(closed(it).slice(0, 1)).toEqual(['12'])
  expect(closed(it).slice(1).toSorted()).toEqual(['10', '13'])
  const done = await it.store.intents.recent(it.lane.id, 3)
  expect(done.find(({ id }) => id.includes(':12:'))?.state).toMatchObject({
    kind: 'failed',
    why: 'refused',
  })
})

test('all with less than nothing are deleveraged in one slot, each by a transaction of its own', async () => {
  const it = await aStarkexWorld(alike(12n))
  await it.begin()
  await it.push('7900')
  await it.run(it.keepers.deleverage)
  expect(closed(it).toSorted()).toEqual(['10', '12'])
  for (const id of [10n, 12n]) expect(it.position(id)).toMatchObject({ collateral: 0n })
  expect(it.position(40n)?.assets.get(btcAsset)).toBeUndefined()
})

test('what is stored and not sent yet is not decided again, and who takes over is reckoned with it', async () => {
  const it = await aStarkexWorld(alike(12n))
  await it.begin()
  await it.push('7900')
  it.way.isOpen = false
  await it.run(it.keepers.deleverage)
  const open = await it.store.intents.open(it.lane.id)
  expect(open.map(({ id }) => id.split(':').at(-3))).toEqual(['10', '12'])
  expect(await it.run(it.keepers.deleverage)).toMatchObject({ reason: 'nobody' })
  expect(await it.store.intents.open(it.lane.id)).toHaveLength(2)
  it.way.isOpen = true
  await advanceLane(it.lane)
  expect(closed(it)).toEqual(['10', '12'])
  expect(await it.run(it.keepers.deleverage)).toMatchObject({ reason: 'nobody' })
})

test('nobody is touched who holds a market that funding of ours has not reached yet', async () => {
  const it = await aStarkexWorld(new Map(), { funded: ['ETH-USD'] })
  await it.begin()
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  expect(closed(it)).toEqual([])
})

test('markets are named by their assets', () => {
  expect([btcAsset, ethAsset].map((asset) => asset.toString(16).length)).toEqual([30, 30])
  expect(parseMarket('BTC-USD')).toBe('BTC-USD')
})
