import type { Fee } from '../../lib/domain/fee.ts'
import {
  type Inclusion,
  type Intent,
  type IntentState,
  isFinal,
  leftOf,
} from '../../lib/domain/intent.ts'
import type { Lane, LaneTransaction } from '../../lib/domain/lane.ts'
import type { LeaseWish } from '../../lib/domain/lease.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import type { Timestamp } from '../../lib/domain/time.ts'
import type { Job } from '../../lib/ports.ts'
import type { ChainTruth, ChainWitness } from './chain-truth.ts'
import { feeCapOf, isRaise, mayReplace, mostOf, worthOf } from './fees.ts'
import type { Held } from './seen-store.ts'
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
  | 'what went through is not what was kept'
  | 'a round took effect twice'
  | 'two lanes under one fence'
  | 'sent for an exchange that another lane has'
  | 'given back while work was out'
  | 'a round was published twice'
  | 'the newest prices went back'
  | 'a market did not get its turn'
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
  /** A process is about to send. */
  sending(send: Sending): void
  held(table: number, wish: LeaseWish, fence: number): void
  released(table: number, name: string, fence: number): void
  published(table: number, reports: readonly SignedReport[], by: NodeRound): void
  pricesWritten(table: number, by: NodeRound): void
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

export type Sending = {
  readonly chain: string
  readonly table: number
  readonly bytes: string
  /** What the process was told of leases, and what time it is there. */
  readonly held: Held
  readonly now: number
}

export type NodeRound = { readonly node: string; readonly round: number }

type Work = {
  readonly name: string
  readonly chain: string
  state: IntentState
  /** How many of the chain's blocks hold an effect of it now. */
  effects: number
  /** Its account and nonce. */
  place: string | undefined
}

type Known = { readonly work: Work; readonly markets: readonly string[] }

type SentUnder = { readonly name: string; readonly fence: number; readonly lane: string }

