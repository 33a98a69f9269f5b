import { createHash } from 'node:crypto'

import { type EvmFee, type Fee, FeeCapError } from '../../lib/domain/fee.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type {
  Block,
  BroadcastAnswer,
  Call,
  TransactionStatus,
} from '../../lib/domain/transaction.ts'
import type { Chain, Clock } from '../../lib/ports.ts'

export const account = '0x00000000000000000000000000000000000000aa'

/** What takes effect: the data of a call that was in a block and not reverted. */
export type Effect = { readonly data: string; readonly nonce: number }

/** A chain in memory: blocks on request, a pool with nonce rules and replacement by fee, and whatever goes wrong with those. */
export type FakeChain = Omit<Chain, 'blockSeconds'> & {
  /** Long, so that no test waits for blocks but those that mean to. */
  blockSeconds: number
  /** A block for each transaction of the pool that may go in, or an empty one. */
  mine(): void
  /** Takes the newest blocks back; their transactions return to the pool, or are gone. */
  reorg(depth: number, fate: 'pool' | 'dropped'): void
  /** The pool forgets everything. */
  evict(): void
  /** A transaction of the same account that this lane has not signed takes the account's next nonce in a block. */
  foreign(): void
  /** Takes the account's next nonce in the pool. */
  foreignInPool(): void
  /** Blocks come, but nothing of the pool goes in. */
  stalled: boolean
  /** How many blocks the node that answers is behind. It does not know the pool then. */
  lag: number
  /** What a gas unit costs; transactions that offer less wait, and replacements are signed for it. */
  price: bigint
  feeCap: bigint | undefined
  /** What its account can pay. */
  money: bigint
  /** What the pool says to bytes that it would take otherwise. */
  refuses: (
    nonce: number,
    bytes: string,
  ) => Extract<BroadcastAnswer, { kind: 'refused' }>['why'] | undefined
  /** Why a call has no effect, in a block and in a simulation. */
  reverts: (data: string) => string | undefined
  /** Only in a block: a simulation does not see it coming. */
  revertsLater: (data: string) => string | undefined
  /** Nonces above the next one are refused (Starknet) where they are not queued (EVM). */
  refusesGaps: boolean
  /** Told of each broadcast before it has any effect. */
  onBroadcast: (bytes: string) => void
  readonly broadcasts: readonly string[]
  /** In the order of the chain, as it is now. */
  effects(): readonly Effect[]
  inPool(): number
  height(): number
}

type Sent = {
  readonly nonce: number
  readonly price: bigint
  readonly data: readonly string[]
  readonly hash: `0x${string}`
}

type Mined = { readonly sent: Sent; readonly reason: string | undefined }

type MinedBlock = Block & { readonly mined: readonly Mined[] }

