import type { Intent } from '../../../lib/domain/intent.ts'
import type { FactSight } from '../../../lib/domain/proving/batch-sight.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import type { SettlementSight, Standing } from '../../../lib/domain/proving/settlement-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Block } from '../../../lib/domain/transaction.ts'
import type { Store } from '../../../lib/ports.ts'
import type { VirtualTime } from '../virtual-time.ts'
import type { ProvingPlan } from './plan.ts'
import { contentIn, factOf } from './told.ts'

export type Strength = 'strong' | 'weak'

type L1Block = Block & {
  readonly standing: Standing
  readonly facts: ReadonlyMap<string, Strength>
  readonly transactions: readonly L1Transaction[]
}

type L1Transaction = { readonly intent: Intent; readonly isReverted: boolean }

/** The chain that batches are settled on, with its contract, its registry and the lane that sends there. */
export type L1Truth = {
  sight(lag: number): SettlementSight
  fact(fact: string): FactSight
  /** Why the contract would refuse it now; undefined where it would not. */
  refusal(content: BatchContent, settleBefore: number | undefined): string | undefined
  price(): bigint
  register(fact: string, strength: Strength): void
  /** The newest blocks become others; what was in them is sent again. */
  reorg(depth: number): void
  everSettled(content: BatchContent): boolean
  /** Somebody else settles it. */
  settle(content: BatchContent): void
  /** How many blocks of the other chain are settled, or may be by what is sent. */
  committed(): number
  stalledUntil: number
  /** How many settlements are to be reverted for no reason of theirs. */
  toRevert: number
  misconfiguredUntil: number
}

