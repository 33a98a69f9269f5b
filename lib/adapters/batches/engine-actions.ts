import { hexToBytes, keccak256 } from 'viem/utils'
import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { RpcRequest } from '../rpc.ts'

/** What the engine told in a transaction: one step of its state. */
export type EngineAction = {
  readonly topics: readonly `0x${string}`[]
  readonly data: `0x${string}`
}

/** The actions of one block, in their order. */
export type ActionBlock = {
  readonly number: number
  /** As the chain has it, of 256 bits. */
  readonly hash: `0x${string}`
  readonly actions: readonly EngineAction[]
}

/** A block of the chain that the engine is on. */
export type EngineHeader = {
  readonly number: number
  readonly hash: `0x${string}`
  readonly time: Timestamp
}

/** The words of an output are below Starknet's prime, of 252 bits: what has 256 is cut to what surely is (as StarkEx and Starknet cut keccak). */
const wordBits = 250

/** The low 250 bits of a hash. */
export function masked(hash: `0x${string}`): `0x${string}` {
  return `0x${BigInt.asUintN(wordBits, BigInt(hash)).toString(16)}`
}

/**
 * The root after some actions: each is hashed into it with all that it says. It follows from the root before and the actions
 * alone; where there are none, it is the same.
 */
export function rootAfter(root: `0x${string}`, actions: readonly EngineAction[]): `0x${string}` {
  return actions.reduce(
    (before, { topics, data }) =>
      masked(
        keccak256(
          Buffer.concat([
            word(BigInt(before)),
            word(BigInt(topics.length)),
            ...topics.map((topic) => hexToBytes(topic)),
            hexToBytes(data),
          ]),
        ),
      ),
    root,
  )
}

/** What the chain keeps of it, as L1 counts calldata. */
export function bytesOf({ topics, data }: EngineAction): number {
  return topics.length * wordBytes + (data.length - 2) / 2
}

const wordBytes = 32

function word(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * wordBytes, '0'), 'hex')
}

const Hash = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))])
const Bytes = z.templateLiteral(['0x', z.string().check(z.regex(/^(?:[0-9a-f]{2})*$/))])
const Quantity = z.pipe(
  z.string().check(z.regex(/^0x[0-9a-f]{1,13}$/)),
  z.transform((text) => Number(text)),
)

const Log = z.object({
  topics: z.array(Hash).check(z.maxLength(4)),
  data: Bytes,
  blockNumber: Quantity,
  blockHash: Hash,
  logIndex: Quantity,
})

/** Everything that the engine told in these blocks, both included. */
export function actionsIn(
  engine: `0x${string}`,
  { from, to }: { readonly from: number; readonly to: number },
): RpcRequest<readonly ActionBlock[]> {
  return {
    method: 'eth_getLogs',
    params: [{ address: engine, fromBlock: inHex(from), toBlock: inHex(to) }],
    read: (result) => byBlock(z.array(Log).parse(result)),
  }
}

/** Throws where the logs of one number are of two blocks. */
function byBlock(logs: readonly z.output<typeof Log>[]): readonly ActionBlock[] {
  return [...Map.groupBy(logs, ({ blockNumber }) => blockNumber)]
    .toSorted(([one], [other]) => one - other)
    .map(([number, [first, ...rest]]) => {
      if (!first || rest.some(({ blockHash }) => blockHash !== first.blockHash))
        throw new TypeError(`block ${number} is two blocks`)
      const actions = [first, ...rest]
        .toSorted((one, other) => one.logIndex - other.logIndex)
        .map(({ topics, data }) => ({ topics, data }))
      return { number, hash: first.blockHash, actions }
    })
}

const Header = z.object({ number: Quantity, hash: Hash, timestamp: Quantity })

/** A block's header; undefined where the node has none of that number. */
export function engineHeader(number: number): RpcRequest<EngineHeader | undefined> {
  return {
    method: 'eth_getBlockByNumber',
    params: [inHex(number), false],
    read(result) {
      if (result === null) return undefined
      const header = Header.parse(result)
      z.literal(number).parse(header.number)
      return { number, hash: header.hash, time: timestamp(header.timestamp * 1000) }
    },
  }
}

function inHex(value: number): `0x${string}` {
  return `0x${value.toString(16)}`
}
