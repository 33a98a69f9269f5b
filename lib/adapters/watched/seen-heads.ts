import * as z from 'zod/mini'

import { timestamp } from '../../domain/time.ts'
import type { HeadSight } from '../../domain/watch/system-sight.ts'
import type { RpcPlace, RpcRequest } from '../rpc.ts'

/** How the blocks of one kind of chain are asked for. */
export type BlockQuestions = {
  readonly newest: RpcRequest<SeenBlock>
  /** Undefined where the chain has no block of that number. */
  readonly hashAt: (number: number) => RpcRequest<string | undefined>
}

type SeenBlock = {
  readonly number: number
  readonly hash: string
  readonly timeMs: number
  readonly transactions?: number
}

/** What each place says of a chain's newest block, and of the one that was remembered. Never throws: a place that fails says so. */
export async function headsSeen(
  chain: string,
  places: readonly RpcPlace[],
  {
    questions,
    remembered,
  }: {
    readonly questions: BlockQuestions
    readonly remembered: { readonly number: number } | undefined
  },
): Promise<readonly HeadSight[]> {
  return Promise.all(
    places.map(async ({ place, rpc }): Promise<HeadSight> => {
      try {
        const [newest] = await rpc.values([questions.newest])
        const before =
          remembered === undefined
            ? undefined
            : await hashNow(rpc.answers.bind(rpc), questions.hashAt(remembered.number))
        const { timeMs, ...block } = newest
        return {
          chain,
          place,
          answer: {
            kind: 'head',
            ...block,
            time: timestamp(timeMs),
            ...(remembered &&
              before && { remembered: { number: remembered.number, hash: before.hash } }),
          },
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'no reason'
        return { chain, place, answer: { kind: 'trouble', reason } }
      }
    }),
  )
}

/** Absent where the node would not say: that a block is not known is an answer, trouble is none. */
async function hashNow(
  answers: RpcPlace['rpc']['answers'],
  question: RpcRequest<string | undefined>,
): Promise<{ readonly hash: string | undefined } | undefined> {
  const [answer] = await answers([question])
  if (answer.kind === 'result') return { hash: answer.value }
  return answer.error.code === blockNotFound ? { hash: undefined } : undefined
}

/** Starknet's own code; Ethereum nodes answer null. */
const blockNotFound = 24

/** Ethereum's and its rollups'. */
export const evmBlocks: BlockQuestions = {
  newest: {
    method: 'eth_getBlockByNumber',
    params: ['latest', false],
    read(result) {
      const { number, hash, timestamp: time, transactions } = EvmBlock.parse(result)
      return {
        number: Number(number),
        hash,
        timeMs: Number(time) * 1000,
        transactions: transactions.length,
      }
    },
  },
  hashAt: (number) => ({
    method: 'eth_getBlockByNumber',
    params: [`0x${number.toString(16)}`, false],
    read: (result) => z.nullable(EvmBlock).parse(result)?.hash,
  }),
}

export const starknetBlocks: BlockQuestions = {
  newest: {
    method: 'starknet_getBlockWithTxHashes',
    params: { block_id: 'latest' },
    read(result) {
      const { block_number, block_hash, timestamp: time, transactions } = StarkBlock.parse(result)
      return {
        number: block_number,
        hash: block_hash,
        timeMs: time * 1000,
        transactions: transactions.length,
      }
    },
  },
  hashAt: (number) => ({
    method: 'starknet_getBlockWithTxHashes',
    params: { block_id: { block_number: number } },
    read: (result) => StarkBlock.parse(result).block_hash,
  }),
}

const Hex = z.string().check(z.regex(/^0x[0-9a-fA-F]+$/))
const EvmBlock = z.object({
  number: Hex,
  hash: Hex,
  timestamp: Hex,
  transactions: z.array(z.unknown()),
})
const StarkBlock = z.object({
  block_number: z.number(),
  block_hash: Hex,
  timestamp: z.number(),
  transactions: z.array(z.unknown()),
})
