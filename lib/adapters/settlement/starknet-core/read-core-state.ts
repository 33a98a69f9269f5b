import type { Hex } from 'viem'
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import type { Block } from '../../../domain/transaction.ts'
import { blockAt, viewIn } from '../../evm-block.ts'
import type { Rpc, RpcRequest } from '../../rpc.ts'
import { coreAbi } from './core-abi.ts'
import type { CorePrograms } from './state-transition-fact.ts'

/** What the core says of itself, all of one block. */
export type CoreViews = CorePrograms & {
  /** −1 before the first. */
  readonly blockNumber: bigint
  readonly root: bigint
  readonly blockHash: bigint
  readonly configHash: bigint
}

export type CoreState = CoreViews & {
  /** Whether the account may bring updates. */
  readonly isOperator: boolean
  /** The block of L1 that it was read in. */
  readonly block: Block
}

/** Reads the core at L1's newest block, or at the newest that is final. The block first: the views are then of exactly that one (EIP-1898). */
export async function readCoreState(
  rpc: Rpc,
  {
    core,
    operator,
    tag,
  }: { readonly core: Hex; readonly operator: Hex; readonly tag: 'latest' | 'finalized' },
): Promise<CoreState> {
  const [block] = await rpc.values([blockAt(tag)])
  const at = { to: core, block }
  const [blockNumber, root, blockHash, programHash, aggregatorProgramHash, configHash, isOperator] =
    await rpc.values([
      view(at, 'stateBlockNumber'),
      view(at, 'stateRoot'),
      view(at, 'stateBlockHash'),
      view(at, 'programHash'),
      view(at, 'aggregatorProgramHash'),
      view(at, 'configHash'),
      operatorView(at, operator),
    ])
  return {
    blockNumber,
    root,
    blockHash,
    programHash,
    aggregatorProgramHash,
    configHash,
    isOperator,
    block,
  }
}

type At = { readonly to: Hex; readonly block: Block }

function view(
  at: At,
  functionName:
    | 'stateBlockNumber'
    | 'stateRoot'
    | 'stateBlockHash'
    | 'programHash'
    | 'aggregatorProgramHash'
    | 'configHash',
): RpcRequest<bigint> {
  return viewIn(at, encodeFunctionData({ abi: coreAbi, functionName }), (data) =>
    decodeFunctionResult({ abi: coreAbi, functionName, data }),
  )
}

function operatorView(at: At, operator: Hex): RpcRequest<boolean> {
  const functionName = 'isOperator'
  return viewIn(at, encodeFunctionData({ abi: coreAbi, functionName, args: [operator] }), (data) =>
    decodeFunctionResult({ abi: coreAbi, functionName, data }),
  )
}
