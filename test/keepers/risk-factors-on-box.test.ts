import { expect, test } from 'vitest'

import { signedFelt } from '../../lib/adapters/starknet-felt.ts'
import { view } from '../../lib/adapters/starknet-read.ts'
import type { BlockId } from '../../lib/domain/positions/account-event.ts'
import { emptyBook } from '../../lib/domain/positions/book.ts'
import { plainScan } from '../../lib/domain/scan/row-scan.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { btc, eth } from '../adapters/chains/starknet-world.ts'
import { type InterestBox, startInterestBox } from './interest-box-world.ts'

/** 3,000 BTC at 100 USD each, and that much cash. */
const long = (id: number, cash: number) => ({
  id,
  ownerPublicKey: `0x${(1_000 + id).toString(16)}`,
  collateral: String(cash * 1_000_000),
  holdings: [{ assetId: btc.assetId, balance: '3000000000' }],
})

/** One slot as the keepers of liquidations see it: marks of the newest block, and whom the scan finds by them. */
function slots(world: InterestBox) {
  const scan = accountScan(plainScan)
  const { engine } = world.governor
  return async () => {
    const look = await engine.liquidation?.look()
    if (look?.kind !== 'starknet-perpetual') throw new Error('it is a core')
    const reading = await engine.positions?.read(world.accounts, look.block)
    const accounts = [...(reading?.accounts ?? [])].flatMap(([id, read]) =>
      read.kind === 'account' ? [[id, read.account] as const] : [],
    )
    const book = { ...emptyBook(look.block, []), changed: new Map(accounts) }
    const found = scan.below('dex', book, look).accounts.map(({ account }) => account.id)
    return { look, found: found.toSorted(), contract: await liquidatable(world, look.block) }
  }
}

/** The contract's own word at that block. */
async function liquidatable(world: InterestBox, { hash }: BlockId): Promise<readonly string[]> {
  const words = await world.governor.chain.rpc.values(
    world.accounts.map((id) =>
      view({
        contract: world.box.coreAddress,
        entrypoint: 'is_liquidatable',
        calldata: [BigInt(id)],
        at: { block_hash: hash },
      }),
    ),
  )
  return world.accounts.filter((_, at) => signedFelt(words[at]?.[0] ?? 0n) === 1n)
}

const tiersOf = (one: number, two: number) => [2n, BigInt(one), BigInt(two)]
const boundaries = [100_000_000_000n, 50_000_000_000n]

test('risk factors that the operator raises between two slots decide in the second one, and those taken back in the third', async () => {
  const world = await startInterestBox([long(100, -290_000), long(101, -297_000)])
  const slot = slots(world)
  const first = await slot()
  // The second tier's 2 % of 300,000 USD are 6,000.
  expect([first.found, first.contract]).toEqual([['101'], ['101']])
  await world.operate('update_asset_risk_factor', [
    BigInt(btc.assetId),
    ...tiersOf(10, 50),
    ...boundaries,
  ])
  const second = await slot()
  expect(second.look.marks[btc.assetId]?.riskFactorTiers).toEqual([10n, 50n])
  expect([second.found, second.contract]).toEqual([
    ['100', '101'],
    ['100', '101'],
  ])
  await world.operate('update_asset_risk_factor', [
    BigInt(btc.assetId),
    ...tiersOf(1, 2),
    ...boundaries,
  ])
  const third = await slot()
  expect([third.found, third.contract]).toEqual([[], []])
})

test('a tier that moves with its boundary, and a price after it, are seen as of one block', async () => {
  const world = await startInterestBox([long(100, -294_500)])
  const slot = slots(world)
  expect((await slot()).found).toEqual(['100'])
  // From a million on: the first tier's 1 % are 3,000 USD.
  await world.operate('update_asset_risk_factor', [
    BigInt(btc.assetId),
    ...tiersOf(10, 20),
    10n ** 12n,
    1n,
  ])
  const calm = await slot()
  expect([calm.found, calm.contract]).toEqual([[], []])
  await world.push('99')
  const fallen = await slot()
  expect(fallen.look.marks[btc.assetId]).toMatchObject({
    price: 99n * 2n ** 28n,
    firstTierBoundary: 10n ** 12n,
  })
  expect([fallen.found, fallen.contract]).toEqual([['100'], ['100']])
})

test('an asset that is deactivated between two slots is seen to be, and its holders still count', async () => {
  const world = await startInterestBox([long(100, -297_000)])
  const slot = slots(world)
  expect((await slot()).look.marks[btc.assetId]?.status).toBeUndefined()
  await world.govern('deactivate_synthetic', [BigInt(btc.assetId)])
  const later = await slot()
  expect(later.look.marks[btc.assetId]?.status).toBe('inactive')
  expect(later.look.marks[eth.assetId]?.status).toBeUndefined()
  expect([later.found, later.contract]).toEqual([['100'], ['100']])
})
