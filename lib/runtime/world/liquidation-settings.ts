import type { CoreTerms } from '../../domain/liquidation/plan-core-liquidations.ts'
import type { DeleverageSettings } from '../../keepers/deleverage.ts'
import type { LiquidationSettings } from '../../keepers/liquidate.ts'
import { accountFor } from '../network/accounts.ts'
import { entry } from '../network/entry.ts'
import type { Network } from '../network/schema.ts'

type EngineLiquidation = NonNullable<Network['engines'][string]['liquidation']>

type EvmLiquidation = NonNullable<
  Extract<Network['engines'][string], { kind: 'evm-engine' }>['liquidation']
>

type CoreLiquidation = NonNullable<
  Extract<Network['engines'][string], { kind: 'starknet-perpetual' }>['liquidation']
>

/** By exchange, how far the network file lets liquidations go. */
export function liquidationSettings({
  engines,
  chains,
}: Network): Readonly<Record<string, LiquidationSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]): [string, LiquidationSettings][] => {
      if (!engine.liquidation) return []
      const { mostPerSlot, mostNotionalUsd, leastRewardUsd } = engine.liquidation
      const leastProfitUsd =
        engine.kind === 'starkex' ? undefined : engine.liquidation.leastProfitUsd
      const chain = entry(chains, engine.chain)
      const self = chain && accountFor(chain, 'liquidation')?.account.address
      const settings: LiquidationSettings = {
        policy: { mostPerSlot, mostNotionalUsd, leastRewardUsd },
        ...commonSettings(engine.liquidation),
        ...(engine.kind === 'evm-engine'
          ? self !== undefined && keeperRules(engine.liquidation, self)
          : { terms: termsOf(engine.liquidation) }),
        ...(leastProfitUsd !== undefined && { leastProfitUsd }),
      }
      return [[name, settings]]
    }),
  )
}

/** By exchange, how losses that its insurance fund cannot pay are shared. */
export function deleverageSettings({
  engines,
}: Network): Readonly<Record<string, DeleverageSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]): [string, DeleverageSettings][] => {
      if (!engine.liquidation) return []
      const { adlRule: rule, mostPerSlot } = engine.liquidation
      return [[name, { rule, mostPerSlot, ...commonSettings(engine.liquidation) }]]
    }),
  )
}

function commonSettings({
  graceSeconds,
  stageSeconds,
  mostWaitSeconds,
  maxHeadBlocks,
  maxIndexLagSeconds,
  maxPriceAgeSeconds,
}: EngineLiquidation): Pick<LiquidationSettings, 'recovery' | 'freshness'> {
  return {
    recovery: { graceSeconds, stageSeconds, mostWaitSeconds },
    freshness: { maxHeadBlocks, maxIndexLagSeconds, maxPriceAgeSeconds },
  }
}

/** The same in every deployment, however their files write the addresses. */
function keeperRules(
  { keepers, staggerSeconds }: EvmLiquidation,
  self: string,
): Pick<LiquidationSettings, 'keepers'> {
  if (!keepers) return {}
  return {
    keepers: {
      keepers: keepers.map((keeper) => keeper.toLowerCase()),
      self: self.toLowerCase(),
      staggerSeconds,
    },
  }
}

/** What a contract leaves to whoever liquidates. */
export function termsOf({
  feeBps,
  discountBps,
  targetBps,
}: Pick<CoreLiquidation, 'feeBps' | 'discountBps' | 'targetBps'>): CoreTerms {
  return {
    feeBps: BigInt(feeBps),
    discountBps: BigInt(discountBps),
    targetBps: BigInt(targetBps),
  }
}
