import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { engineRules, marketRules } from '../../../../infra/contracts/evm-engine/deploy.ts'
import {
  usualEngineRules,
  usualMarketRules,
} from '../../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { guardian, operator, signers, stranger } from './actors.ts'
import { type Engine, governor, startEngine } from './engine.ts'
import { feedOf } from './typed-data.ts'

const symbols = Array.from({ length: 120 }, (_, which) => `M${which}-USD`)
let engine: Engine
beforeAll(async () => {
  engine = await startEngine({
    markets: Object.fromEntries(symbols.map((symbol) => [symbol, usualMarketRules])),
    operators: [operator.address, stranger.address],
    delaySeconds: 3_600,
  })
})
afterAll(async () => engine.node.stop())

describe('a deployed engine', () => {
  test('lists all markets, in order, with their rules', async () => {
    const ids = symbols.map(feedOf)
    expect(await engine.ask('markets')).toEqual(ids)
    const [, known, views] = (await engine.ask('snapshot', ids)) as [
      boolean,
      string[],
      { rules: object }[],
    ]
    expect(views.map(({ rules }) => rules)).toEqual(ids.map(() => marketRules(usualMarketRules)))
    expect(known).toEqual(signers.map(({ address }) => address))
  })

  test('has its roles and rules', async () => {
    expect(await engine.ask('governor')).toBe(governor)
    expect(await engine.ask('guardian')).toBe(guardian.address)
    for (const { address } of [operator, stranger])
      expect(await engine.ask('isOperator', address)).toBe(true)
    expect(await engine.ask('rulesOfEngine')).toEqual(engineRules(usualEngineRules))
    expect(await engine.ask('delay')).toBe(3_600n)
    expect(await engine.ask('epochSeconds')).toBe(3_600n)
    expect(String(await engine.ask('collateralToken')).toLowerCase()).toBe(engine.collateral)
  })

  test('waits from then on with every change', async () => {
    expect(await engine.refusal(governor, 'addOperator', governor)).toBe(`NotGovernor(${governor})`)
  })
})

test('a rule that the contract refuses ends the deployment by its name', async () => {
  const markets = { 'BTC-USD': { ...usualMarketRules, quorum: 0 } }
  await expect(startEngine({ markets })).rejects.toThrow('InvalidSetting')
  await expect(startEngine({ epochSeconds: 0 })).rejects.toThrow(
    'the EVM engine was not deployed: InvalidSetting(epochSeconds, 0)',
  )
})
