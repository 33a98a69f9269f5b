import type { Decimal } from '../../lib/domain/decimal.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { Block, BroadcastAnswer } from '../../lib/domain/transaction.ts'
import { marketAt, mayReplace, pays, usualPrice } from './fees.ts'
import type { ChainKind, ChainPlan } from './plan.ts'
import type { Registry, Transaction } from './transactions.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What the exchange on a chain has been told, after a block. */
export type Ledger = {
  readonly sequence: number
  readonly prices: Readonly<
    Record<string, { readonly price: Decimal; readonly publishedAt: Timestamp }>
  >
}

export type Landed = {
  readonly transaction: Transaction
  /** Why it had no effect. */
  readonly reason: string | undefined
}

export type TrueBlock = Block & {
  readonly landed: readonly Landed[]
  /** Each account's next nonce after it. */
  readonly nonces: readonly number[]
  readonly ledger: Ledger
}

/** Hears everything that the chain does, when it does it. */
export type ChainWitness = {
  accepted(transaction: Transaction): void
  landed(landed: Landed, block: TrueBlock): void
  lost(landed: Landed): void
}

type Refusal = Extract<BroadcastAnswer, { kind: 'refused' }>['why']

/** One chain as it is, whatever its nodes say: blocks, the pool, and the exchange's contract. */
export type ChainTruth = {
  readonly kind: ChainKind
  readonly plan: ChainPlan
  /** What a unit costs now. */
  price: bigint
  /** Blocks come, but take nothing in. */
  stalled: boolean
  /** No blocks come. */
  halted: boolean
  /** The maker of the next block has not heard of a replacement: what was replaced goes in. */
  race: boolean
  /** Whether the accounts can pay. */
  funds: boolean
  /** Why the exchange refuses a work in a block, though no simulation sees it coming. */
  reverts: (work: string) => string | undefined
  /** The markets that the exchange refuses, and whether a simulation sees it coming. */
  readonly refused: Map<string, 'seen' | 'unseen'>
  /** What nodes say of good bytes for now: that they are not valid, whether they took them or not. */
  slander: 'taken' | 'not-taken' | undefined
  /** The newest block, or an older one. */
  tip(behind: number): TrueBlock
  blockAt(number: number, behind: number): TrueBlock | undefined
  find(hash: string): { readonly block: TrueBlock; readonly landed: Landed } | undefined
  inPool(hash: string): boolean
  /** The tables, accounts and nonces that anything was signed for. */
  readonly signed: Set<string>
  pendingNonce(account: number): number
  /** The exchange as it will be when what is in the pool has landed. */
  pendingLedger(): Ledger
  /** What would happen to those pushes after that ledger. */
  execute(ledger: Ledger, transaction: Pick<Transaction, 'pushes'>): Executed
  offer(transaction: Transaction): Refusal | 'known' | undefined
  mine(): void
  /** Takes the newest blocks back, never one that counted as final. */
  reorganise(depth: number, fate: 'pool' | 'dropped' | 'rivals'): void
  evict(): void
  /** Somebody else sends from the account: in a block at once, or into the pool. */
  foreignBlock(account: number): void
  foreignInPool(account: number, replacing: boolean): void
  /** The highest block that ever was. */
  highest(): number
}

/** What waits of one account, by nonce. */
type AccountPool = {
  readonly waiting: Map<number, { readonly transaction: Transaction; readonly since: number }>
  /** What was in the pool before it was replaced, as other nodes still have it. */
  readonly replaced: Map<number, Transaction>
}

type Executed = { readonly ledger: Ledger; readonly reason: string | undefined }

/** The mempool's deployed configuration (apollo mempool_config.json), and the gateway's window. */
const poolTtlMs = 300_000
const nonceWindow = 200

/** Names the contract and the selector, and never the call: which market is meant, nobody is told. */
const refusal = 'Error in contract 0x5a, selector price_tick: the market is not active'

