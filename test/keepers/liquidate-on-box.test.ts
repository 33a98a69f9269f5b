import { describe, expect, test } from 'vitest'

import { coin, startCoreBox, usd } from './core-box-world.ts'

describe.each(['C', 'D'] as const)('on generation %s', (generation) => {
  test('whoever is below the requirement is sold to our order, at the discount and the fee of the policy, and nobody else', async () => {
    const it = await startCoreBox(generation, [
      { id: '200', left: 8, size: 10 },
      { id: '201', left: 50, size: 10 },
      { id: '204', left: 9, size: -10 },
    ])
    const before = await it.all()
    expect(await it.liquidate()).toMatchObject({ reason: 'liquidated' })
    const [work] = await it.sent()
    expect(work?.state.kind).toMatch(/included|settled/)
    const parts = work?.action.kind === 'liquidate' ? work.action.updates : []
    expect(parts.map(({ account }) => account).toSorted()).toEqual(['200', '204'])
    const after = await it.all()
    for (const { account, base, cash, penalty, reward } of parts) {
      const [was, is] = [before.get(account), after.get(account)]
      expect(await it.healthOf(account)).toBe('healthy')
      expect((is?.holdings[0]?.balance ?? 0n) - (was?.holdings[0]?.balance ?? 0n)).toBe(base)
      expect((is?.collateral ?? 0n) - (was?.collateral ?? 0n)).toBe(cash - penalty)
      // Bitcoin is at 100 dollars: a quarter of a per cent is the liquidator's, half of one the fund's.
      const value = (base < 0n ? -base : base) * 100n
      expect(reward).toBe((value * 25n) / 10_000n)
      expect(penalty).toBe((value * 75n) / 10_000n)
    }
    const sum = (of: (part: (typeof parts)[number]) => bigint) =>
      parts.reduce((total, part) => total + of(part), 0n)
    const gained = (id: string) =>
      (after.get(id)?.collateral ?? 0n) - (before.get(id)?.collateral ?? 0n)
    expect(gained('1')).toBe(sum(({ penalty, reward }) => penalty - reward))
    expect(gained('100')).toBe(sum(({ cash, reward }) => reward - cash))
    expect(after.get('201')).toEqual(before.get('201'))
    expect(await it.liquidate()).toMatchObject({ reason: 'nobody' })
  })

  test('an account closer to nothing than fee and discount gets the mark, and the rest of it is left to it', async () => {
    const it = await startCoreBox(generation, [{ id: '200', left: 0.000_001, size: 10 }])
    await it.liquidate()
    const [work] = await it.sent()
    const [part] = work?.action.kind === 'liquidate' ? work.action.updates : []
    expect(part).toMatchObject({ size: 10n * coin, base: -10n * coin })
    expect(part?.penalty).toBeLessThanOrEqual(1n)
    expect(await it.healthOf('200')).toBe('healthy')
  })

  test('a bankrupt account is left to the deleverage, which closes it at the fair price against the most leveraged', async () => {
    const it = await startCoreBox(generation, [
      { id: '202', left: -5, size: 10 },
      { id: '203', left: 200, size: -8 },
      { id: '205', left: 900, size: -20 },
    ])
    const before = await it.all()
    const first = await it.liquidate()
    expect(first).toMatchObject({ reason: 'nothing-possible' })
    expect(await it.deleverage()).toMatchObject({ reason: 'deleveraged' })
    const [work] = await it.sent()
    expect(work?.state.kind).toMatch(/included|settled/)
    const parts = work?.action.kind === 'deleverage' ? work.action.updates : []
    expect(parts.map(({ counterparty, size }) => [counterparty, size])).toEqual([
      ['203', 8n * coin],
      ['205', 2n * coin],
    ])
    const after = await it.all()
    // All is closed, so that nothing is left and nothing is owed: its loss of five dollars is the others'.
    expect(after.get('202')).toMatchObject({ collateral: 0n, holdings: [] })
    expect(parts.reduce((sum, { loss }) => sum + loss, 0n)).toBe(5n * usd)
    const worth = (accounts: typeof after, id: string) => {
      const account = accounts.get(id)
      const [held] = account?.holdings ?? []
      return (account?.collateral ?? 0n) + (held?.balance ?? 0n) * 100n
    }
    const lost = ['203', '205'].map((id) => worth(before, id) - worth(after, id))
    expect(lost[0]).toBe(4n * usd)
    expect(lost[1]).toBe(1n * usd)
    expect(await it.deleverage()).toMatchObject({ reason: 'nobody' })
  })

  test('a bankrupt short whose fair price is below zero is recorded as one that nobody can take over', async () => {
    const it = await startCoreBox(generation, [
      { id: '206', left: -1_100, size: -10 },
      { id: '207', left: 900, size: 20 },
    ])
    await it.liquidate()
    const end = await it.deleverage()
    expect(end).toMatchObject({ kind: 'refused', reason: 'nobody-can-take' })
    expect(await it.sent()).toEqual([])
  })

  test('while the contract would refuse everything nobody is touched, and why is said', async () => {
    const it = await startCoreBox(generation, [{ id: '200', left: 8, size: 10 }])
    it.clock.pass(86_401_000)
    it.box.makeBlock()
    expect(await it.liquidate()).toMatchObject({ kind: 'refused', reason: 'blocked' })
    expect(await it.sent()).toEqual([])
  })
})

test('generation D lets a liquidation leave a debt behind: only as much as the insurance fund is good for', async () => {
  const it = await startCoreBox('D', [
    { id: '1', left: 7, size: 0 },
    { id: '202', left: -5, size: 10 },
    { id: '208', left: -4, size: 10 },
    { id: '203', left: 200, size: -20 },
  ])
  expect(await it.liquidate()).toMatchObject({ reason: 'liquidated' })
  const [work] = await it.sent()
  const parts = work?.action.kind === 'liquidate' ? work.action.updates : []
  expect(parts).toMatchObject([{ penalty: 0n, reward: 0n }])
  const [taken] = parts
  expect(taken?.cover).toBeGreaterThan(0n)
  const left = taken?.account === '202' ? '208' : '202'
  expect((await it.all()).get(taken?.account ?? '')).toMatchObject({
    collateral: -(taken?.cover ?? 0n),
    holdings: [],
  })
  expect(await it.healthOf(left)).toBe('bankrupt')
  await it.deleverage()
  expect((await it.all()).get(left)?.holdings).toEqual([])
})
