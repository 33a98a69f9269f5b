import type { SettleBatch } from '../../lib/domain/action.ts'
import { plannedBatch } from '../../lib/domain/proving/advance-batch.ts'
import type { Batch, BatchContent, ProvingLane } from '../../lib/domain/proving/batch.ts'
import type { ProvingRules } from '../../lib/domain/proving/proving-rules.ts'
import { settleIntent } from '../../lib/domain/proving/settle-intent.ts'
import type { Standing } from '../../lib/domain/proving/settlement-place.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { performBatches } from '../../lib/keepers/prove/perform-batches.ts'
import { type BatchesView, proveBatches } from '../../lib/keepers/prove/prove-batches.ts'
import type { ProveWorld } from '../../lib/keepers/prove/prove-world.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import type { BatchSource, Blobs, Chain, Prover, Settlement, Store } from '../../lib/ports.ts'
import { proving as provingSchema } from '../../lib/runtime/network/proving.ts'
import { provingRules } from '../../lib/runtime/world/proving-rules.ts'
import { noSidecars } from '../keepers/prove/no-sidecars.ts'
import { aNetwork, sender } from '../runtime/a-network.ts'
import { IncompleteBenchError } from './tick.ts'

/** A lane of batches in a time of its own: prover, source and contract in memory, keeper and store the real ones. */
export type BatchWorld = {
  readonly clock: { now: () => Timestamp; advance(ms: number): void }
  readonly store: Store
  /** Of provers, by what was asked. */
  readonly asked: { find: number; submit: number }
  /** One slot of the job, at the time that it is. */
  slot(): Promise<void>
  /** So many rows in the state that takes the longest, all due now, and the lane's own. */
  plant(): Promise<void>
  lane(): Promise<ProvingLane | undefined>
  rows(): Promise<readonly Batch[]>
}

/** How often the job is common to run. */
export const slotMs = 10_000
/** A proof of an hour: public figures are from minutes to some hours. */
export const proveMs = 60 * 60_000
/** Ethereum: blocks of 12 s, final after two epochs. */
const blockMs = 12_000
const finalityBlocks = 64

const name = 'bench'
const begun = 1_800_000_000_000

/** A clock that stands until it is told to go on. */
export function benchClock(): BatchWorld['clock'] {
  let now = begun
  return { now: () => timestamp(now), advance: (ms) => void (now += ms) }
}

export function batchWorld(of: {
  readonly inFlight: number
  readonly store: Store
  readonly blobs: Blobs
  readonly clock: BatchWorld['clock']
}): BatchWorld {
  const { inFlight, store, blobs, clock } = of
  const asked = { find: 0, submit: 0 }
  const jobs = new Map<string, number>()
  const settled: { readonly number: number; readonly at: number }[] = []
  const rules = rulesOf(inFlight)
  const [proverName = ''] = rules.provers

  const prover: Prover = {
    name: proverName,
    async find(key) {
      asked.find += 1
      const since = jobs.get(key)
      if (since === undefined) return undefined
      const status = clock.now() - since < proveMs ? 'running' : 'done'
      return { id: key, status, facts: {}, isMocked: false }
    },
    async submit({ key }) {
      asked.submit += 1
      jobs.set(key, clock.now())
      return key
    },
  }
  const settlement = settlementOf(() => standingAt(clock.now(), settled), clock)
  const world: ProveWorld = {
    clock: { ...clock, sleep: async () => undefined },
    store,
    blobs,
    sidecars: noSidecars,
    chains: { l1: benchChain },
    proving: {
      [name]: { source: sourceOf(inFlight), provers: { [prover.name]: prover }, settlement },
    },
    rules: { [name]: rules },
    random: () => 0.5,
  }
  const keeper = proveBatches(world)
  let slots = 0

  async function send(action: SettleBatch): Promise<void> {
    const { engine, round, attempt, at, until } = action
    await store.intents.add({
      id: settleIntent(engine, round, attempt),
      lane: `l1/${sender}`,
      action,
      createdAt: at,
      deadline: until,
      state: { kind: 'waiting' },
    })
    settled.push({ number: round, at: (Math.floor(clock.now() / blockMs) + 1) * blockMs })
  }

  return {
    clock,
    store,
    asked,
    async slot() {
      slots += 1
      const end = await runKeeper<BatchesView>(
        {
          clock: world.clock,
          store,
          worker: 'bench',
          notify: () => undefined,
          maxLateMs: slotMs,
          async perform(action) {
            if (action.kind !== 'advance-batches') return
            await performBatches(
              { ...world, send, tell: () => undefined, isOver: () => false },
              action,
            )
          },
        },
        keeper,
        {
          subject: name,
          slot: slots,
          slotAt: clock.now(),
          until: timestamp(clock.now() + slotMs),
        },
      )
      if (end.kind !== 'done') throw new IncompleteBenchError('prove', JSON.stringify(end))
    },
    async plant() {
      for (let number = 1; number <= inFlight; number += 1) {
        const row = underProof(number, rules, clock.now())
        jobs.set(row.proving?.key ?? '', clock.now())
        await store.batches.write(row)
      }
      await store.batches.writeLane({
        name,
        newest: inFlight,
        tip: { number: inFlight, content: contentOf(inFlight, clock.now()) },
        settled: 0,
        finalized: 0,
        fence: 0,
        version: 1,
      })
    },
    lane: async () => store.batches.lane(name),
    rows: async () => store.batches.between(name, 1, inFlight),
  }
}