export function fakeChain({
  clock,
  name = 'fake',
  finalityBlocks = 3,
}: {
  readonly clock: Clock
  readonly name?: string
  readonly finalityBlocks?: number
}): FakeChain {
  let blocks: MinedBlock[] = []
  let made = 0
  let pool: Sent[] = []
  const broadcasts: string[] = []

  function append(mined: readonly Mined[]): void {
    made += 1
    const time = timestamp(Math.max(clock.now(), blocks.at(-1)?.time ?? 0))
    blocks = [...blocks, { number: blocks.length, hash: hashOf(`block ${made}`), time, mined }]
  }

  const seen = (): readonly MinedBlock[] =>
    chain.lag === 0 ? blocks : blocks.slice(0, Math.max(1, blocks.length - chain.lag))
  const nonceIn = (of: readonly MinedBlock[]): number =>
    of.reduce((count, { mined }) => count + mined.length, 0)
  const nonceWithPool = (): number => {
    let next = nonceIn(blocks)
    while (pool.some(({ nonce }) => nonce === next)) next += 1
    return next
  }
  const why = ({ data }: Sent): string | undefined =>
    data
      .map((one) => chain.reverts(one) ?? chain.revertsLater(one))
      .find((reason) => reason !== undefined)

  append([])

  const chain: FakeChain = {
    name,
    kind: 'evm',
    blockSeconds: 3_600,
    finalityBlocks,
    nodes: () => [],
    check: async () => [],
    stalled: false,
    lag: 0,
    price: 100n,
    feeCap: undefined,
    money: 1_000_000n,
    refuses: () => undefined,
    reverts: () => undefined,
    revertsLater: () => undefined,
    refusesGaps: false,
    onBroadcast: () => undefined,
    broadcasts,

    mine() {
      const before = blocks.length
      for (let next = nonceIn(blocks); ; next += 1) {
        const sent = chain.stalled ? undefined : pool.find(({ nonce }) => nonce === next)
        if (!sent || sent.price < chain.price) break
        pool = pool.filter((one) => one !== sent)
        append([{ sent, reason: why(sent) }])
      }
      if (blocks.length === before) append([])
    },

    reorg(depth, fate) {
      const gone = blocks.slice(Math.max(1, blocks.length - depth))
      blocks = blocks.slice(0, blocks.length - gone.length)
      const back = gone.flatMap(({ mined }) => mined.map(({ sent }) => sent))
      if (fate === 'dropped') return
      pool = [...back, ...pool.filter(({ nonce }) => !back.some((one) => one.nonce === nonce))]
    },

    evict() {
      pool = []
    },

    foreign() {
      const sent = aForeign(nonceIn(blocks), chain.price)
      pool = pool.filter(({ nonce }) => nonce !== sent.nonce)
      append([{ sent, reason: undefined }])
    },

    foreignInPool() {
      pool = [...pool, aForeign(nonceWithPool(), chain.price)]
    },

    effects: () =>
      blocks
        .flatMap(({ mined }) => mined)
        .filter(({ reason }) => reason === undefined)
        .flatMap(({ sent }) => sent.data.map((data) => ({ data, nonce: sent.nonce }))),
    inPool: () => pool.length,
    height: () => blocks.length,

    head: async () => blockOf(seen().at(-1) ?? genesis),
    block: async (number) => {
      const block = seen()[number]
      return block && blockOf(block)
    },

    async nonce() {
      const latest = nonceIn(seen())
      return { latest, pending: chain.lag === 0 ? nonceWithPool() : latest }
    },

    async simulate(_account, calls) {
      const reason = calls
        .map((call) => chain.reverts(dataOf(call)))
        .find((one) => one !== undefined)
      if (reason !== undefined) return { kind: 'reverted', reason }
      return { kind: 'ok', fee: feeOf(chain.price) }
    },

    async sign(_account, { calls, nonce, fee }) {
      const { maxFeePerGas } = evm(fee)
      if (chain.feeCap !== undefined && maxFeePerGas > chain.feeCap)
        throw new FeeCapError(name, maxFeePerGas, chain.feeCap)
      const data = calls.map(dataOf)
      const bytes = JSON.stringify({ nonce, price: maxFeePerGas.toString(), data })
      return { hash: hashOf(bytes), bytes, fee }
    },

    async broadcast(bytes) {
      chain.onBroadcast(bytes)
      broadcasts.push(bytes)
      const sent = read(bytes)
      const landed = blocks.some(({ mined }) => mined.some((one) => one.sent.hash === sent.hash))
      if (landed || pool.some(({ hash }) => hash === sent.hash)) return { kind: 'known' }
      const refused = refusal(sent, bytes)
      if (refused) return { kind: 'refused', why: refused, reason: `the pool says ${refused}` }
      pool = [...pool.filter(({ nonce }) => nonce !== sent.nonce), sent]
      return { kind: 'accepted' }
    },

    async status(hash) {
      for (const block of seen()) {
        const found = block.mined.find(({ sent }) => sent.hash === hash)
        if (found) return included(block, found)
      }
      const known = chain.lag === 0 && pool.some((sent) => sent.hash === hash)
      return { kind: known ? 'pending' : 'unknown' }
    },

    bump(fee, market) {
      const price = (evm(fee).maxFeePerGas * 9n + 7n) / 8n
      return feeOf(price > evm(market).maxFeePerGas ? price : evm(market).maxFeePerGas)
    },

    mostOf: (fee) => evm(fee).gas * evm(fee).maxFeePerGas,

    balance: async () => chain.money,
  }

  function refusal(sent: Sent, bytes: string): ReturnType<FakeChain['refuses']> {
    if (sent.nonce < nonceIn(blocks)) return 'nonce-too-low'
    if (chain.refusesGaps && sent.nonce > nonceWithPool()) return 'nonce-too-high'
    const before = pool.find(({ nonce }) => nonce === sent.nonce)
    if (before && sent.price * 8n < before.price * 9n) return 'underpriced'
    if (sent.price > chain.money) return 'funds'
    return chain.refuses(sent.nonce, bytes)
  }

  return chain
}

/** The data of the calls in signed bytes. */
export function read(bytes: string): Sent {
  const { nonce, price, data } = JSON.parse(bytes) as {
    readonly nonce: number
    readonly price: string
    readonly data: readonly string[]
  }
  return { nonce, price: BigInt(price), data, hash: hashOf(bytes) }
}

const genesis: Block = { number: 0, hash: '0x00', time: timestamp(0) }

function blockOf({ number, hash, time }: Block): Block {
  return { number, hash, time }
}

function included(block: Block, { reason }: Mined): TransactionStatus {
  const outcome = reason === undefined ? 'succeeded' : 'reverted'
  return { kind: 'included', block: blockOf(block), outcome, reason, feePaid: 1n, final: false }
}

function dataOf(call: Call): string {
  if (call.kind === 'evm') return call.data
  return call.kind === 'starknet' ? call.calldata.join() : call.transaction
}

function feeOf(maxFeePerGas: bigint): EvmFee {
  return { kind: 'evm', gas: 1n, maxFeePerGas, maxPriorityFeePerGas: maxFeePerGas }
}

function evm(fee: Fee): EvmFee {
  if (fee.kind !== 'evm') throw new TypeError('the fake chain takes fees of EVM chains')
  return fee
}

let foreigners = 0

function aForeign(nonce: number, price: bigint): Sent {
  foreigners += 1
  return { nonce, price, data: ['foreign'], hash: hashOf(`foreign ${foreigners}`) }
}

function hashOf(text: string): `0x${string}` {
  return `0x${createHash('sha256').update(text).digest('hex')}`
}
