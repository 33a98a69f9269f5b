import type { ApplyInterests, UpdateExchangeTime } from '../../../domain/action.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex, feltOfSigned } from '../../starknet-felt.ts'

type Contract = {
  readonly core: `0x${string}`
  /** Of the first call. */
  readonly nonce: bigint
}

/** `update_exchange_time(operator_nonce, new_timestamp)`. */
export function exchangeTimeCalls(
  contract: Contract,
  { updates }: UpdateExchangeTime,
): readonly Call[] {
  return updates.map(({ to }, at) =>
    exchangeTimeCall({ ...contract, nonce: contract.nonce + BigInt(at) }, to),
  )
}

/** `apply_interests(operator_nonce, position_interest_amounts)`, after the exchange's time where that is to be another one. */
export function interestCalls(
  { core, nonce }: Contract,
  { exchangeTime, updates }: ApplyInterests,
): readonly Call[] {
  if (exchangeTime !== undefined)
    return [
      exchangeTimeCall({ core, nonce }, exchangeTime),
      payments({ core, nonce: nonce + 1n }, updates),
    ]
  return [payments({ core, nonce }, updates)]
}

function exchangeTimeCall({ core, nonce }: Contract, to: bigint): Call {
  const calldata = [nonce, to].map(feltHex)
  return { kind: 'starknet', to: core, entrypoint: 'update_exchange_time', calldata }
}

function payments({ core, nonce }: Contract, updates: ApplyInterests['updates']): Call {
  const pairs = updates.flatMap(({ account, amount }) => [BigInt(account), feltOfSigned(amount)])
  const calldata = [nonce, BigInt(updates.length), ...pairs].map(feltHex)
  return { kind: 'starknet', to: core, entrypoint: 'apply_interests', calldata }
}
