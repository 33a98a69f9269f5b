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
  /** The account's next nonce after it. */
  readonly nonce: number
  readonly ledger: Ledger
}

/** Hears everything that the chain does, when it does it. */
export type ChainWitness = {
  accepted(transaction: Transaction): void
  landed(landed: Landed, block: TrueBlock): void
  lost(landed: Landed): void
}

type Refusal = Extract<BroadcastAnswer, { kind: 'refused' }>['why']

/** One chain as it is, whatever its nodes say: blocks, the pool of one account, and the exchange's contract. */
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
  /** Whether the account can pay. */
  funds: boolean
  /** Why the exchange refuses a work in a block, though no simulation sees it coming. */
  reverts: (work: string) => string | undefined
  /** The newest block, or an older one. */
  tip(behind: number): TrueBlock
  blockAt(number: number, behind: number): TrueBlock | undefined
  find(hash: string): { readonly block: TrueBlock; readonly landed: Landed } | undefined
  inPool(hash: string): boolean
  /** The tables and nonces that anything was signed for. */
  readonly signed: Set<string>
  pendingNonce(): number
  /** The exchange as it will be when what is in the pool has landed. */
  pendingLedger(): Ledger
  /** What would happen to those pushes after that ledger. */
  execute(ledger: Ledger, transaction: Pick<Transaction, 'pushes'>): Executed
  offer(transaction: Transaction): Refusal | 'known' | undefined
  mine(): void
  /** Takes the newest blocks back, never one that counted as final. */
  reorganise(depth: number, fate: 'pool' | 'dropped' | 'rivals'): void
  evict(): void
  foreignBlock(): void
  foreignInPool(replacing: boolean): void
  /** The highest block that ever was. */
  highest(): number
}

type Executed = { readonly ledger: Ledger; readonly reason: string | undefined }

/** The mempool's deployed configuration (apollo mempool_config.json), and the gateway's window. */
const poolTtlMs = 300_000
const nonceWindow = 200

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
  const pool = new Map<number, { readonly transaction: Transaction; readonly since: number }>()
  /** By nonce, what was in the pool before it was replaced, as other nodes still have it. */
  const replaced = new Map<number, Transaction>()
  let made = 0
  let highest = 0

  function newest(): TrueBlock {
    const block = blocks.at(-1)
    if (!block) throw new RangeError('there is no block')
    return block
  }

  function append(transactions: readonly Transaction[]): void {
    made += 1
    const before = blocks.at(-1)
    let ledger = before?.ledger ?? { sequence: 0, prices: {} }
    const landed = transactions.map((transaction) => {
      const executed = execute(ledger, transaction)
      const later = transaction.pushes.map(({ work }) => truth.reverts(work))
      const reason = executed.reason ?? later.find((one) => one !== undefined)
      if (reason === undefined) ledger = executed.ledger
      return { transaction, reason }
    })
    const block: TrueBlock = {
      number: blocks.length,
      hash: `0xb${made}`,
      time: timestamp(Math.floor(time.now() / 1000) * 1000),
      landed,
      nonce: (before?.nonce ?? 0) + transactions.length,
      ledger,
    }
    blocks.push(block)
    highest = Math.max(highest, block.number)
    for (const one of landed) {
      places.set(one.transaction.hash, block)
      witness.landed(one, block)
    }
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
          return { ledger: from, reason: `STALE_PRICE of ${market}` }
        told[market] = { price, publishedAt }
      }
      ledger = { sequence: ledger.sequence + (sequence === undefined ? 0 : 1), prices: told }
    }
    return { ledger, reason: undefined }
  }

  function refusal(transaction: Transaction): ReturnType<ChainTruth['offer']> {
    const { hash, nonce, fee } = transaction
    if (places.has(hash) || pool.get(nonce)?.transaction.hash === hash) return 'known'
    if (nonce < newest().nonce) return 'nonce-too-low'
    const highestNonce =
      kind === 'starknet'
        ? newest().nonce + nonceWindow
        : plan.refusesGaps
          ? pendingNonce()
          : Infinity
    if (nonce > highestNonce) return 'nonce-too-high'
    if (!truth.funds) return 'funds'
    const before = pool.get(nonce)
    if (before && !mayReplace(before.transaction.fee, fee)) return 'underpriced'
    // The gateway wants the whole price of now; an EVM pool keeps what waits.
    if (kind === 'starknet' && !pays(fee, truth.price)) return 'underpriced'
    return undefined
  }

  function put(transaction: Transaction): void {
    const before = pool.get(transaction.nonce)
    if (before) replaced.set(transaction.nonce, before.transaction)
    pool.set(transaction.nonce, { transaction, since: time.now() })
  }

  function pendingNonce(): number {
    let next = newest().nonce
    while (pool.has(next)) next += 1
    return next
  }

  function forget(): void {
    for (const [nonce, { since }] of pool)
      if (nonce < newest().nonce || (kind === 'starknet' && time.now() - since >= poolTtlMs))
        pool.delete(nonce)
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
      return found !== undefined && pool.get(found.nonce)?.transaction.hash === hash
    },
    signed: new Set(),
    pendingNonce,
    pendingLedger() {
      let { ledger, nonce } = newest()
      for (let waiting = pool.get(nonce); waiting; waiting = pool.get(nonce)) {
        ledger = execute(ledger, waiting.transaction).ledger
        nonce += 1
      }
      return ledger
    },
    execute,

    offer(transaction) {
      const refused = refusal(transaction)
      if (refused !== undefined) return refused
      put(transaction)
      witness.accepted(transaction)
      return undefined
    },

    mine() {
      if (truth.halted) return
      forget()
      const taken: Transaction[] = []
      for (let nonce = newest().nonce; !truth.stalled; nonce += 1) {
        const waiting = pool.get(nonce)
        if (!waiting || !pays(waiting.transaction.fee, truth.price)) break
        const rival = truth.race ? replaced.get(nonce) : undefined
        const first = rival && pays(rival.fee, truth.price) ? rival : waiting.transaction
        if (first === rival) truth.race = false
        taken.push(first)
        pool.delete(nonce)
      }
      append(taken)
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
        const rival = fate === 'rivals' ? replaced.get(transaction.nonce) : undefined
        if (!pool.has(transaction.nonce)) put(rival ?? transaction)
      }
    },

    evict: () => pool.clear(),

    foreignBlock() {
      const { nonce } = newest()
      const waiting = pool.get(nonce)
      if (waiting) replaced.set(nonce, waiting.transaction)
      pool.delete(nonce)
      append([registry.foreign(nonce, marketAt(kind, truth.price))])
    },

    foreignInPool(replacing) {
      const nonce = replacing ? newest().nonce : pendingNonce()
      const waiting = pool.get(nonce)
      const fee = marketAt(kind, truth.price * 3n)
      if (waiting && !mayReplace(waiting.transaction.fee, fee)) return
      put(registry.foreign(nonce, fee))
    },

    highest: () => highest,
  }

  append([])
  return truth
}
