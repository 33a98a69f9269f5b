import type { Hex } from 'viem'
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'
import * as z from 'zod/mini'

import { timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
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
  const at = { core, block }
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

type At = { readonly core: Hex; readonly block: Block }

/** `finalized` is that of the chain's own consensus; a node that has none yet answers null, which is its fault. */
function blockAt(tag: 'latest' | 'finalized'): RpcRequest<Block> {
  return {
    method: 'eth_getBlockByNumber',
    params: [tag, false],
    read(result) {
      const { number, hash, timestamp: time } = Header.parse(result)
      return { number: Number(number), hash, time: timestamp(Number(time) * 1000) }
    },
  }
}

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
  return ask(at, encodeFunctionData({ abi: coreAbi, functionName }), (data) =>
    decodeFunctionResult({ abi: coreAbi, functionName, data }),
  )
}

function operatorView(at: At, operator: Hex): RpcRequest<boolean> {
  const functionName = 'isOperator'
  return ask(at, encodeFunctionData({ abi: coreAbi, functionName, args: [operator] }), (data) =>
    decodeFunctionResult({ abi: coreAbi, functionName, data }),
  )
}

function ask<T>({ core, block }: At, data: Hex, decode: (data: Hex) => T): RpcRequest<T> {
  return {
    method: 'eth_call',
    params: [{ to: core, data }, { blockHash: block.hash }],
    read: (result) => decode(Data.parse(result)),
  }
}

const Data = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Header = z.object({
  number: Data,
  hash: z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))]),
  timestamp: Data,
})
