import { readFileSync } from 'node:fs'

import { type Abi, decodeFunctionResult, encodeFunctionData, getAddress, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readCompiledEvmEngine } from '../../../../infra/contracts/evm-engine/compiled-evm-engine.ts'
import { compileSolidity } from '../../../../infra/contracts/evm-engine/solidity.ts'
import { decodeEngineRevert } from '../../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { alice, bob } from './actors.ts'
import { type Engine, someRules, startEngine } from './engine.ts'
import { deposit, usd } from './moves.ts'

const contracts = compileSolidity({
  'Tokens.sol': readFileSync(new URL('Tokens.sol', import.meta.url), 'utf8'),
})
const token = contracts('Tokens.sol', 'Token')
const { abi } = readCompiledEvmEngine().engine

let engine: Engine
beforeAll(async () => {
  engine = await startEngine({ markets: {}, rules: someRules() }, token.bytecode)
  await deposit(engine, alice, usd(100))
  await engine.token(alice.address, 'mint', alice.address, usd(100))
})
afterAll(async () => engine.node.stop())

async function behave(mode: 'silent' | 'says-false' | 'keeps-some' | 'reenters', call = '0x') {
  const modes = ['silent', 'says-false', 'keeps-some', 'reenters']
  const data = encodeFunctionData({
    abi: token.abi as Abi,
    functionName: 'setMode',
    args: [modes.indexOf(mode), call],
  })
  const sent = {
    from: alice.address,
    to: engine.collateral,
    data,
    gas: '0x100000',
    gasPrice: '0x0',
  }
  await engine.node.mined(sent)
}

const deposits = async () => engine.refusal(alice.address, 'deposit', alice.address, usd(1))
const withdraws = async () => engine.refusal(alice.address, 'withdraw', usd(1), alice.address)
const gives = async () => engine.refusal(alice.address, 'fundInsurance', usd(1))

describe('a collateral token', () => {
  test('may answer nothing', async () => {
    await behave('silent')
    for (const move of [deposits, withdraws, gives]) expect(await move()).toBe('nothing')
  })

  test('that says no is believed', async () => {
    await behave('says-false')
    for (const move of [deposits, withdraws, gives])
      expect(await move()).toBe(`TransferFailed(${getAddress(engine.collateral)})`)
  })

  test('that keeps some of a transfer cannot be paid in', async () => {
    await behave('keeps-some')
    for (const move of [deposits, gives])
      expect(await move()).toBe(`TransferFailed(${getAddress(engine.collateral)})`)
  })

  test.each([
    ['deposit', [alice.address, 1n]],
    ['withdraw', [1n, alice.address]],
    ['fundInsurance', [1n]],
    ['liquidate', [alice.address, `0x${'00'.repeat(32)}`, 1n]],
    ['deleverage', [alice.address, bob.address, `0x${'00'.repeat(32)}`, 1n]],
  ])('that calls back gets nowhere with %s', async (name, args) => {
    await behave('reenters', encodeFunctionData({ abi, functionName: name, args }))
    const moves: readonly (readonly [string, readonly unknown[]])[] = [
      ['deposit', [alice.address, usd(1)]],
      ['fundInsurance', [usd(1)]],
      ['withdraw', [usd(1), alice.address]],
    ]
    for (const [move, given] of moves) {
      await engine.act(alice.address, move, ...given)
      expect(decodeEngineRevert(await said())).toBe('Reentered()')
    }
    await behave('silent')
    expect(await engine.ask('accountOf', alice.address)).toEqual([usd(100), []])
  })

  test('has at most 18 decimals', async () => {
    const odd = contracts('Tokens.sol', 'EighteenAndMore').bytecode
    await expect(startEngine({}, odd)).rejects.toThrow('InvalidSetting(decimals, 19)')
  })
})

async function said(): Promise<Hex> {
  const name = { abi: token.abi as Abi, functionName: 'answer' }
  const call = { to: engine.collateral, data: encodeFunctionData(name) }
  const data = (await engine.node.rpc('eth_call', call, 'latest')) as Hex
  return decodeFunctionResult({ ...name, data }) as Hex
}
