import { getStarkKey, pedersen, sign } from '@scure/starknet'

import type { CallOutcome } from '../../../../infra/local/starknet-box/call-contract.ts'
import { callCore, type CoreAnswer } from '../../../../infra/local/starknet-box/call-core.ts'
import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'

export const operator = 0xa11cen
export const governor = 0x90f3n
export const stranger = 0x57an

export type CoreCalled = {
  readonly name: string
  readonly calldata: readonly bigint[]
  readonly caller?: bigint
  /** Seconds. */
  readonly now: bigint
}

export function run(core: CoreState, { name, calldata, caller, now }: CoreCalled): CoreAnswer {
  const call = { caller: caller ?? operator, now }
  return callCore(core, call, { selector: selectorOf(name), calldata })
}

/** `ok`, or the text of the panic without its quotes and hex. */
export function outcome(answer: CoreAnswer): string {
  return outcomeOf(answer)
}

/** The same of a call of any contract. */
export function outcomeOf(answer: CoreAnswer | CallOutcome): string {
  if (answer.kind !== 'panic') return answer.kind
  const { readable } = answer.panic
  return /\('(.*)'\)$/.exec(readable)?.[1] ?? readable.replaceAll('"', '')
}

const oracleKey = '0x1234567'
export const oraclePublicKey = getStarkKey(oracleKey)
export const assetName = 0x5445535455534400000000000000000n
export const oracleName = 0x4f52434c31n

/** The calldata of a price tick with the one oracle of our own; `signedPrice` differs from `price` where the median shall be wrong. */
export function priceTickCalldata({
  nonce,
  assetId,
  price,
  signedPrice = price,
  timestamp,
}: {
  readonly nonce: bigint
  readonly assetId: bigint
  readonly price: bigint
  readonly signedPrice?: bigint
  readonly timestamp: bigint
}): readonly bigint[] {
  const hash = pedersen((assetName << 40n) + oracleName, (signedPrice << 32n) + timestamp)
  const { r, s } = sign(hash.slice(2), oracleKey.slice(2))
  const signed = [2n, r, s, BigInt(oraclePublicKey), timestamp, signedPrice]
  return [nonce, assetId, price, 1n, ...signed]
}
