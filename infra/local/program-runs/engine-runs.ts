import { z } from 'zod'

import {
  type EngineAction,
  masked,
  rootAfter,
} from '../../../lib/adapters/batches/engine-actions.ts'
import { askNode } from './ask-node.ts'
import { coreRunOf, type MakeRun } from './made-run.ts'

const Text = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]*$/)])
const Header = z.object({ hash: Text })
const Logs = z.array(z.object({ topics: z.array(Text), data: Text }))

/** Runs over the actions of an EVM engine. What is published of them is the actions themselves. */
export function engineRuns({
  nodeUrl,
  engine,
  configHash,
}: {
  readonly nodeUrl: string
  readonly engine: `0x${string}`
  /** That the core on L1 was set up with. */
  readonly configHash: bigint
}): MakeRun {
  async function hashOf(number: number): Promise<bigint | undefined> {
    const read = Header.safeParse(
      await askNode(nodeUrl, 'eth_getBlockByNumber', [inHex(number), false]),
    )
    return read.success ? BigInt(masked(read.data.hash)) : undefined
  }

  return async (wanted, spoilt) => {
    const { first, last, previousRoot } = wanted
    const before = first === 0 ? wanted.previousHash : await hashOf(first - 1)
    const [fromBlock, toBlock] = [first, last].map(inHex)
    const asked = await askNode(nodeUrl, 'eth_getLogs', [{ address: engine, fromBlock, toBlock }])
    if (before !== wanted.previousHash || (await hashOf(last)) !== wanted.lastHash) return undefined
    const actions = Logs.parse(asked)
    return coreRunOf(
      {
        wanted,
        previousRoot,
        newRoot: BigInt(rootAfter(`0x${previousRoot.toString(16)}`, actions)),
        configHash,
        data: actions.flatMap(wordsOf),
        size: actions.length,
      },
      spoilt,
    )
  }
}

/** What fits into a word of the field. */
const chunkBytes = 31

/** Its number of topics and of bytes, and both in pieces that are words. */
function wordsOf({ topics, data }: EngineAction): readonly bigint[] {
  const bytes = Buffer.from([...topics, data].map((part) => part.slice(2)).join(''), 'hex')
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, at) =>
    bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  )
  return [
    BigInt(topics.length),
    BigInt(bytes.length),
    ...chunks.map((chunk) => BigInt(`0x${chunk.toString('hex')}`)),
  ]
}

function inHex(value: number): `0x${string}` {
  return `0x${value.toString(16)}`
}
