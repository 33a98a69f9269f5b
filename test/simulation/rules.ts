import type { Fee } from '../../lib/domain/fee.ts'
import { type Intent, type IntentState, isFinal } from '../../lib/domain/intent.ts'
import type { Lane, LaneTransaction } from '../../lib/domain/lane.ts'
import type { Timestamp } from '../../lib/domain/time.ts'
import type { Job } from '../../lib/ports.ts'
import type { ChainTruth, ChainWitness } from './chain-truth.ts'
import { feeCapOf, isRaise, mayReplace, mostOf } from './fees.ts'
import { type Registry, type Transaction, workOf } from './transactions.ts'

export type Violation = { readonly rule: RuleName; readonly what: string }

export type RuleName =
  | 'took effect twice'
  | 'settled without effect'
  | 'failed and took effect'
  | 'sent before it was stored'
  | 'two works at one nonce'
  | 'one work at two nonces'
  | 'a nonce that was taken'
  | 'a replacement that no pool takes'
  | 'dearer than allowed'
  | 'a final state was left'
  | 'a slot of two workers'
  | 'the exchange was called out of order'
  | 'a price not newer than the posted one'
  | 'too few reports, or forged ones'
  | 'work is stuck'
  | 'work came to nothing though nothing went wrong'

/** What must be true at every moment, by what the chain and the table really did. The first break is kept. */
export type Rules = {
  violation(): Violation | undefined
  broken(rule: RuleName, what: string): void
  /** Hears the chain of that name. */
  witness(chain: string): ChainWitness
  added(table: number, intent: Intent): void
  moved(id: string, table: number, state: IntentState): void
  stored(table: number, lane: Lane): void
  sent(chain: string, bytes: string): void
  claimed(table: number, claim: Claim): void
  finished(table: number, job: Job, worker: string): void
  /** Works that are in no final state. */
  open(): readonly string[]
  /** No lane has anything in flight, or anything left to tell. */
  lanesEmpty(): boolean
  works(): number
  /** After the end: what is final agrees with the chain. Undisturbed, only what is overtaken comes to nothing. */
  atTheEnd(undisturbed: boolean): void
}

export type Claim = {
  readonly job: Job
  readonly worker: string
  readonly now: Timestamp
  readonly leaseUntil: Timestamp
}

type Work = {
  readonly name: string
  readonly chain: string
  state: IntentState
  /** How many of the chain's blocks hold an effect of it now. */
  effects: number
  nonce: number | undefined
}

