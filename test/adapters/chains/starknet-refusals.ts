import type { StarknetPerpetualOptions } from '../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { sol } from './starknet-world.ts'

/** One way to get a push of SOL-USD wrong, and the contract's word for it. */
type Refusal = {
  readonly what: string
  readonly reason: string
  readonly prices?: readonly string[]
  readonly afterMs?: number
  readonly by?: 'stranger'
  readonly options?: Partial<StarknetPerpetualOptions>
  /** Of `[nonce, asset, price, reports, (2, r, s, key, time, price) …]`. */
  readonly spoil?: (calldata: `0x${string}`[]) => void
}

const signedWords = 6
const firstSigned = 4

function plus(calldata: `0x${string}`[], index: number, more: bigint): void {
  calldata[index] = `0x${(BigInt(calldata[index] ?? 0) + more).toString(16)}`
}

export const refusals: readonly Refusal[] = [
  { what: 'one report', reason: 'QUORUM_NOT_REACHED', prices: ['150'] },
  {
    what: 'a price beside the median',
    reason: 'INVALID_MEDIAN',
    spoil: (calldata) => plus(calldata, 2, 1n),
  },
  {
    what: 'signers out of order',
    reason: 'SIGNED_PRICES_UNSORTED',
    spoil: (calldata) => calldata.push(...calldata.splice(firstSigned, signedWords)),
  },
  {
    what: 'reports an hour old',
    reason: 'INVALID_PRICE_TIMESTAMP',
    afterMs: -3_600_000,
  },
  {
    what: 'reports of the next hour',
    reason: 'INVALID_PRICE_TIMESTAMP',
    afterMs: 3_600_000,
  },
  {
    what: 'a signature on another price',
    reason: 'INVALID_STARK_KEY_SIGNATURE',
    spoil: (calldata) => plus(calldata, firstSigned + 5, 1n),
  },
  {
    what: 'a stranger’s key',
    reason: `ORACLE_PUBLIC_KEY_NOT_REGISTERED, asset_id: AssetId { value: ${BigInt(sol.assetId)} }, public_key: 7`,
    spoil: (calldata) => calldata.splice(firstSigned + 3, 1, '0x7'),
  },
  {
    what: 'a wrong operator nonce',
    reason: 'INVALID_NONCE: current!=received {nonce}!={wrong}',
    spoil: (calldata) => plus(calldata, 0, 9n),
  },
  { what: 'no role', reason: 'ONLY_OPERATOR', by: 'stranger' },
  {
    what: 'an asset nobody knows',
    reason: 'ASSET_NOT_EXISTS',
    spoil: (calldata) => calldata.splice(1, 1, '0x5'),
  },
  {
    what: 'a price beyond what is stored',
    reason: 'Value must be < 2^56',
    prices: ['1000000000', '1000000000'],
    options: { listings: [{ ...sol, resolutionFactor: 10n ** 12n }] },
  },
  {
    what: 'calldata that ends early',
    reason: 'Failed to deserialize param #4',
    spoil: (calldata) => calldata.splice(-1),
  },
]
