import type { Order } from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { existingAsset, useFreshAssets, useNonceThenFreshAssets } from './core-rules-access.ts'
import { withInterest } from './core-rules-interest.ts'
import { checkTrade, collateralId, orderWords } from './core-rules-orders.ts'
import {
  checkHealthier,
  credited,
  exchanged,
  existingPosition,
  feePosition,
  withPositions,
} from './core-rules-positions.ts'
import { checkOwnerSignature, fulfilled, orderHashOf } from './core-rules-signatures.ts'
import type { CoreCall, CoreEffect, CoreEvent, CoreState } from './core-state.ts'
import { felt, hex } from './felt.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Orders: starknet-perpetual core.cairo, `trade` of generation C and `multi_trade` of D.

/** Two orders and what is settled of them, seen from `a`. */
export type SignedTrade = {
  readonly signatureA: readonly bigint[]
  readonly signatureB: readonly bigint[]
  readonly orderA: Order
  readonly orderB: Order
  readonly actualAmountBaseA: bigint
  readonly actualAmountQuoteA: bigint
  readonly actualFeeA: bigint
  readonly actualFeeB: bigint
}

type InterestedTrade = SignedTrade & {
  readonly interestAmountA: bigint
  readonly interestAmountB: bigint
}

/** One trade of generation C. */
export function trade(
  core: CoreState,
  call: CoreCall,
  args: SignedTrade & { readonly operatorNonce: bigint },
): CoreEffect {
  const used = useFreshAssets(core, call, args.operatorNonce)
  return settled(used, call, { ...args, interestAmountA: 0n, interestAmountB: 0n })
}

/** Any number of trades of generation D, all or none. */
export function multiTrade(
  core: CoreState,
  call: CoreCall,
  args: { readonly operatorNonce: bigint; readonly trades: readonly InterestedTrade[] },
): CoreEffect {
  let next = useNonceThenFreshAssets(core, call, args.operatorNonce)
  const events: CoreEvent[] = []
  for (const one of args.trades) {
    const { kind } = existingAsset(next, one.orderA.baseAssetId)
    assertFelt(kind !== 'vault-share', 'VAULT_SHARE_NO_TRADE')
    const effect = settled(next, call, one)
    next = effect.core
    events.push(...effect.events)
  }
  return { core: next, events }
}

function settled(core: CoreState, call: CoreCall, one: InterestedTrade): CoreEffect {
  const { orderA, orderB, actualFeeA, actualFeeB } = one
  const [base, quote] = [one.actualAmountBaseA, one.actualAmountQuoteA]
  checkTrade(core, call.now, {
    a: orderA,
    b: orderB,
    base,
    quote,
    feeA: actualFeeA,
    feeB: actualFeeB,
    quoteId: collateralId,
  })
  const a = existingPosition(core, orderA.positionId)
  const b = existingPosition(core, orderB.positionId)
  const [hashA, hashB] = [orderHashOf(core, orderA, a), orderHashOf(core, orderB, b)]
  checkOwnerSignature(a, hashA, one.signatureA)
  checkOwnerSignature(b, hashB, one.signatureB)
  const filled = [
    { position: orderA.positionId, hash: hashA, ordered: orderA.baseAmount, actual: base },
    { position: orderB.positionId, hash: hashB, ordered: orderB.baseAmount, actual: base },
  ].reduce(fulfilled, core)
  const touchedA = withInterest(filled, call, { position: a, amount: one.interestAmountA })
  const touchedB = withInterest(touchedA.core, call, { position: b, amount: one.interestAmountB })
  const asset = hex(orderA.baseAssetId)
  const exchangeA = { asset, base, quote, fee: actualFeeA, interest: one.interestAmountA }
  const exchangeB = {
    asset,
    base: -base,
    quote: -quote,
    fee: actualFeeB,
    interest: one.interestAmountB,
  }
  const afterA = exchanged(core, touchedA.position, exchangeA)
  const afterB = exchanged(core, touchedB.position, exchangeB)
  checkHealthier(core, { before: a, after: afterA })
  checkHealthier(core, { before: b, after: afterB })
  const traded = withPositions(touchedB.core, [afterA, afterB])
  const interests = core.generation === 'D' ? [one.interestAmountA, one.interestAmountB] : []
  return {
    core: credited(traded, feePosition, actualFeeA + actualFeeB),
    events: [
      {
        keys: [selectorOf('Trade'), orderA.positionId, orderB.positionId, hashA, hashB],
        data: [
          ...orderWords(orderA),
          ...orderWords(orderB),
          ...[base, quote, actualFeeA, actualFeeB, ...interests].map(felt),
        ],
      },
    ],
  }
}
