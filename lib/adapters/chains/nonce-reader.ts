import type { Block } from '../../domain/transaction.ts'
import type { Requests, RpcAnswer, RpcRequest } from '../rpc.ts'
import { ChainUnavailableError } from './errors.ts'
import { failuresIn } from './gather.ts'
import { lagged } from './node-health.ts'
import { judgeNonce, nonceOfMost, remembered, type ToldNonce } from './nonce-memory.ts'
import { valueOf } from './refusal.ts'
import type { SetNode } from './rpc-node.ts'
import { methodsOf, type RpcSet } from './rpc-set.ts'

/** Reads accounts' nonces so that they never go backwards by the word of one node. */
export function nonceReader(options: {
  readonly chain: string
  readonly rpc: RpcSet
  readonly head: RpcRequest<Block>
  /** By included blocks, then with the pool. */
  readonly nonces: (account: string) => readonly [RpcRequest<bigint>, RpcRequest<bigint>]
  readonly read: (answer: RpcAnswer<bigint>, host: string) => number
}): (account: string) => Promise<{ readonly latest: number; readonly pending: number }> {
  const { chain, rpc, head, nonces, read } = options
  const highest = new Map<string, ToldNonce>()

  function toldBy(answers: readonly RpcAnswer[], host: string): ToldNonce {
    const [at, latest, pending] = answers as readonly [
      RpcAnswer<Block>,
      RpcAnswer<bigint>,
      RpcAnswer<bigint>,
    ]
    // The block first: the nonces are of that block or of a later one.
    return {
      at: valueOf(at, host),
      latest: read(latest, host),
      pending: read(pending, host),
    }
  }

  /** What most nodes say now, without what they say of the past. A node that alone says less is blamed for it. */
  async function byMost(requests: Requests, known: ToldNonce, account: string): Promise<ToldNonce> {
    const ends = await rpc.everywhere(requests, () => false)
    const said = ends.flatMap((end) => {
      if (end.kind === 'failed') return []
      const told = toldBy(end.value, end.node.name)
      return judgeNonce(known, told) === 'past' ? [] : [{ node: end.node, told }]
    })
    const most = nonceOfMost(said.map(({ told }) => told))
    if (!most) throw new ChainUnavailableError(chain, methodsOf(requests), failuresIn(ends))
    for (const { node, told } of said)
      if (told.latest < most.latest)
        node.blame(
          'behind',
          `its nonce of ${account} is ${told.latest}, that of most is ${most.latest}`,
        )
    return most
  }

  return async (account) => {
    const known = highest.get(account)
    const requests = [head, ...nonces(account)]

    function believed(answers: readonly RpcAnswer[], node: SetNode): ToldNonce {
      const told = toldBy(answers, node.name)
      if (known && judgeNonce(known, told) === 'past') {
        const blocks = known.at.number - told.at.number
        node.change((health) => lagged(health, blocks))
        throw node.blame('behind', `its nonce of ${account} is from ${blocks} blocks ago`)
      }
      return told
    }

    const first = await rpc.first(requests, believed)
    const contested = known && judgeNonce(known, first) === 'contested'
    const told = contested ? await byMost(requests, known, account) : first
    highest.set(account, remembered(known, told))
    return { latest: told.latest, pending: told.pending }
  }
}