export function chainTruth(of: {
  readonly plan: ChainPlan
  readonly time: VirtualTime
  readonly registry: Registry
  readonly witness: ChainWitness
}): ChainTruth {
  const { plan, time, registry, witness } = of
  const { kind } = plan
  const blocks: TrueBlock[] = []
  const places = new Map<string, TrueBlock>()
  const pools = Array.from({ length: plan.accounts }, (): AccountPool => ({
    waiting: new Map(),
    replaced: new Map(),
  }))
  let made = 0
  let highest = 0

  function newest(): TrueBlock {
    const block = blocks.at(-1)
    if (!block) throw new RangeError('there is no block')
    return block
  }

  function poolOf(account: number): AccountPool {
    const pool = pools[account]
    if (!pool) throw new RangeError(`there is no account ${account}`)
    return pool
  }

  /** Nothing below it can be sent any more. */
  function nonceOf(account: number): number {
    return newest().nonces[account] ?? 0
  }

  function append(transactions: readonly Transaction[]): void {
    made += 1
    const before = blocks.at(-1)
    let ledger = before?.ledger ?? { sequence: 0, prices: {} }
    const nonces = [...(before?.nonces ?? pools.map(() => 0))]
    const landed = transactions.map((transaction) => {
      const executed = execute(ledger, transaction)
      const later = transaction.works.map((work) => truth.reverts(work))
      const reason = executed.reason ?? refusedIn(transaction) ?? later.find((one) => one)
      if (reason === undefined) ledger = executed.ledger
      nonces[transaction.account] = transaction.nonce + 1
      return { transaction, reason }
    })
    const block: TrueBlock = {
      number: blocks.length,
      hash: `0xb${made}`,
      time: timestamp(Math.floor(time.now() / 1000) * 1000),
      landed,
      nonces,
      ledger,
    }
    blocks.push(block)
    highest = Math.max(highest, block.number)
    for (const one of landed) {
      places.set(one.transaction.hash, block)
      witness.landed(one, block)
    }
  }

  function refusedIn({ pushes }: Transaction): string | undefined {
    if (truth.refused.size === 0) return undefined
    return pushes.some(({ prices }) => prices.some(({ market }) => truth.refused.has(market)))
      ? refusal
      : undefined
  }

  function execute(from: Ledger, { pushes }: Pick<Transaction, 'pushes'>): Executed {
    let ledger = from
    for (const { sequence, prices } of pushes) {
      if (sequence !== undefined && sequence !== ledger.sequence)
        return { ledger: from, reason: `INVALID_NONCE ${sequence}, not ${ledger.sequence}` }
      const told = { ...ledger.prices }
      for (const { market, price, publishedAt } of prices) {
        const stored = told[market]
        if (plan.strict && stored && publishedAt <= stored.publishedAt)
          return { ledger: from, reason: 'STALE_PRICE' }
        if (truth.refused.get(market) === 'seen') return { ledger: from, reason: refusal }
        told[market] = { price, publishedAt }
      }
      ledger = { sequence: ledger.sequence + (sequence === undefined ? 0 : 1), prices: told }
    }
    return { ledger, reason: undefined }
  }

  function whyNot(transaction: Transaction): ReturnType<ChainTruth['offer']> {
    const { hash, account, nonce, fee } = transaction
    const before = poolOf(account).waiting.get(nonce)
    if (places.has(hash) || before?.transaction.hash === hash) return 'known'
    const next = nonceOf(account)
    if (nonce < next) return 'nonce-too-low'
    const highestNonce =
      kind === 'starknet' ? next + nonceWindow : plan.refusesGaps ? pendingNonce(account) : Infinity
    if (nonce > highestNonce) return 'nonce-too-high'
    if (!truth.funds) return 'funds'
    if (before && !mayReplace(before.transaction.fee, fee)) return 'underpriced'
    // The gateway wants the whole price of now; an EVM pool keeps what waits.
    if (kind === 'starknet' && !pays(fee, truth.price)) return 'underpriced'
    return undefined
  }

  function put(transaction: Transaction): void {
    const { waiting, replaced } = poolOf(transaction.account)
    const before = waiting.get(transaction.nonce)
    if (before) replaced.set(transaction.nonce, before.transaction)
    waiting.set(transaction.nonce, { transaction, since: time.now() })
  }

  function pendingNonce(account: number): number {
    const { waiting } = poolOf(account)
    let next = nonceOf(account)
    while (waiting.has(next)) next += 1
    return next
  }

  function forget(): void {
    for (const [account, { waiting }] of pools.entries())
      for (const [nonce, { since }] of waiting)
        if (nonce < nonceOf(account) || (kind === 'starknet' && time.now() - since >= poolTtlMs))
          waiting.delete(nonce)
  }

  /** What of the account goes into the next block. */
  function taken(account: number): readonly Transaction[] {
    const { waiting, replaced } = poolOf(account)
    if (waiting.size === 0) return []
    const all: Transaction[] = []
    for (let nonce = nonceOf(account); ; nonce += 1) {
      const next = waiting.get(nonce)
      if (!next || !pays(next.transaction.fee, truth.price)) return all
      const rival = truth.race ? replaced.get(nonce) : undefined
      const first = rival && pays(rival.fee, truth.price) ? rival : next.transaction
      if (first === rival) truth.race = false
      all.push(first)
      waiting.delete(nonce)
    }
  }

  const truth: ChainTruth = {
    kind,
    plan,
    price: usualPrice,
    stalled: false,
    halted: false,
    race: false,
    funds: true,
    reverts: () => undefined,
    refused: new Map(),
    slander: undefined,
    tip: (behind) => blocks[Math.max(0, blocks.length - 1 - behind)] ?? newest(),
    blockAt: (number, behind) =>
      number < Math.max(1, blocks.length - behind) ? blocks[number] : undefined,
    find(hash) {
      const block = places.get(hash)
      const landed = block?.landed.find(({ transaction }) => transaction.hash === hash)
      return block && landed ? { block, landed } : undefined
    },
    inPool(hash) {
      const found = registry.byHash(hash)
      if (!found) return false
      return poolOf(found.account).waiting.get(found.nonce)?.transaction.hash === hash
    },
    signed: new Set(),
    pendingNonce,
    pendingLedger() {
      let { ledger } = newest()
      for (const [account, { waiting }] of pools.entries()) {
        let nonce = nonceOf(account)
        for (let next = waiting.get(nonce); next; next = waiting.get(nonce)) {
          ledger = execute(ledger, next.transaction).ledger
          nonce += 1
        }
      }
      return ledger
    },
    execute,

    offer(transaction) {
      const refused = whyNot(transaction)
      if (refused !== undefined) return refused
      put(transaction)
      witness.accepted(transaction)
      return undefined
    },

    mine() {
      if (truth.halted) return
      if (pools.every(({ waiting }) => waiting.size === 0)) return append([])
      forget()
      // Nobody's are always first.
      const inTurn = blocks.length % 2 === 0 ? pools : pools.toReversed()
      append(truth.stalled ? [] : inTurn.flatMap((pool) => taken(pools.indexOf(pool))))
    },

    reorganise(depth, fate) {
      const lowest = highest - plan.finalityBlocks
      const back: Transaction[] = []
      for (let gone = 0; gone < depth && newest().number > Math.max(0, lowest); gone += 1) {
        const block = blocks.pop()
        for (const landed of block?.landed ?? []) {
          places.delete(landed.transaction.hash)
          witness.lost(landed)
          back.push(landed.transaction)
        }
      }
      if (fate === 'dropped') return
      for (const transaction of back) {
        const { waiting, replaced } = poolOf(transaction.account)
        const rival = fate === 'rivals' ? replaced.get(transaction.nonce) : undefined
        if (!waiting.has(transaction.nonce)) put(rival ?? transaction)
      }
    },

    evict() {
      for (const { waiting } of pools) waiting.clear()
    },

    foreignBlock(account) {
      const { waiting, replaced } = poolOf(account)
      const nonce = nonceOf(account)
      const next = waiting.get(nonce)
      if (next) replaced.set(nonce, next.transaction)
      waiting.delete(nonce)
      append([registry.foreign(account, nonce, marketAt(kind, truth.price))])
    },

    foreignInPool(account, replacing) {
      const nonce = replacing ? nonceOf(account) : pendingNonce(account)
      const before = poolOf(account).waiting.get(nonce)
      const fee = marketAt(kind, truth.price * 3n)
      if (before && !mayReplace(before.transaction.fee, fee)) return
      put(registry.foreign(account, nonce, fee))
    },

    highest: () => highest,
  }

  append([])
  return truth
}
