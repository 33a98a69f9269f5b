import { encodeFunctionData, keccak256, zeroAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { readCompiledEvmEngine } from '../../../../infra/contracts/evm-engine/compiled-evm-engine.ts'
import { engineRules, marketRules } from '../../../../infra/contracts/evm-engine/deploy.ts'
import { alice, guardian, keeper, operator, signers, stranger } from './actors.ts'
import { aMarket, type Engine, governor, someRules, startEngine } from './engine.ts'
import { deposit, e18, setPrice, usd } from './moves.ts'
import { feedOf } from './typed-data.ts'

let engine: Engine
let back: () => Promise<void>
beforeAll(async () => {
  engine = await startEngine({ markets: { 'BTC-USD': aMarket() }, rules: someRules() })
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const day = 86_400
const { abi } = readCompiledEvmEngine().engine

function data(name: string, ...args: readonly unknown[]): `0x${string}` {
  return encodeFunctionData({ abi, functionName: name, args })
}

const governed: readonly (readonly [string, readonly unknown[]])[] = [
  ['setMarkets', [[feedOf('ETH-USD')], [marketRules(aMarket())]]],
  ['setEngineRules', [engineRules(someRules())]],
  ['addSigners', [[stranger.address]]],
  ['addOperator', [stranger.address]],
  ['setGuardian', [stranger.address]],
  ['proposeGovernor', [stranger.address]],
  ['setDelay', [1n]],
  ['restartRounds', [[feedOf('BTC-USD')]]],
]

describe('rules and roles', () => {
  test.each(governed)('%s is the governor’s', async (name, args) => {
    for (const other of [stranger, operator, guardian])
      expect(await engine.refusal(other.address, name, ...args)).toBe(
        `NotGovernor(${other.address})`,
      )
    expect(await engine.refusal(governor, name, ...args)).toBe('nothing')
  })

  test('pass to a new governor only when he takes them', async () => {
    await engine.act(governor, 'proposeGovernor', alice.address)
    expect(await engine.ask('governor')).toBe(governor)
    expect(await engine.refusal(stranger.address, 'acceptGovernor')).toBe(
      `NotPendingGovernor(${stranger.address})`,
    )
    await engine.act(alice.address, 'acceptGovernor')
    expect(await engine.ask('governor')).toBe(alice.address)
    expect(await engine.ask('pendingGovernor')).toBe(zeroAddress)
    expect(await engine.refusal(governor, 'addOperator', governor)).toBe(`NotGovernor(${governor})`)
    expect(await engine.refusal(alice.address, 'acceptGovernor')).toMatch(/^NotPendingGovernor/)
  })

  test('are given to somebody', async () => {
    expect(await engine.refusal(governor, 'addOperator', zeroAddress)).toBe('ZeroAddress()')
    expect(await engine.refusal(governor, 'addSigners', [zeroAddress])).toBe('ZeroAddress()')
  })

  test('can be taken away at once by the guardian too, but not by others', async () => {
    const [signer] = signers
    for (const [name, whom] of [
      ['removeOperator', operator.address],
      ['removeSigner', signer.address],
    ] as const) {
      expect(await engine.refusal(stranger.address, name, whom)).toBe(
        `NotGuardian(${stranger.address})`,
      )
      await engine.act(guardian.address, name, whom)
    }
    expect(await engine.ask('isOperator', operator.address)).toBe(false)
    expect(await engine.ask('isSigner', signer.address)).toBe(false)
    const [, left] = (await engine.ask('snapshot', [])) as [boolean, string[]]
    expect(left.toSorted()).toEqual(
      signers
        .slice(1)
        .map((one) => one.address)
        .toSorted(),
    )
  })

  test('know each signer once', async () => {
    const [signer] = signers
    expect(await engine.refusal(governor, 'addSigners', [signer.address])).toBe(
      `SignerAlreadyAdded(${signer.address})`,
    )
    expect(await engine.refusal(governor, 'removeSigner', stranger.address)).toBe(
      `SignerNotFound(${stranger.address})`,
    )
  })
})

describe('settings', () => {
  test.each([
    [{ status: 0 }, 'InvalidSetting(status, 0)'],
    [{ quorum: 0 }, 'InvalidSetting(quorum, 0)'],
    [{ quorum: 33 }, 'InvalidSetting(quorum, 33)'],
    [{ initialMarginBps: 10_001 }, 'InvalidSetting(initialMarginBps, 10001)'],
    [{ maintenanceMarginBps: 501 }, 'InvalidSetting(maintenanceMarginBps, 501)'],
    [{ maintenanceMarginBps: 0 }, 'InvalidSetting(maintenanceMarginBps, 0)'],
    [{ penaltyBps: 250 }, 'InvalidSetting(penaltyBps, 250)'],
    [{ maxPriceAge: 0 }, 'InvalidSetting(maxPriceAge, 0)'],
    [{ maxPriceAge: 86_401 }, 'InvalidSetting(maxPriceAge, 86401)'],
    [{ maxFundingRate: 10n ** 17n + 1n }, `InvalidSetting(maxFundingRate, ${10n ** 17n + 1n})`],
  ])('of a market are within reason: %o', async (bent, reason) => {
    expect(await market(bent)).toBe(reason)
  })

  test.each([
    [{ maxReportAge: 0 }, 'InvalidSetting(maxReportAge, 0)'],
    [{ maxReportAge: 3_601 }, 'InvalidSetting(maxReportAge, 3601)'],
    [{ liquidationGrace: 86_401 }, 'InvalidSetting(liquidationGrace, 86401)'],
    [{ liquidatorShareBps: 10_001 }, 'InvalidSetting(liquidatorShareBps, 10001)'],
    [{ closeFactorBps: 0 }, 'InvalidSetting(closeFactorBps, 0)'],
    [{ closeFactorBps: 10_001 }, 'InvalidSetting(closeFactorBps, 10001)'],
    [{ tradeFeeBps: 101 }, 'InvalidSetting(tradeFeeBps, 101)'],
  ])('of the engine are within reason: %o', async (bent, reason) => {
    expect(await whole(bent)).toBe(reason)
  })

  test('at their limits are taken', async () => {
    expect(await market({ penaltyBps: 249, maintenanceMarginBps: 250, quorum: 32 })).toBe('nothing')
    expect(await whole({ tradeFeeBps: 100, closeFactorBps: 1, liquidatorShareBps: 0 })).toBe(
      'nothing',
    )
  })

  test('of markets come in pairs and with a name', async () => {
    expect(await engine.refusal(governor, 'setMarkets', [feedOf('ETH-USD')], [])).toBe(
      'LengthMismatch(1, 0)',
    )
    const nameless = `0x${'00'.repeat(32)}`
    expect(
      await engine.refusal(governor, 'setMarkets', [nameless], [marketRules(aMarket())]),
    ).toMatch(/^UnknownMarket/)
  })

  test('of a listed market change without listing it again', async () => {
    const rules = marketRules(aMarket({ quorum: 4, status: 'reduce-only' }))
    await engine.act(governor, 'setMarkets', [feedOf('BTC-USD'), feedOf('ETH-USD')], [rules, rules])
    expect(await engine.ask('markets')).toEqual([feedOf('BTC-USD'), feedOf('ETH-USD')])
    const [, , views] = (await engine.ask('snapshot', [feedOf('BTC-USD')])) as [
      boolean,
      string[],
      { rules: object }[],
    ]
    expect(views[0]?.rules).toEqual(rules)
    expect(await engine.ask('rulesOfEngine')).toEqual(engineRules(someRules()))
  })
})

describe('with a delay', () => {
  beforeEach(async () => engine.act(governor, 'setDelay', 2n * BigInt(day)))
  const change = data('addOperator', stranger.address)
  const id = keccak256(change)

  test('nobody changes rules at once, not even the governor', async () => {
    for (const [name, args] of governed)
      expect(await engine.refusal(governor, name, ...args)).toBe(`NotGovernor(${governor})`)
  })

  test('a change takes effect when it was announced long enough ago, once', async () => {
    const [announced] = await engine.act(governor, 'schedule', change)
    const ready = engine.now() + 2n * BigInt(day)
    expect(announced).toEqual({ name: 'Scheduled', args: { id, call: change, readyAt: ready } })
    expect(await engine.refusal(governor, 'schedule', change)).toBe(`AlreadyScheduled(${id})`)
    await engine.warp(2 * day - 1)
    expect(await engine.refusal(governor, 'execute', change)).toBe(`NotReady(${id}, ${ready})`)
    await engine.warp(1)
    expect(await engine.refusal(stranger.address, 'execute', change)).toMatch(/^NotGovernor/)
    await engine.act(governor, 'execute', change)
    expect(await engine.ask('isOperator', stranger.address)).toBe(true)
    expect(await engine.refusal(governor, 'execute', change)).toBe(`NotScheduled(${id})`)
  })

  test('a change that nobody wanted for two weeks is void, and may be announced anew', async () => {
    await engine.act(governor, 'schedule', change)
    await engine.warp(16 * day)
    expect(await engine.refusal(governor, 'execute', change)).toBe('nothing')
    await engine.warp(1)
    expect(await engine.refusal(governor, 'execute', change)).toBe(
      `ScheduleExpired(${id}, ${engine.now() - 1n})`,
    )
    await engine.act(guardian.address, 'cancelScheduled', id)
    await engine.act(governor, 'schedule', change)
  })

  test('the guardian stops a change', async () => {
    expect(await engine.refusal(guardian.address, 'cancelScheduled', id)).toBe(
      `NotScheduled(${id})`,
    )
    await engine.act(governor, 'schedule', change)
    expect(await engine.refusal(stranger.address, 'cancelScheduled', id)).toMatch(/^NotGuardian/)
    await engine.act(guardian.address, 'cancelScheduled', id)
    await engine.warp(3 * day)
    expect(await engine.refusal(governor, 'execute', change)).toBe(`NotScheduled(${id})`)
  })

  test('the delay itself is shortened only through the delay', async () => {
    const shorter = data('setDelay', 0n)
    await engine.act(governor, 'schedule', shorter)
    await engine.warp(2 * day)
    await engine.act(governor, 'execute', shorter)
    expect(await engine.ask('delay')).toBe(0n)
    expect(await engine.refusal(governor, 'setDelay', BigInt(30 * day) + 1n)).toMatch(
      /^InvalidSetting\(delay/,
    )
  })

  test('what a change is refused for is passed on', async () => {
    const wrong = data('addSigners', [zeroAddress])
    await engine.act(governor, 'schedule', wrong)
    await engine.warp(2 * day)
    expect(await engine.refusal(governor, 'execute', wrong)).toBe('ZeroAddress()')
  })

  test('the governor reaches nobody’s collateral', async () => {
    await deposit(engine, alice, usd(100))
    const theft = data('withdraw', usd(100), stranger.address)
    await engine.act(governor, 'schedule', theft)
    await engine.warp(2 * day)
    expect(await engine.refusal(governor, 'execute', theft)).toMatch(/^MarginTooLow/)
    // No function of the contract takes an account to pay from.
    const paying = abi.filter(
      (item) =>
        item.type === 'function' && item.stateMutability !== 'view' && item.name === 'withdraw',
    )
    expect(paying).toHaveLength(1)
  })
})

describe('a pause', () => {
  beforeEach(async () => deposit(engine, alice, usd(100)))

  test('is begun by guardian or governor, and ended by the governor', async () => {
    expect(await engine.refusal(stranger.address, 'pause')).toBe(`NotGuardian(${stranger.address})`)
    await engine.act(guardian.address, 'pause')
    expect(await engine.ask('paused')).toBe(true)
    expect(await engine.refusal(governor, 'pause')).toBe('EnginePaused()')
    expect(await engine.refusal(guardian.address, 'unpause')).toBe(
      `NotGovernor(${guardian.address})`,
    )
    await engine.act(governor, 'unpause')
    expect(await engine.refusal(governor, 'unpause')).toBe('NotPaused()')
    await engine.act(governor, 'pause')
  })

  test('stops trades, funding, liquidations and deleveraging, not prices and deposits', async () => {
    await engine.act(guardian.address, 'pause')
    const nothing = { v: 27, r: `0x${'00'.repeat(32)}`, s: `0x${'00'.repeat(32)}` }
    const order = {
      account: alice.address,
      feedId: feedOf('BTC-USD'),
      size: 1n,
      price: 1n,
      maxFeeBps: 0,
      expiry: 0n,
      nonce: 0n,
    }
    const signed = { order, ...nothing }
    const stopped: readonly (readonly [string, readonly unknown[]])[] = [
      ['trade', [signed, signed, 1n, 1n]],
      ['tickFunding', [0n, [feedOf('BTC-USD')], [0n]]],
      ['liquidate', [alice.address, feedOf('BTC-USD'), 1n]],
      ['deleverage', [alice.address, keeper.address, feedOf('BTC-USD'), 1n]],
    ]
    for (const [name, args] of stopped)
      expect(await engine.refusal(operator.address, name, ...args)).toBe('EnginePaused()')
    await setPrice(engine, 'BTC-USD', e18(1))
    await deposit(engine, alice, usd(1))
  })

  test('holds withdrawals for seven days, however often it is repeated, and then for seven not', async () => {
    const begun = engine.now()
    const until = begun + BigInt(7 * day)
    await engine.act(guardian.address, 'pause')
    expect(await withdraw()).toBe(`WithdrawalsPaused(${until})`)
    await engine.warp(day)
    await engine.act(governor, 'unpause')
    expect(await withdraw()).toBe('nothing')
    await engine.act(guardian.address, 'pause')
    await engine.warp(6 * day - 1)
    expect(await withdraw()).toBe(`WithdrawalsPaused(${until})`)
    await engine.warp(1)
    expect(await withdraw()).toBe('nothing')
    await engine.act(governor, 'unpause')
    await engine.warp(7 * day - 1)
    await engine.act(guardian.address, 'pause')
    expect(await withdraw()).toBe('nothing')
    await engine.act(governor, 'unpause')
    await engine.warp(1)
    await engine.act(guardian.address, 'pause')
    expect(await withdraw()).toBe(`WithdrawalsPaused(${engine.now() + BigInt(7 * day)})`)
  })

  test('is followed by five minutes in which nobody is liquidated or deleveraged', async () => {
    await engine.act(guardian.address, 'pause')
    await engine.act(governor, 'unpause')
    const from = engine.now() + 300n
    for (const [name, args] of [
      ['liquidate', [alice.address, feedOf('BTC-USD'), 1n]],
      ['deleverage', [alice.address, keeper.address, feedOf('BTC-USD'), 1n]],
    ] as const)
      expect(await engine.refusal(operator.address, name, ...args)).toBe(
        `LiquidationsPaused(${from})`,
      )
    await engine.warp(300)
    expect(
      await engine.refusal(keeper.address, 'liquidate', alice.address, feedOf('BTC-USD'), 1n),
    ).toMatch(/^SizeTooLarge/)
  })
})

const market = async (bent: object) =>
  engine.refusal(
    governor,
    'setMarkets',
    [feedOf('BTC-USD')],
    [{ ...marketRules(aMarket()), ...bent }],
  )

const whole = async (bent: object) =>
  engine.refusal(governor, 'setEngineRules', { ...engineRules(someRules()), ...bent })

const withdraw = async () => engine.refusal(alice.address, 'withdraw', 1n, alice.address)
