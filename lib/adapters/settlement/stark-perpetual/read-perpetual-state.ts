import type { Hex } from 'viem'
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import type { Block } from '../../../domain/transaction.ts'
import { blockAt, viewIn } from '../../evm-block.ts'
import type { Rpc, RpcRequest } from '../../rpc.ts'
import { perpetualAbi } from './perpetual-abi.ts'

/** What the exchange says of itself on L1, all of one block. Its roots and heights are left out: they never change. */
export type PerpetualState = {
  /** How many batches it has. */
  readonly sequenceNumber: bigint
  readonly lastBatchId: bigint
  readonly isFrozen: boolean
  readonly globalConfigurationHash: Hex
  /** Of the assets asked about, in their order; zero where an asset has none. */
  readonly configurations: readonly { readonly asset: bigint; readonly hash: Hex }[]
  /** Seconds between the registration of a configuration and its use. */
  readonly configurationDelay: bigint
  /** All of them must know a batch's fact. */
  readonly verifiers: readonly Hex[]
  readonly availabilityVerifiers: readonly Hex[]
  /** How many forced requests there ever were. */
  readonly forcedRequests: bigint
  /** Whether the account may bring batches. */
  readonly isOperator: boolean
  /** The block of L1 that it was read in. */
  readonly block: Block
}

/** Reads the exchange at L1's newest block, or at the newest that is final. The block first: the views are then of exactly that one (EIP-1898). */
export async function readPerpetualState(
  rpc: Rpc,
  {
    perpetual,
    operator,
    assets,
    tag,
  }: {
    readonly perpetual: Hex
    readonly operator: Hex
    readonly assets: readonly bigint[]
    readonly tag: 'latest' | 'finalized'
  },
): Promise<PerpetualState> {
  const [block] = await rpc.values([blockAt(tag)])
  const ask = viewsOf(perpetual, block)
  const [views, configurations] = await Promise.all([
    rpc.values([
      ask.number('getSequenceNumber'),
      ask.number('getLastBatchId'),
      ask.flag('isFrozen'),
      ask.globalConfiguration,
      ask.number('configurationDelay'),
      ask.contracts('getRegisteredVerifiers'),
      ask.contracts('getRegisteredAvailabilityVerifiers'),
      ask.number('getActionCount'),
      ask.isOperator(operator),
    ]),
    rpc.values(assets.map((asset) => ask.configuration(asset))),
  ])
  const [sequenceNumber, lastBatchId, isFrozen, globalConfigurationHash, ...others] = views
  const [configurationDelay, verifiers, availabilityVerifiers, forcedRequests, mayBring] = others
  return {
    sequenceNumber,
    lastBatchId,
    isFrozen,
    globalConfigurationHash,
    configurations: assets.map((asset, at) => ({ asset, hash: configurations[at] ?? '0x' })),
    configurationDelay,
    verifiers,
    availabilityVerifiers,
    forcedRequests,
    isOperator: mayBring,
    block,
  }
}

function viewsOf(to: Hex, block: Block) {
  const call = <T>(data: Hex, decode: (data: Hex) => T): RpcRequest<T> =>
    viewIn({ to, block }, data, decode)
  const abi = perpetualAbi
  return {
    number: (
      functionName:
        | 'getSequenceNumber'
        | 'getLastBatchId'
        | 'configurationDelay'
        | 'getActionCount',
    ) =>
      call(encodeFunctionData({ abi, functionName }), (data) =>
        decodeFunctionResult({ abi, functionName, data }),
      ),
    flag: (functionName: 'isFrozen') =>
      call(encodeFunctionData({ abi, functionName }), (data) =>
        decodeFunctionResult({ abi, functionName, data }),
      ),
    contracts: (functionName: 'getRegisteredVerifiers' | 'getRegisteredAvailabilityVerifiers') =>
      call(encodeFunctionData({ abi, functionName }), (data) =>
        decodeFunctionResult({ abi, functionName, data }),
      ),
    globalConfiguration: call(
      encodeFunctionData({ abi, functionName: 'globalConfigurationHash' }),
      (data) => decodeFunctionResult({ abi, functionName: 'globalConfigurationHash', data }),
    ),
    configuration: (asset: bigint) =>
      call(encodeFunctionData({ abi, functionName: 'configurationHash', args: [asset] }), (data) =>
        decodeFunctionResult({ abi, functionName: 'configurationHash', data }),
      ),
    isOperator: (account: Hex) =>
      call(encodeFunctionData({ abi, functionName: 'isOperator', args: [account] }), (data) =>
        decodeFunctionResult({ abi, functionName: 'isOperator', data }),
      ),
  }
}
