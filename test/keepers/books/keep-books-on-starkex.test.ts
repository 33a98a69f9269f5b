import { expect, test } from 'vitest'

import type { LedgerRow } from '../../../lib/domain/pnl/ledger-row.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { aPosition, liquidatorKey, signedOrder } from '../../infra/local/starkex-gateway/a-book.ts'
import { alike, aStarkexWorld } from '../starkex-liquidation-world.ts'
import { accounted, type Balances, withoutNothing } from './starkex-accounts.ts'

type World = Awaited<ReturnType<typeof aStarkexWorld>>

/** Another batch after the one that is closed first makes that one count. */
async function count(it: World, usd: string): Promise<void> {
  it.exchange.closeBatch()
  it.pass(30)
  await it.push(usd)
  it.exchange.closeBatch()
  it.pass(10)
  await advanceLane(it.lane)
}

const rowsOf = async (it: World) => it.store.ledger.recent('perps', 1_000)

async function booked(it: World): Promise<readonly LedgerRow[]> {
  expect(await it.run(it.keepers.books)).toMatchObject({ kind: 'done' })
  return rowsOf(it)
}

function of<Kind extends LedgerRow['kind']>(rows: readonly LedgerRow[], kind: Kind) {
  return rows.filter((row): row is Extract<LedgerRow, { kind: Kind }> => row.kind === kind)
}

/** As the gateway has them, which knows nothing of us. */
function balances(it: World): Balances {
  return withoutNothing(
    Object.fromEntries(
      [...it.exchange.state().positions].map(([id, { collateral, assets }]) => [
        String(id),
        {
          collateral,
          ...Object.fromEntries(
            [...assets].map(([asset, { balance }]) => [`0x${asset.toString(16)}`, balance]),
          ),
        },
      ]),
    ),
  )
}

/** Who takes over beside us, with a key of his own. */
const stranger = [21n, aPosition(900_000_000_000n, [], BigInt(liquidatorKey.publicKey))] as const

const crowd = () => new Map([...alike(12n, 13n, 14n), stranger])

/** Somebody else liquidates half of that account. */
async function beFirst(it: World, liquidated: bigint): Promise<void> {
  const amounts = { synthetic: 5_000_000_000n, collateral: 4_490_000_000n, fee: 400_000n }
  const order = await signedOrder({ ...amounts, position: 21n })
  const actual = {
    actualSynthetic: amounts.synthetic,
    actualCollateral: amounts.collateral,
    actualFee: amounts.fee,
  }
  expect(it.add({ type: 'LIQUIDATE', liquidated, order, ...actual })).toBe('taken')
}

test('every account on a StarkEx exchange stands to the unit as the books say, through a crash, a race and a deleverage', async () => {
  const it = await aStarkexWorld(crowd(), { followsBatches: true })
  await it.begin()
  const before = balances(it)
  await it.push('9000')
  await beFirst(it, 12n)
  await it.run(it.keepers.liquidate)
  // The newest batch may still be aborted.
  it.exchange.closeBatch()
  expect(await booked(it)).toEqual([])
  await count(it, '8900')
  await it.run(it.keepers.index)
  await it.run(it.keepers.liquidate)
  await count(it, '6500')
  await it.run(it.keepers.index)
  // After half a minute without a slot it begins again slowly.
  for (let calm = 0; calm < 20; calm += 1) await it.run(it.keepers.deleverage)
  await count(it, '6500')
  const rows = await booked(it)
  expect(new Set(of(rows, 'won').map(({ event }) => event.account))).toEqual(
    new Set(['10', '13', '14']),
  )
  expect(of(rows, 'deleveraged').length).toBeGreaterThan(0)
  expect(accounted(before, rows, '1')).toEqual(balances(it))
  expect(of(rows, 'missed')).toMatchObject([
    {
      event: {
        account: '12',
        liquidator: '21',
        // 0.9 of 5,000,000,000 less what was paid, a unit less since 0.9 has no end in 32 binary places; of that the order's fee.
        penalty: 9_999_999n,
        exchangeFee: 400_000n,
        reward: 9_599_999n,
      },
    },
  ])
  for (const { event, work, fee } of of(rows, 'won')) {
    expect(work).toMatchObject({ attempts: 1, slippage: { cash: 0n } })
    expect(work?.signedAt).toBeDefined()
    expect(fee).toMatchObject({ paid: 0n })
    expect(event.liquidator).toBe('20')
    const { penalty = 0n, reward, exchangeFee = 0n } = event
    expect(reward).toBe(penalty - exchangeFee)
  }
  const cursor = await it.store.ledger.cursor('perps')
  expect([cursor?.fund, cursor?.fundDays]).toEqual([undefined, []])
  expect(cursor?.batch?.nextTransaction).toBeLessThan(it.exchange.firstUnused())
  // Booked again, whether from there or from the beginning, there is nothing new.
  expect(await booked(it)).toEqual(rows)
})

test('what was liquidated in a batch that is aborted is in the books once, as its next batch has it', async () => {
  const it = await aStarkexWorld(new Map(), { followsBatches: true })
  await it.begin()
  const before = balances(it)
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  await count(it, '9000')
  const rows = await booked(it)
  expect(of(rows, 'won')).toHaveLength(1)
  it.exchange.abortBatch()
  it.exchange.abortBatch()
  it.exchange.closeBatch()
  await count(it, '9000')
  await count(it, '9000')
  const tick = await it.run(it.keepers.books)
  expect(tick).toMatchObject({
    kind: 'done',
    detail: expect.stringContaining('went back') as string,
  })
  expect((await rowsOf(it)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
  expect(accounted(before, await rowsOf(it), '1')).toEqual(balances(it))
})

test('what the exchange took and replaced by nothing earned nothing, and says why', async () => {
  const it = await aStarkexWorld(new Map(), { followsBatches: true })
  await it.begin()
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  it.exchange.replace(it.exchange.firstUnused() - 1, [])
  await count(it, '9000')
  const [row, ...more] = await booked(it)
  expect(more).toEqual([])
  expect(row).toMatchObject({
    kind: 'no-effect',
    account: '10',
    outcome: 'reverted',
    reason: expect.stringContaining('replaced by nothing') as string,
    fee: { paid: 0n },
  })
})

test('nor where nobody follows transactions: then it was lost', async () => {
  const it = await aStarkexWorld()
  await it.begin()
  await count(it, '10000')
  await booked(it)
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  it.exchange.replace(it.exchange.firstUnused() - 1, [])
  await count(it, '9000')
  const rows = await booked(it)
  expect(of(rows, 'won')).toEqual([])
  expect(of(rows, 'no-effect')).toMatchObject([{ account: '10', outcome: 'lost' }])
})

test('a liquidation of ours waits for its lane, and so does what comes after it', async () => {
  const it = await aStarkexWorld(new Map(), { followsBatches: true })
  await it.begin()
  await count(it, '10000')
  await booked(it)
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  it.exchange.closeBatch()
  it.pass(1)
  await it.price('9000')
  it.exchange.closeBatch()
  // Its batch counts, and the lane has not looked.
  expect(await booked(it)).toEqual([])
  it.pass(10)
  await advanceLane(it.lane)
  expect(of(await booked(it), 'won')).toMatchObject([{ work: { attempts: 1 } }])
})
