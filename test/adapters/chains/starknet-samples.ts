import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import type { StarknetFee } from '../../../lib/domain/fee.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { starkKey, wallClock } from './keys.ts'

export const secret = '0x71d7bb07b9a64f6f78ac4c816aff4da9'
const key = starkKey(secret)
export const account = '0x064b48806902a367c8598f4f95c305e8c1a1acba5f082d294a43793113115691'
export const chainId = '0x534e5f4d41494e'

/** A chain with one account; without an address it can only sign. */
export function open(url: string | readonly string[] = 'http://127.0.0.1:9', feeCap?: bigint) {
  return starknetChain({
    name: 'starknet',
    rpcUrls: [url].flat(),
    chainId,
    blockSeconds: 1,
    finalityBlocks: 10,
    keys: { [account]: key },
    clock: wallClock,
    ...(feeCap === undefined ? {} : { feeCap }),
  })
}

export const quiet: Call = {
  kind: 'starknet',
  to: '0x5',
  entrypoint: 'price_tick',
  calldata: ['0x1'],
}
export const fee: StarknetFee = {
  kind: 'starknet',
  tip: 100n,
  l1Gas: { maxAmount: 0n, maxPricePerUnit: 7n },
  l2Gas: { maxAmount: 1_000n, maxPricePerUnit: 100n },
  l1DataGas: { maxAmount: 10n, maxPricePerUnit: 11n },
}