export function l1Truth(of: {
  readonly plan: ProvingPlan
  readonly time: VirtualTime
  readonly store: Pick<Store, 'intents'>
  readonly lane: string
  readonly begun: number
  /** Told of each batch that the contract took from us, with what the registry had of it. */
  readonly took: (content: BatchContent, strength: Strength | undefined) => void
}): L1Truth {
  const { plan, time, store, lane, begun, took } = of
  const settled = new Set<string>()
  let made = 1
  const chain: L1Block[] = [blockOn(undefined, { number: 0, hash: '0x1', root: '0x1aa' })]
  let facts: (readonly [string, Strength])[] = []
  let others: BatchContent[] = []
  const pool = new Map<string, Intent>()

  function tip(): L1Block {
    const newest = chain.at(-1)
    if (!newest) throw new Error('there is always one')
    return newest
  }

  function blockOn(
    parent: L1Block | undefined,
    standing: Standing,
    rest: Partial<Pick<L1Block, 'facts' | 'transactions'>> = {},
  ): L1Block {
    made += 1
    return {
      number: (parent?.number ?? 99) + 1,
      hash: `0x${made.toString(16)}`,
      time: timestamp(time.now()),
      standing,
      facts: rest.facts ?? parent?.facts ?? new Map(),
      transactions: rest.transactions ?? [],
    }
  }

  const it: L1Truth = {
    stalledUntil: 0,
    toRevert: 0,
    misconfiguredUntil: 0,

    sight(lag) {
      const head = chain[Math.max(0, chain.length - 1 - lag)] ?? tip()
      const deep = chain[Math.max(0, chain.length - 1 - plan.finalityBlocks)] ?? tip()
      return {
        latest: head.standing,
        block: { number: head.number, hash: head.hash, time: head.time },
        finalized: deep.standing,
        time: head.time,
      }
    },

    fact(fact) {
      const strength = tip().facts.get(fact)
      if (strength === 'weak') return { kind: 'weak', reason: '40 bits, 96 are needed' }
      return { kind: strength ?? 'absent' }
    },

    refusal: (content, settleBefore) => refusalIn(tip(), content, settleBefore),

    price() {
      const { spike } = plan
      const passed = time.now() - begun
      return spike && passed >= spike.from && passed < spike.until ? 400n : 20n
    },

    register: (fact, strength) => void facts.push([fact, strength]),

    reorg(depth) {
      for (const block of chain.splice(Math.max(1, chain.length - depth))) {
        for (const { intent } of block.transactions) {
          if (intent.lane === lane) pool.set(intent.id, intent)
          void store.intents.move(intent.id, claimed)
        }
        const before = chain.at(-1)?.facts ?? new Map<string, Strength>()
        for (const [fact, strength] of block.facts)
          if (!before.has(fact)) facts.push([fact, strength])
      }
    },

    everSettled: (content) => settled.has(content.last.hash),
    settle: (content) => void others.push(content),

    committed() {
      const sent = [...pool.values()].map((intent) => contentIn(intent).last.number)
      const all = [...chain.map(({ standing }) => standing.number), ...sent]
      return Math.max(...all, ...others.map(({ last }) => last.number))
    },
  }

  function refusalIn(
    { standing, facts: known }: Pick<L1Block, 'standing' | 'facts'>,
    { previous, last }: BatchContent,
    settleBefore: number | undefined,
  ): string | undefined {
    if (time.now() < it.misconfiguredUntil) return 'INVALID_CONFIG_HASH'
    if (settleBefore !== undefined && time.now() >= settleBefore) return 'BATCH_TIMESTAMP_EXPIRED'
    if (!known.has(factOf(last.hash))) return 'NO_STATE_TRANSITION_PROOF'
    return standing.number === previous.number && standing.hash === previous.hash
      ? undefined
      : 'INVALID_PREVIOUS_ROOT'
  }

  function mine(): void {
    const known = new Map(tip().facts)
    // A registry keeps the strongest proof that it has seen of a fact.
    for (const [fact, strength] of facts)
      if (known.get(fact) !== 'strong') known.set(fact, strength)
    facts = []
    let { standing } = tip()
    const transactions: L1Transaction[] = []
    for (const content of others.splice(0))
      if (refusalIn({ standing, facts: known }, content, undefined) === undefined) {
        standing = { number: content.last.number, hash: content.last.hash, root: content.newRoot }
        settled.add(content.last.hash)
      }
    for (const intent of pool.values()) {
      const content = contentIn(intent)
      let refusal = refusalIn({ standing, facts: known }, content, undefined)
      if (refusal === undefined && it.toRevert > 0) {
        it.toRevert -= 1
        refusal = 'OUT_OF_GAS'
      }
      if (refusal === undefined) {
        took(content, known.get(factOf(content.last.hash)))
        standing = { number: content.last.number, hash: content.last.hash, root: content.newRoot }
        settled.add(content.last.hash)
      }
      transactions.push({ intent, isReverted: refusal !== undefined })
    }
    pool.clear()
    const block = blockOn(tip(), standing, { facts: known, transactions })
    chain.push(block)
    for (const { intent, isReverted } of transactions)
      void store.intents.move(intent.id, { ...inclusion(block, isReverted), kind: 'included' })
    const deep = chain[chain.length - 1 - plan.finalityBlocks]
    for (const { intent, isReverted } of deep?.transactions ?? []) {
      const { reverted: _, ...where } = inclusion(deep as L1Block, isReverted)
      void store.intents.move(
        intent.id,
        isReverted
          ? { kind: 'failed', why: 'reverted', reason: 'OUT_OF_GAS', hash: where.hash }
          : { ...where, kind: 'settled' },
      )
    }
  }

  async function sendWaiting(): Promise<void> {
    for (const { id } of await store.intents.open(lane)) {
      const intent = await store.intents.get(id)
      if (!intent || intent.state.kind === 'included') continue
      const part = intent.action.kind === 'settle-batch' ? intent.action.updates[0] : undefined
      if (intent.state.kind === 'claimed') continue
      if (time.now() >= intent.deadline) {
        const failed = {
          kind: 'failed',
          why: 'expired',
          reason: 'too late',
          hash: undefined,
        } as const
        await store.intents.move(id, failed)
      } else if (part?.worth === undefined || part.worth >= it.price()) {
        pool.set(id, intent)
        await store.intents.move(id, claimed)
      }
    }
  }

  const eachBlock = (): false => {
    if (time.now() >= it.stalledUntil) mine()
    time.after(plan.blockMs, eachBlock)
    return false
  }
  const eachLook = (): true => {
    void sendWaiting()
    time.after(2_000, eachLook)
    return true
  }
  time.after(plan.blockMs, eachBlock)
  time.after(1_000, eachLook)
  return it
}

const claimed = { kind: 'claimed', nonce: 1, hash: '0x1', sentAt: undefined } as const

function inclusion({ number, hash, time: at }: Block, isReverted: boolean) {
  return {
    nonce: number,
    hash,
    sentAt: at,
    block: { number, hash, time: at },
    seenAt: at,
    reverted: isReverted ? 'OUT_OF_GAS' : undefined,
  } as const
}
