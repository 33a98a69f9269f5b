import { describe, expect, test } from 'vitest'

import { startCoreBox, usd, weth } from './core-box-world.ts'

/** Smallest units in one wrapped ether. */
const ether = weth.resolutionFactor

describe('on the box, of generation D', () => {
  test('an account with nothing but a spot holding is sold as much of it as helps, once the contract counts it below zero', async () => {
    // 10 WETH are worth 1,000 USD and count for 900: one is 50 USD above that, the other 20 below.
    const it = await startCoreBox('D', [
      { id: '200', left: 150, size: 0, spot: 10 },
      { id: '201', left: 80, size: 0, spot: 10 },
    ])
    const before = await it.all()
    expect(await it.liquidate()).toMatchObject({ reason: 'liquidated' })
    const [work] = await it.sent()
    expect(work?.state.kind).toMatch(/included|settled/)
    const parts = work?.action.kind === 'liquidate' ? work.action.updates : []
    expect(parts.map(({ account }) => account)).toEqual(['201'])
    const [part] = parts
    if (!part) throw new Error('there is one')
    const after = await it.all()
    const held = (accounts: typeof after, id: string) =>
      accounts.get(id)?.holdings.find(({ asset }) => asset === weth.assetId)?.balance ?? 0n
    const cash = (accounts: typeof after, id: string) => accounts.get(id)?.collateral ?? 0n
    expect(held(after, '201') - held(before, '201')).toBe(-part.size)
    expect(held(after, '100')).toBe(part.size)
    expect(cash(after, '201') - cash(before, '201')).toBe(part.cash - part.penalty)
    expect(cash(after, '100') - cash(before, '100')).toBe(part.reward - part.cash)
    expect(cash(after, '1') - cash(before, '1')).toBe(part.penalty - part.reward)
    // By the mark there is something left, so that discount (25 bps) and fee (50 bps) are the penalty of what is sold.
    const worth = (part.size * 100n * usd) / ether
    expect([part.reward, part.penalty - part.reward]).toEqual([
      (worth * 25n) / 10_000n,
      (worth * 50n) / 10_000n,
    ])
    // Of each unit sold a tenth of its value counts anew, less fee and discount: 20 USD are a fifth of the holding, and a little.
    expect(part.size).toBeGreaterThan(2n * ether)
    expect(part.size).toBeLessThan(3n * ether)
    expect(await it.healthOf('201')).toBe('healthy')
    expect(after.get('200')).toEqual(before.get('200'))
    expect(await it.liquidate()).toMatchObject({ reason: 'nobody' })
  })

  test('beside a synthetic the spot holding stays, as long as the synthetic can be sold', async () => {
    const it = await startCoreBox('D', [{ id: '200', left: 104, size: 10, spot: 10 }])
    expect(await it.liquidate()).toMatchObject({ reason: 'liquidated' })
    const [work] = await it.sent()
    const [part] = work?.action.kind === 'liquidate' ? work.action.updates : []
    expect(part?.market).toBe('BTC-USD')
    expect(await it.healthOf('200')).toBe('healthy')
  })

  test('where the insurance fund is short and nobody’s order helps, the whole holding goes for the whole debt', async () => {
    // A debt of 1,100 USD against 1,000 USD of WETH: whoever takes it over loses 100.
    const it = await startCoreBox('D', [
      { id: '200', left: -100, size: 0, spot: 10 },
      { id: '201', left: 5_000, size: 0 },
    ])
    const before = await it.all()
    expect(await it.deleverage()).toMatchObject({ reason: 'deleveraged' })
    const [work] = await it.sent()
    expect(work?.state.kind).toMatch(/included|settled/)
    const [part] = work?.action.kind === 'deleverage' ? work.action.updates : []
    expect(part).toMatchObject({ account: '200', size: 10n * ether, loss: 100n * usd })
    const after = await it.all()
    expect(after.get('200')).toMatchObject({ collateral: 0n, holdings: [] })
    const taker = part?.counterparty ?? ''
    expect((after.get(taker)?.collateral ?? 0n) - (before.get(taker)?.collateral ?? 0n)).toBe(
      -1_100n * usd,
    )
    expect(after.get(taker)?.holdings).toMatchObject([
      { asset: weth.assetId, balance: 10n * ether },
    ])
  })
})
