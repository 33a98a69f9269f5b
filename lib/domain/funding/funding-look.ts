import { timestamp, type Timestamp } from '../time.ts'
import type { Block } from '../transaction.ts'
import type { EvmFunding } from './evm-funding-tick.ts'
import type { CoreFunding } from './funding-tick.ts'
import type { StarkexFunding } from './starkex-funding-tick.ts'

/** What one exchange knows of its funding, of one block. */
export type FundingLook = { readonly block: Block } & (
  | {
      readonly kind: 'starknet-perpetual'
      readonly core: CoreFunding
      /** By market. */
      readonly assets: Readonly<Record<string, bigint>>
      /** How many it must be told of; more than are listed here where the network file lacks some. */
      readonly activeSynthetics: number
    }
  | {
      readonly kind: 'evm-engine'
      readonly engine: EvmFunding
      /** By market. */
      readonly feeds: Readonly<Record<string, `0x${string}`>>
    }
  | {
      readonly kind: 'starkex'
      /** By our own record: the exchange tells nobody. */
      readonly exchange: StarkexFunding
      /** By market. */
      readonly assets: Readonly<Record<string, bigint>>
      /** Markets that were settled there before and that the network file lists no more. */
      readonly unlisted: readonly string[]
    }
)

/** When funding was settled last, of the market that waits longest; undefined where it never was. */
export function lastSettledAt(look: FundingLook): Timestamp | undefined {
  if (look.kind === 'starknet-perpetual') return look.core.lastFundingTick
  if (look.kind === 'starkex')
    return look.exchange.indices.size > 0 ? look.exchange.lastFundingTick : undefined
  const { markets, epochSeconds } = look.engine
  const oldest = Math.min(...markets.map(({ fundingEpoch }) => fundingEpoch))
  return Number.isFinite(oldest) && oldest > 0 ? timestamp(oldest * epochSeconds * 1000) : undefined
}
