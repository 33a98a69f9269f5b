import type { Account } from '../margin/account.ts'
import type { EvmLiquidationRules } from '../margin/evm-liquidation.ts'
import type { EvmBook } from '../margin/evm-margin.ts'
import type { StarkexMarks } from '../margin/starkex-margin.ts'
import type { CoreGeneration, CoreMarks } from '../margin/starknet-margin.ts'
import type { Market } from '../market.ts'
import type { Timestamp } from '../time.ts'
import type { Block } from '../transaction.ts'

/** All that one exchange decides liquidations by, of one block. */
export type LiquidationLook = EvmLiquidationLook | CoreLiquidationLook | StarkexLiquidationLook

type Look = {
  readonly block: Block
  readonly paused: boolean
  /** After a pause nobody is liquidated before that. */
  readonly from: Timestamp
  /** By asset, as holdings name them. */
  readonly markets: Readonly<Record<string, Market>>
  /** Smallest units of the collateral in one dollar. */
  readonly dollar: bigint
  /** By asset, when its price was posted, where the exchange tells. */
  readonly pricedAt?: Readonly<Record<string, Timestamp>>
}

export type EvmLiquidationLook = Look & {
  readonly kind: 'evm-engine'
  readonly insuranceFund: bigint
  /** Markets whose price is too old are not in it: the contract decides nothing by them. */
  readonly book: EvmBook
  readonly rules: EvmLiquidationRules
  /** The account that takes over what is liquidated. */
  readonly liquidator: Account
}

/** By our own record of prices and funding; the insurance fund of a StarkEx exchange, if it has one, is an account like others, and nobody says which. */
export type StarkexLiquidationLook = Look & {
  readonly kind: 'starkex'
  /** Without those whose price is too old. */
  readonly marks: StarkexMarks
  /** When the newest batch was made, after which nothing is known of accounts. */
  readonly accountsAt: Timestamp
  /** Our own position, where the network file names one. */
  readonly liquidator: Pick<Account, 'id'> | undefined
}

export type CoreLiquidationLook = Look & {
  readonly kind: 'starknet-perpetual'
  readonly insuranceFund: bigint
  readonly generation: CoreGeneration
  /** Active or not, but without those whose price is too old, or zero: the contract would decide by such a price, we do not. */
  readonly marks: CoreMarks
  /** Why the contract would refuse every liquidation now, in its own words; undefined where it would not. */
  readonly blocked: string | undefined
  /** Our own position, where this deployment signs orders of its own. */
  readonly liquidator: Account | undefined
}
