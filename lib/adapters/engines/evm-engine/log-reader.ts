import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Rpc, RpcRequest } from '../../rpc.ts'
import { blockBy } from './snapshot.ts'

/** What is asked of every log: where the node saw it. */
type Placed = { readonly blockNumber: `0x${string}`; readonly blockHash: `0x${string}` }

export type LogsRead<Log> =
  | { readonly kind: 'logs'; readonly through: Block; readonly logs: readonly Log[] }
  /** The chain does not have both of the blocks now. */
  | { readonly kind: 'gone' }

/** Many hosts refuse more at once; those that allow less say so, and get less. */
const mostBlocks = 2_000

/** Reads logs after one block and up to another, or up to an earlier one where that is too much at once. */
export function logReader<Log extends Placed>({
  rpc,
  request,
}: {
  readonly rpc: Rpc
  /** Of these blocks, both included. */
  readonly request: (range: {
    readonly from: number
    readonly to: number
  }) => RpcRequest<readonly Log[]>
}): (after: BlockId, to: BlockId) => Promise<LogsRead<Log>> {
  let span = mostBlocks

  /** Undefined where the node refuses so many. */
  async function logsOf(after: BlockId, to: BlockId): Promise<LogsRead<Log> | undefined> {
    const end = Math.min(to.number, after.number + span)
    // The blocks last: what the logs were read of is what the chain had then.
    const [logs, first, last] = await rpc.answers([
      request({ from: after.number + 1, to: end }),
      blockBy(after.number),
      blockBy(end),
    ])
    if (logs.kind === 'error') return undefined
    if (first.kind === 'error' || last.kind === 'error') return { kind: 'gone' }
    if (first.value?.hash !== after.hash || !last.value) return { kind: 'gone' }
    if (end === to.number && last.value.hash !== to.hash) return { kind: 'gone' }
    const hashes = new Map([[last.value.number, last.value.hash]])
    for (const { blockNumber, blockHash } of logs.value) {
      const number = Number(blockNumber)
      // Two of them see different blocks of one number.
      if ((hashes.get(number) ?? blockHash) !== blockHash) return { kind: 'gone' }
      hashes.set(number, blockHash)
    }
    return { kind: 'logs', through: last.value, logs: logs.value }
  }

  return async (after, to) => {
    for (;;) {
      const count = Math.min(span, to.number - after.number)
      const found = await halvedOnTrouble(async () => logsOf(after, to))
      if (found) {
        span = Math.min(mostBlocks, span * 2)
        return found
      }
      if (count <= 1) await rpc.values([request({ from: to.number, to: to.number })])
      span = Math.max(1, Math.floor(count / 2))
    }
  }

  /** A host that breaks off, or calls too many logs too many questions, is asked for less the next time. */
  async function halvedOnTrouble<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      span = Math.max(1, Math.floor(span / 2))
      throw error
    }
  }
}