export function rules(of: {
  readonly registry: Registry
  readonly chainOf: (lane: string) => string
  readonly truths: ReadonlyMap<string, ChainTruth>
  /** Somebody else sends from the account, or the chain goes back, or nodes are behind: then calls may come out of order. */
  readonly outsiders: boolean
  /** What a push is worth limits what it may cost. */
  readonly thrifty: boolean
  /** No node can make a block look deeper than it is. */
  readonly deep: boolean
  /** Several tables send for one exchange. */
  readonly apart: boolean
}): Rules {
  const { registry, truths, chainOf } = of
  const intents = new Map<string, Known>()
  const works = new Map<string, Work>()
  const storedBytes = new Set<string>()
  const storedHashes = new Set<string>()
  const poolWorks = new Map<string, string>()
  const slots = new Map<string, { worker: string; until: number; finished: boolean }>()
  const rows = new Map<string, Lane>()
  const busyLanes = new Set<string>()
  const leases = new Map<string, { readonly fence: number; readonly owner: string | undefined }>()
  /** Chains where a lane had to be waited for too long: what it has sent may still land. */
  const takenOver = new Set<string>()
  const sentUnder = new Map<string, SentUnder>()
  const lanesUnder = new Map<string, string>()
  /** By exchange, round and market: how many blocks hold such a price. */
  const told = new Map<string, number>()
  const newestRounds = new Map<string, number>()
  const publishedRounds = new Set<string>()
  let violation: Violation | undefined

  function broken(rule: RuleName, what: string): void {
    violation ??= { rule, what }
  }

  function workNamed(name: string, chain: string): Work {
    const known = works.get(name)
    if (known) return known
    const state = { kind: 'waiting' } as const
    const work: Work = { name, chain, state, effects: 0, place: undefined }
    works.set(name, work)
    return work
  }

  function checkSettled(work: Work, state: Extract<IntentState, { kind: 'settled' }>): void {
    const truth = truths.get(work.chain)
    const found = truth?.find(state.hash)
    if (!truth || !found || found.landed.reason !== undefined || work.effects !== 1)
      broken('settled without effect', `${work.name} has taken effect ${work.effects} times`)
    else if (of.deep && truth.highest() - found.block.number < truth.plan.finalityBlocks)
      broken('settled without effect', `${work.name} is in a block that may still be lost`)
  }

  /** Every attempt that the row has and no row had before. */
  function checkSigned(lane: string, transaction: LaneTransaction): void {
    const { attempts, nonce, lease } = transaction
    const chain = chainOf(lane)
    for (const [at, { hash, bytes, fee, nothing }] of attempts.entries()) {
      if (bytes !== undefined) storedBytes.add(bytes)
      if (storedHashes.has(hash)) continue
      storedHashes.add(hash)
      if (!nothing && bytes !== undefined && truths.get(chain)?.kind === 'starknet')
        sentUnder.set(bytes, { ...(lease ?? { name: `engine/${chain}`, fence: 0 }), lane })
      const before = attempts[at - 1]
      if (before && isRaise(before.fee, fee) && !mayReplace(before.fee, fee))
        broken('a replacement that no pool takes', `${feeWords(before.fee)} → ${feeWords(fee)}`)
      const place = `${lane} ${nonce}`
      for (const name of registry.byHash(hash)?.works ?? []) {
        const work = workNamed(name, chain)
        if (work.place !== undefined && work.place !== place)
          broken('one work at two nonces', `${name} at ${work.place} and at ${place}`)
        work.place = place
      }
      checkCost(chain, registry.byHash(hash))
    }
  }

  function checkCost(chain: string, signed: Transaction | undefined): void {
    if (!signed || signed.fee.kind === 'starkex') return
    const { kind } = signed.fee
    const prices = signed.pushes.reduce((sum, push) => sum + push.prices.length, 0)
    const worth = of.thrifty && prices > 0 ? worthOf(kind, prices) : feeCapOf(kind)
    if (mostOf(signed.fee) > worth)
      broken('dearer than allowed', `${chain}: ${signed.bytes} may cost ${mostOf(signed.fee)}`)
  }

  /** A call that others have overtaken has no effect; among ourselves nothing is overtaken. */
  function mayBeOvertaken(chain: string): boolean {
    const plan = truths.get(chain)?.plan
    const unled = plan?.kind === 'evm' && plan.accounts > 1
    return of.outsiders || unled || takenOver.has(chain)
  }

  /** What the block holds is what was decided, without what was left out. */
  function checkKept(id: string, known: Known, state: IntentState & Inclusion): void {
    const pushes = registry.byHash(state.hash)?.pushes ?? []
    const through = pushes
      .filter(({ work }) => work === known.work.name)
      .flatMap(({ prices }) => prices.map(({ market }) => market))
    const left = new Set<string>(leftOf(state).map(({ market }) => market))
    const kept = known.markets.filter((market) => !left.has(market))
    if (through.join() !== kept.join())
      broken(
        'what went through is not what was kept',
        `${id} is ${state.kind} with ${kept.join()}, and ${state.hash} has ${through.join()}`,
      )
  }

  /** By what is stored: whoever stores work later asks for the exchange once more before it is sent. */
  function checkNothingOut({ name, fence }: { readonly name: string; readonly fence: number }) {
    for (const { id, inFlight } of rows.values())
      for (const { lease, attempts, state } of inFlight) {
        if (lease?.name !== name || lease.fence !== fence || state === 'included') continue
        if (attempts.some(({ hash }) => truths.get(chainOf(id))?.find(hash))) continue
        broken('given back while work was out', `${name} ${fence}, for ${attempts[0]?.hash}`)
      }
  }

  function countTold(chain: string, { pushes }: Transaction, by: 1 | -1): void {
    if (!of.apart || truths.get(chain)?.kind !== 'starknet') return
    for (const { round, prices, work } of pushes)
      for (const { market } of prices) {
        const key = `${chain} round ${round} ${market}`
        const times = (told.get(key) ?? 0) + by
        told.set(key, times)
        if (times > 1) broken('a round took effect twice', `${key}, the second time by ${work}`)
      }
  }

  return {
    violation: () => violation,
    broken,

    witness: (chain) => ({
      accepted({ table, account, nonce, works: done, bytes }) {
        if (table === undefined || done.length === 0) return
        const names = done.join()
        const key = `${chain} ${table} ${account}/${nonce}`
        const before = poolWorks.get(key)
        if (before !== undefined && before !== names)
          broken('two works at one nonce', `${before}, then ${bytes}`)
        poolWorks.set(key, names)
      },

      landed({ transaction, reason }, block) {
        if (reason !== undefined) {
          if (/INVALID_NONCE|STALE_PRICE/.test(reason) && !mayBeOvertaken(chain))
            broken('the exchange was called out of order', `${transaction.bytes}: ${reason}`)
          return
        }
        countTold(chain, transaction, 1)
        for (const name of transaction.works) {
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
        countTold(chain, transaction, -1)
        for (const name of transaction.works) workNamed(name, chain).effects -= 1
      },
    }),

    added(table, intent) {
      const work = workNamed(workOf(table, intent.action), chainOf(intent.lane))
      const markets = intent.action.updates.map(({ market }) => market)
      intents.set(`${table} ${intent.id}`, { work, markets })
      if (isFinal(work.state)) broken('a final state was left', `${work.name} was added again`)
      work.state = intent.state
    },

    moved(id, table, state) {
      const known = intents.get(`${table} ${id}`)
      if (!known) return
      const { work } = known
      if (isFinal(work.state))
        broken('a final state was left', `${id}: ${work.state.kind} → ${state.kind}`)
      work.state = state
      if (state.kind === 'included' || state.kind === 'settled') checkKept(id, known, state)
      if (state.kind === 'settled') checkSettled(work, state)
      if (state.kind !== 'failed') return
      if (work.effects > 0)
        broken('failed and took effect', `${work.name}: ${state.why}, ${state.reason}`)
      if (state.reason.includes('INVALID_NONCE') && !mayBeOvertaken(work.chain))
        broken('the exchange was called out of order', `${work.name}: ${state.reason}`)
    },

    stored(table, lane) {
      const key = `${table} ${lane.id}`
      rows.set(key, lane)
      const busy = lane.inFlight.length > 0 || lane.dropped !== undefined
      if (busy) busyLanes.add(key)
      else busyLanes.delete(key)
      for (const transaction of lane.inFlight) checkSigned(lane.id, transaction)
    },

    sent(chain, bytes) {
      if (!storedBytes.has(bytes)) broken('sent before it was stored', `${chain}: ${bytes}`)
    },

    sending({ chain, table, bytes, held, now }) {
      const under = sentUnder.get(bytes)
      if (!under) return
      const { name, fence, lane } = under
      const key = `${table} ${name}`
      const before = lanesUnder.get(`${key} ${fence}`) ?? lane
      lanesUnder.set(`${key} ${fence}`, before)
      if (before !== lane) broken('two lanes under one fence', `${fence}: ${before} and ${lane}`)
      if ((leases.get(key)?.fence ?? fence) <= fence) return
      // It asked just now: the other lane came in while the answer was under way.
      const asked = held.get(name)
      if (asked?.fence === fence && asked.at === now) return
      broken('sent for an exchange that another lane has', `${chain}: ${bytes} under ${fence}`)
    },

    held(table, { name, owner }, fence) {
      const key = `${table} ${name}`
      const before = leases.get(key)
      const chain = name.split('/')[1] ?? ''
      if (before?.owner !== undefined && before.owner !== owner) takenOver.add(chain)
      leases.set(key, { fence, owner })
    },

    released(table, name, fence) {
      const key = `${table} ${name}`
      if (leases.get(key)?.fence !== fence) return
      if (!of.outsiders) checkNothingOut({ name, fence })
      leases.set(key, { fence, owner: undefined })
    },

    published(table, reports, { node, round }) {
      const key = `${table} ${node} ${round}`
      if (publishedRounds.has(key))
        broken('a round was published twice', `${key}: ${reports.length} reports`)
      publishedRounds.add(key)
    },

    pricesWritten(table, { node, round }) {
      const key = `${table} ${node}`
      const before = newestRounds.get(key) ?? -1
      if (round <= before) broken('the newest prices went back', `${key}: ${before} → ${round}`)
      newestRounds.set(key, round)
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
      [...intents.values()].flatMap(({ work: { name, state } }) =>
        isFinal(state) ? [] : [`${name} is ${state.kind}`],
      ),

    lanesEmpty: () => busyLanes.size === 0,
    works: () => intents.size,

    atTheEnd(undisturbed) {
      for (const { work } of intents.values()) {
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