export function rules(of: {
  readonly registry: Registry
  readonly chainOf: (lane: string) => string
  readonly truths: ReadonlyMap<string, ChainTruth>
  /** Somebody else sends from the account, or the chain goes back, or nodes are behind: then calls may come out of order. */
  readonly outsiders: boolean
}): Rules {
  const { registry, truths, chainOf } = of
  const intents = new Map<string, Work>()
  const works = new Map<string, Work>()
  const storedBytes = new Set<string>()
  const storedHashes = new Set<string>()
  const poolWorks = new Map<string, string>()
  const slots = new Map<string, { worker: string; until: number; finished: boolean }>()
  const busyLanes = new Set<string>()
  let violation: Violation | undefined

  function broken(rule: RuleName, what: string): void {
    violation ??= { rule, what }
  }

  function workNamed(name: string, chain: string): Work {
    const known = works.get(name)
    if (known) return known
    const work = { name, chain, state: { kind: 'waiting' }, effects: 0, nonce: undefined } as Work
    works.set(name, work)
    return work
  }

  function checkSettled(work: Work, state: Extract<IntentState, { kind: 'settled' }>): void {
    const truth = truths.get(work.chain)
    const found = truth?.find(state.hash)
    if (!truth || !found || found.landed.reason !== undefined || work.effects !== 1)
      broken('settled without effect', `${work.name} has taken effect ${work.effects} times`)
    else if (truth.highest() - found.block.number < truth.plan.finalityBlocks)
      broken('settled without effect', `${work.name} is in a block that may still be lost`)
  }

  /** Every attempt that the row has and no row had before. */
  function checkSigned(chain: string, transaction: LaneTransaction): void {
    const { attempts, nonce } = transaction
    for (const [at, { hash, bytes, fee }] of attempts.entries()) {
      if (bytes !== undefined) storedBytes.add(bytes)
      if (storedHashes.has(hash)) continue
      storedHashes.add(hash)
      const before = attempts[at - 1]
      if (before && isRaise(before.fee, fee) && !mayReplace(before.fee, fee))
        broken('a replacement that no pool takes', `${feeWords(before.fee)} → ${feeWords(fee)}`)
      for (const { work: name } of registry.byHash(hash)?.pushes ?? []) {
        const work = workNamed(name, chain)
        if (work.nonce !== undefined && work.nonce !== nonce)
          broken('one work at two nonces', `${name} at ${work.nonce} and at ${nonce}`)
        work.nonce = nonce
      }
      checkCost(chain, registry.byHash(hash))
    }
  }

  function checkCost(chain: string, signed: Transaction | undefined): void {
    if (!signed || signed.fee.kind === 'starkex') return
    if (mostOf(signed.fee) > feeCapOf(signed.fee.kind))
      broken('dearer than allowed', `${chain}: ${signed.bytes} may cost ${mostOf(signed.fee)}`)
  }

  return {
    violation: () => violation,
    broken,

    witness: (chain) => ({
      accepted({ table, nonce, pushes, bytes }) {
        if (table === undefined || pushes.length === 0) return
        const names = pushes.map(({ work }) => work).join()
        const key = `${chain} ${table} ${nonce}`
        const before = poolWorks.get(key)
        if (before !== undefined && before !== names)
          broken('two works at one nonce', `${before}, then ${bytes}`)
        poolWorks.set(key, names)
      },

      landed({ transaction, reason }, block) {
        if (reason !== undefined) {
          if (!of.outsiders && /INVALID_NONCE|STALE_PRICE/.test(reason))
            broken('the exchange was called out of order', `${transaction.bytes}: ${reason}`)
          return
        }
        for (const { work: name } of transaction.pushes) {
          const work = workNamed(name, chain)
          work.effects += 1
          if (work.effects > 1)
            broken('took effect twice', `${name}, again in block ${block.number}`)
          if (work.state.kind === 'failed')
            broken('failed and took effect', `${name}: ${work.state.why}, ${work.state.reason}`)
        }
      },

      lost({ transaction, reason }) {
        if (reason !== undefined) return
        for (const { work } of transaction.pushes) workNamed(work, chain).effects -= 1
      },
    }),

    added(table, intent) {
      const work = workNamed(workOf(table, intent.action), chainOf(intent.lane))
      intents.set(`${table} ${intent.id}`, work)
      if (isFinal(work.state)) broken('a final state was left', `${work.name} was added again`)
      work.state = intent.state
    },

    moved(id, table, state) {
      const work = intents.get(`${table} ${id}`)
      if (!work) return
      if (isFinal(work.state))
        broken('a final state was left', `${id}: ${work.state.kind} → ${state.kind}`)
      work.state = state
      if (state.kind === 'settled') checkSettled(work, state)
      if (state.kind !== 'failed') return
      if (work.effects > 0)
        broken('failed and took effect', `${work.name}: ${state.why}, ${state.reason}`)
      if (!of.outsiders && state.reason.includes('INVALID_NONCE'))
        broken('the exchange was called out of order', `${work.name}: ${state.reason}`)
    },

    stored(table, lane) {
      const chain = chainOf(lane.id)
      for (const transaction of lane.inFlight) checkSigned(chain, transaction)
      const busy = lane.inFlight.length > 0 || lane.dropped !== undefined
      if (busy) busyLanes.add(`${table} ${lane.id}`)
      else busyLanes.delete(`${table} ${lane.id}`)
    },

    sent(chain, bytes) {
      if (!storedBytes.has(bytes)) broken('sent before it was stored', `${chain}: ${bytes}`)
    },

    claimed(table, { job, worker, now, leaseUntil }) {
      const key = `${table} ${job.job} ${job.subject} ${job.slot}`
      const before = slots.get(key)
      if (before && (before.finished || before.until > now))
        broken('a slot of two workers', `${key}: ${before.worker} and ${worker}`)
      slots.set(key, { worker, until: leaseUntil, finished: false })
    },

    finished(table, job, worker) {
      const slot = slots.get(`${table} ${job.job} ${job.subject} ${job.slot}`)
      if (slot?.worker === worker) slot.finished = true
    },

    open: () =>
      [...intents.values()].flatMap(({ name, state }) =>
        isFinal(state) ? [] : [`${name} is ${state.kind}`],
      ),

    lanesEmpty: () => busyLanes.size === 0,
    works: () => intents.size,

    atTheEnd(undisturbed) {
      for (const work of intents.values()) {
        if (undisturbed && work.state.kind === 'failed' && work.state.why !== 'superseded')
          broken(
            'work came to nothing though nothing went wrong',
            `${work.name}: ${work.state.why}, ${work.state.reason}`,
          )
        const wanted = work.state.kind === 'settled' ? 1 : 0
        if (work.effects === wanted) continue
        broken(
          wanted === 1 ? 'settled without effect' : 'failed and took effect',
          `${work.name} is ${work.state.kind} and took effect ${work.effects} times`,
        )
      }
    },
  }
}

function feeWords(fee: Fee): string {
  switch (fee.kind) {
    case 'evm':
      return `${fee.maxFeePerGas} and ${fee.maxPriorityFeePerGas}`
    case 'starknet':
      return `${fee.l2Gas.maxPricePerUnit} and ${fee.tip}`
    case 'starkex':
      return 'nothing'
  }
}