/** The usual rules of a network file, but for how many may be on their way. */
function rulesOf(inFlight: number): ProvingRules {
  const proving = provingSchema.parse({
    [name]: {
      source: { kind: 'starknet-blocks', chain: 'appchain', runs: 'https://runs.example' },
      provers: [
        { name: 'prover', kind: 'sharp', baseUrl: 'https://prover.example', customerId: 'us' },
      ],
      settlement: {
        kind: 'starknet-core',
        chain: 'l1',
        address: `0x${'2'.repeat(40)}`,
        registry: `0x${'3'.repeat(40)}`,
      },
    },
  })
  const rules = provingRules({ ...aNetwork(), proving })[name]
  if (!rules) throw new IncompleteBenchError('prove', 'the lane has no rules')
  // More than a network file lets anybody have.
  return { ...rules, buffer: inFlight }
}

const hashOf = (number: number): `0x${string}` =>
  `0x${(0xabc_0000 + number).toString(16).padStart(63, '7')}`
const rootOf = (number: number): `0x${string}` =>
  `0x${(0xdef_0000 + number).toString(16).padStart(63, '6')}`
const factOf = (number: number): `0x${string}` => `0x${number.toString(16).padStart(64, 'f')}`

function contentOf(number: number, at: number): BatchContent {
  return {
    name: `blocks ${number}-${number}`,
    previous: { number: number - 1, hash: hashOf(number - 1) },
    last: { number, hash: hashOf(number) },
    previousRoot: rootOf(number - 1),
    newRoot: rootOf(number),
    size: 100,
    closedAt: timestamp(at),
    closedBy: 'age',
  }
}

/** All batches are closed from the beginning: what a lane has after days without a prover. */
function sourceOf(total: number): BatchSource {
  return {
    name: 'bench',
    async closed(after, limit) {
      const left = Math.max(0, Math.min(limit, total - after.number))
      return Array.from({ length: left }, (_, at) => contentOf(after.number + 1 + at, begun))
    },
    has: async () => true,
    input: async ({ last }) => ({
      pie: Buffer.from(last.hash, 'utf8'),
      steps: 10_000_000,
      programHash: factOf(0),
      output: { programOutput: [BigInt(last.number)] },
    }),
  }
}

/** As the block says in which that time is. */
function standingAt(
  now: number,
  settled: readonly { readonly number: number; readonly at: number }[],
): Standing {
  const last = settled.findLast(({ at }) => at <= now)
  const number = last?.number ?? 0
  return { number, hash: hashOf(number), root: rootOf(number) }
}

function settlementOf(latest: () => Standing, clock: BatchWorld['clock']): Settlement {
  const finals: { readonly at: number; readonly standing: Standing }[] = []
  return {
    name,
    chain: 'l1',
    account: sender,
    check: async () => [],
    async sight() {
      const now = clock.now()
      const standing = latest()
      if (finals.at(-1)?.standing.number !== standing.number) finals.push({ at: now, standing })
      const deep = finals.findLast(({ at }) => at + finalityBlocks * blockMs <= now)
      const number = Math.floor(now / blockMs)
      return {
        latest: standing,
        block: { number, hash: factOf(number), time: now },
        finalized: deep?.standing ?? { number: 0, hash: hashOf(0), root: rootOf(0) },
        time: now,
      }
    },
    facts: ({ last }) => ({ fact: factOf(last.number), proverFacts: {} }),
    fact: async () => ({ kind: 'strong' }),
    call: ({ programOutput: [number = 0n] }) => ({
      kind: 'evm',
      to: `0x${'2'.repeat(40)}`,
      data: `0x${number.toString(16).padStart(1_024, '0')}`,
    }),
    meaningOf: async () => ({ meaning: 're-read' }),
  }
}

const simulated: Pick<Chain, 'simulate' | 'mostOf'> = {
  mostOf: () => 1n,
  async simulate() {
    const fee = { kind: 'evm', gas: 300_000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 0n } as const
    return { kind: 'ok', fee }
  },
}
// Nothing else of a chain is asked here.
const benchChain = simulated as Chain

/** Submitted just now, as its row stands after the usual way to there. */
function underProof(number: number, rules: ProvingRules, now: Timestamp): Batch {
  const planned = plannedBatch(
    { lane: name, number, content: contentOf(number, now), fence: 0 },
    { now, rules },
  )
  const key = rules.digest(`${name}/${number}`)
  const { programHash, fact } = { programHash: factOf(0), fact: factOf(number) }
  const file = `proof-input/${'0'.repeat(64)}`
  return {
    ...planned,
    state: { kind: 'proving' },
    deadlineAt: timestamp(now + rules.deadlineMs.proving),
    input: { pie: file, output: file, steps: 10_000_000, programHash, fact, proverFacts: {} },
    proving: { prover: rules.provers[0] ?? '', key, id: key, stage: 'IN_PROGRESS' },
    attempts: { ...planned.attempts, submit: 1 },
    history: [
      ...planned.history,
      ...(['preparing', 'ready', 'submitting', 'proving'] as const).map((to) => ({ at: now, to })),
    ],
  }
}
