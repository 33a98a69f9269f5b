import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { readCompiledEvmEngine } from '../../../../infra/contracts/evm-engine/compiled-evm-engine.ts'
import { alice, bob, carol, keeper, stranger } from './actors.ts'
import { aMarket, type Engine, someRules, startEngine } from './engine.ts'
import { deposit, e18, setPrice, trade, usd } from './moves.ts'
import { feedOf } from './typed-data.ts'

const { engine: compiled } = readCompiledEvmEngine()
const btc = feedOf('BTC-USD')

let engine: Engine
let back: () => Promise<void>
beforeAll(async () => {
  engine = await startEngine({
    markets: { 'BTC-USD': aMarket({ initialMarginBps: 1_000, maintenanceMarginBps: 500 }) },
    rules: someRules({ smallPosition: usd(100_000) }),
  })
  for (const who of [alice, carol]) await deposit(engine, who, usd(1_000))
  for (const who of [bob, keeper]) await deposit(engine, who, usd(100_000))
  await setPrice(engine, 'BTC-USD', e18(1_000))
  for (const buyer of [alice, carol])
    await trade(engine, { buyer, seller: bob, size: e18(10), price: e18(1_000) })
  await setPrice(engine, 'BTC-USD', e18(940))
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const call = (functionName: string, ...args: readonly unknown[]) =>
  encodeFunctionData({ abi: compiled.abi, functionName, args })
const liquidation = (who: { address: string }, size = e18(10)) =>
  call('liquidate', who.address, btc, size)
const sizeOf = async (who: { address: string }) =>
  ((await engine.ask('position', who.address, btc)) as { size: bigint }).size

describe('a batch', () => {
  test('does each call as if its caller had made it alone', async () => {
    await engine.act(keeper.address, 'batch', [liquidation(alice), liquidation(carol)])
    expect([await sizeOf(alice), await sizeOf(carol), await sizeOf(keeper)]).toEqual([
      0n,
      0n,
      e18(20),
    ])
  })

  test('one that is refused changes nothing, and stops no other', async () => {
    const calls = [
      liquidation(bob),
      liquidation(alice),
      liquidation(alice),
      '0x1234',
      liquidation(carol),
    ]
    await engine.act(keeper.address, 'batch', calls)
    expect([await sizeOf(alice), await sizeOf(carol), await sizeOf(bob)]).toEqual([
      0n,
      0n,
      -e18(20),
    ])
  })

  test('with the gas that a node estimates each of its calls is done', async () => {
    const data = call('batch', [liquidation(alice), liquidation(carol)])
    const given = { from: keeper.address, to: engine.address, data }
    const gas = BigInt(String(await engine.node.rpc('eth_estimateGas', given)))
    const done = async (limit: bigint) => {
      const answer = await engine.node.rpc(
        'eth_call',
        { ...given, gas: `0x${limit.toString(16)}` },
        'latest',
      )
      return decodeFunctionResult({
        abi: compiled.abi,
        functionName: 'batch',
        data: answer as `0x${string}`,
      })
    }
    expect(await done(gas)).toEqual([true, true])
    await expect(done((gas * 7n) / 10n)).rejects.toThrow(/reverted|gas/)
  })

  test('gives nobody a role', async () => {
    const before = await engine.ask('governor')
    await engine.act(stranger.address, 'batch', [
      call('proposeGovernor', stranger.address),
      call('addOperator', stranger.address),
      call('addSigners', [stranger.address]),
    ])
    expect(await engine.ask('governor')).toBe(before)
    expect(await engine.ask('isOperator', stranger.address)).toBe(false)
    expect(await engine.ask('isSigner', stranger.address)).toBe(false)
  })

  test('of nothing does nothing', async () => {
    expect(await engine.refusal(stranger.address, 'batch', [])).toBe('nothing')
  })
})
