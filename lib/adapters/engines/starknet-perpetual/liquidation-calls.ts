import type {
  Deleverage,
  DeleveragePart,
  Liquidate,
  LiquidationPart,
} from '../../../domain/action.ts'
import type { CoreSignedOrder } from '../../../domain/liquidation/core-offer.ts'
import type { CoreGeneration } from '../../../domain/margin/starknet-margin.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex, feltOfSigned } from '../../starknet-felt.ts'
import { UnfitUpdateError } from './errors.ts'
import { isSpotPart, spotLiquidationCall } from './spot-liquidation.ts'

type Caller = {
  readonly engine: string
  readonly core: `0x${string}`
  /** The operator's, for the first call. */
  readonly nonce: bigint
}

/** One `liquidate`, or `liquidate_spot_asset`, for each part, with the operator's nonces one after the other. */
export function liquidationCalls(caller: Caller, action: Liquidate): readonly Call[] {
  const form = formOf(caller, action)
  return action.updates.map((part, at) => {
    const nonce = caller.nonce + BigInt(at)
    if (isSpotPart(part)) return spotLiquidationCall({ core: caller.core, nonce }, part)
    return call(caller, 'liquidate', [
      nonce,
      ...liquidationWords(caller, part),
      ...noInterest(form),
    ])
  })
}

/** One `deleverage` for each part. */
export function deleverageCalls(caller: Caller, action: Deleverage): readonly Call[] {
  const form = formOf(caller, action)
  return action.updates.map((part, at) =>
    call(caller, 'deleverage', [
      caller.nonce + BigInt(at),
      ...deleverageWords(caller, part),
      ...noInterest(form),
    ]),
  )
}

function formOf(
  { engine }: Caller,
  { form, kind }: { readonly form?: CoreGeneration; readonly kind: string },
): CoreGeneration {
  if (form !== undefined) return form
  throw new UnfitUpdateError(engine, kind, 'it was not decided for which form of its calls')
}

/** Generation D asks for the interest of both positions with it; none is always taken. */
function noInterest(form: CoreGeneration): readonly bigint[] {
  return form === 'D' ? [0n, 0n] : []
}

function liquidationWords({ engine }: Caller, part: LiquidationPart): readonly bigint[] {
  const { order, market, account, base, cash, penalty, reward } = part
  if (!order) throw new UnfitUpdateError(engine, market, 'nobody has signed an order for it')
  const { r, s } = order.signature
  return [
    2n,
    r,
    s,
    BigInt(account),
    ...orderWords(order),
    feltOfSigned(base),
    // The liquidator's gain is in the price.
    feltOfSigned(cash - reward),
    // What the liquidator pays to the exchange beside: nothing is asked.
    0n,
    penalty - reward,
  ]
}

function orderWords(order: CoreSignedOrder): readonly bigint[] {
  const collateral = BigInt(order.collateral)
  return [
    BigInt(order.position),
    BigInt(order.asset),
    feltOfSigned(order.base),
    collateral,
    feltOfSigned(order.quote),
    collateral,
    order.fee,
    order.expiration,
    order.salt,
  ]
}

function deleverageWords(
  { engine }: Caller,
  { market, account, counterparty, asset, base, quote }: DeleveragePart,
): readonly bigint[] {
  if (base === undefined || quote === undefined)
    throw new UnfitUpdateError(engine, market, 'it was not decided at which price')
  return [
    BigInt(account),
    BigInt(counterparty),
    BigInt(asset),
    feltOfSigned(base),
    feltOfSigned(quote),
  ]
}

function call({ core }: Caller, entrypoint: string, words: readonly bigint[]): Call {
  return { kind: 'starknet', to: core, entrypoint, calldata: words.map(feltHex) }
}
