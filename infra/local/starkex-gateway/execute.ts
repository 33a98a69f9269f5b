import { type CarriedState, withFunding, withPrices } from './carried-state.ts'
import { checkFundingTick } from './funding-rules.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { GatewayTransaction } from './gateway-transaction.ts'
import { deleveraged, liquidated } from './position-transactions.ts'
import { checkTick } from './tick-rules.ts'

/** The state after a transaction that comes now; throws a `Refusal` where StarkEx would refuse it. */
export function executed(
  config: GatewayConfig,
  state: CarriedState,
  { tx, now }: { readonly tx: GatewayTransaction; readonly now: bigint },
): CarriedState {
  switch (tx.type) {
    case 'ORACLE_PRICES_TICK':
      checkTick(config, tx, { systemTime: state.systemTime, now })
      return withPrices(state, tx)
    case 'FUNDING_TICK':
      checkFundingTick(config, tx, { state, now })
      return withFunding(state, tx)
    case 'LIQUIDATE':
      return liquidated(config, state, { ...tx, seconds: now })
    case 'DELEVERAGE':
      return deleveraged(config, state, tx)
  }
}

/** The same of one that was taken before: neither signatures nor times are looked at again. */
export function executedAgain(
  config: GatewayConfig,
  state: CarriedState,
  tx: GatewayTransaction,
): CarriedState {
  switch (tx.type) {
    case 'ORACLE_PRICES_TICK':
      return withPrices(state, tx)
    case 'FUNDING_TICK':
      return withFunding(state, tx)
    case 'LIQUIDATE':
      return liquidated(config, state, { ...tx, seconds: undefined })
    case 'DELEVERAGE':
      return deleveraged(config, state, tx)
  }
}
