import type { SettleBatch } from '../../../lib/domain/action.ts'
import { BatchInputError } from '../../../lib/domain/proving/batch-input-error.ts'
import type { RevertMeaning } from '../../../lib/domain/proving/batch-sight.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import type { ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import { settleIntent } from '../../../lib/domain/proving/settle-intent.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { performBatches } from '../../../lib/keepers/prove/perform-batches.ts'
import { proveBatches } from '../../../lib/keepers/prove/prove-batches.ts'
import type { ProveWorld } from '../../../lib/keepers/prove/prove-world.ts'
import type { BatchSource, Blobs, Chain, Prover, Settlement, Store } from '../../../lib/ports.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import { noSidecars } from '../../keepers/prove/no-sidecars.ts'
import type { Process, Simulation } from '../calls.ts'
import { mixed } from '../plan.ts'
import { seenStore } from '../seen-store.ts'
import type { L1Truth } from './l1-truth.ts'
import type { L2Truth } from './l2-truth.ts'
import type { ProvingPlan } from './plan.ts'
import type { ProverTruth } from './prover-truth.ts'
import type { ProvingMutant } from './proving-mutant.ts'
import type { ProvingWatch } from './proving-rules.ts'
import { callOf, contentOfCall, factOf, outputOf } from './told.ts'

export type ProvingTruths = {
  readonly sim: Simulation
  readonly plan: ProvingPlan
  readonly l1: L1Truth
  readonly l2: L2Truth
  readonly watch: ProvingWatch
  readonly store: Store
  /** The same without anybody who watches. */
  readonly table: Store
  readonly laneId: string
  readonly lane: string
  readonly mutant: ProvingMutant | undefined
  readonly rules: ProvingRules
  readonly files: Map<string, Uint8Array>
  /** Blocks in whose batches the program run is wrong, or not there. */
  readonly wrongRuns: Set<number>
  readonly missingRuns: Set<number>
  readonly provers: Readonly<Record<string, ProverTruth>>
}

/** A process that does one slot after another, until it ends. */
export function aWorker(truths: ProvingTruths, process: Process, number: number): void {
  const { sim, plan, lane } = truths
  const dice = seeded(mixed(plan.calls.seed, 9_000 + number))
  const world = worldOf(truths, process, dice)
  const keeper = proveBatches(world)
  let slot = number * 1_000_000

  async function doSlot(): Promise<void> {
    slot += 1
    const slotAt = timestamp(process.now())
    const until = timestamp(slotAt + plan.slotMs)
    try {
      const view = await keeper.observe({ subject: lane, slot, slotAt, until })
      for (const action of keeper.decide(view).actions)
        if (action.kind === 'advance-batches')
          await performBatches(
            {
              ...world,
              send: async (settle) => send(world, truths, settle),
              tell: () => undefined,
              isOver: () => process.now() >= until,
            },
            action,
          )
    } catch (error) {
      sim.trace?.(`${process.name} slot failed: ${String(error)}`)
    }
  }

  const next = (): true => {
    if (!process.alive()) return true
    void doSlot().then(() => sim.time.after(plan.slotMs / 2 + dice.below(plan.slotMs), next))
    return true
  }
  sim.time.after(dice.below(plan.slotMs), next)
}

/** As the lane has it: an intent by its name, once. */
export async function send(
  world: ProveWorld,
  { laneId }: ProvingTruths,
  action: SettleBatch,
): Promise<void> {
  await world.store.intents.add({
    id: settleIntent(action.engine, action.round, action.attempt),
    lane: laneId,
    action,
    createdAt: action.at,
    deadline: action.until,
    state: { kind: 'waiting' },
  })
}

export function worldOf(
  truths: ProvingTruths,
  process: Process,
  dice: { below(n: number): number },
): ProveWorld {
  const { lane, mutant, rules } = truths
  const parts = {
    source: sourceOf(truths, process),
    provers: Object.fromEntries(
      Object.entries(truths.provers).map(([name, truth]) => [
        name,
        proverOf(truths, process, { name, truth }),
      ]),
    ),
    settlement: settlementOf(truths, process),
  }
  return {
    clock: { now: () => timestamp(process.now()), sleep: process.sleep },
    store: seenStore(process, truths.store, { name: 'table', lists: new Map(), held: new Map() }),
    blobs: blobsOf(truths, process),
    sidecars: noSidecars,
    chains: { l1: chainOf(truths, process) },
    proving: { [lane]: mutant?.parts ? mutant.parts(parts) : parts },
    rules: { [lane]: mutant?.rules ? mutant.rules(rules) : rules },
    random: () => dice.below(1_000) / 1_000,
  }
}

function isIn(runs: Set<number>, { previous, last }: BatchContent): boolean {
  return [...runs].some((number) => number > previous.number && number <= last.number)
}

function sourceOf({ l2, wrongRuns, missingRuns }: ProvingTruths, { call }: Process): BatchSource {
  return {
    name: 'blocks',
    closed: (after, limit) =>
      call({ kind: 'node', name: 'closed', to: 'l2', act: () => l2.closed(after, limit) }),
    has: (block) =>
      call({ kind: 'node', name: `has ${block.number}`, to: 'l2', act: () => l2.has(block) }),
    input: (content) =>
      call({
        kind: 'node',
        name: `run of ${content.name}`,
        to: 'runs',
        act() {
          if (isIn(wrongRuns, content))
            throw new BatchInputError(content.name, 'its new root is another one')
          if (isIn(missingRuns, content)) return undefined
          return {
            pie: Buffer.from(content.last.hash, 'utf8'),
            steps: 1_000,
            programHash: '0x9',
            output: outputOf(content),
          }
        },
      }),
  }
}

function proverOf(
  { watch }: ProvingTruths,
  { call, name: process }: Process,
  { name, truth }: { readonly name: string; readonly truth: ProverTruth },
): Prover {
  return {
    name,
    find: (key) =>
      call({
        kind: 'node',
        name: `find ${key.slice(0, 8)}`,
        to: name,
        act() {
          const job = truth.find(key)
          watch.looked(process, key, job !== undefined)
          return job
        },
      }),
    submit({ key, pie }) {
      // Whatever becomes of it on its way.
      watch.submitted(process, truth, { key, hash: Buffer.from(pie).toString('utf8') })
      return call({
        kind: 'send',
        name: `submit ${key.slice(0, 8)}`,
        to: name,
        act: () => truth.submit({ key, pie }),
      })
    },
  }
}

function settlementOf({ l1, lane, plan }: ProvingTruths, { call }: Process): Settlement {
  return {
    name: lane,
    chain: 'l1',
    account: '0x5e',
    check: async () => [],
    sight: () =>
      call({
        kind: 'node',
        name: 'settled',
        to: 'l1',
        act: ({ fault, size }) => l1.sight(fault === 'lag' ? 1 + Math.floor(size * 3) : 0),
      }),
    facts: ({ last, closedAt }) => ({
      fact: factOf(last.hash),
      proverFacts: { sharp: factOf(last.hash) },
      ...(plan.settleWithinMs !== undefined && {
        settleBefore: timestamp(closedAt + plan.settleWithinMs),
      }),
    }),
    fact: (fact) => call({ kind: 'node', name: 'fact', to: 'l1', act: () => l1.fact(fact) }),
    call: callOf,
    meaningOf: (reason) =>
      call({ kind: 'node', name: 'meaning', to: 'l1', act: () => meaningOf(reason) }),
  }
}

function meaningOf(reason: string): RevertMeaning {
  if (reason === 'NO_STATE_TRANSITION_PROOF') return { meaning: 'wait' }
  if (reason === 'INVALID_CONFIG_HASH') return { meaning: 'human', why: 'configuration' }
  if (reason === 'BATCH_TIMESTAMP_EXPIRED') return { meaning: 'human', why: 'unsettleable' }
  return { meaning: 're-read' }
}

type SimulatedCall = Awaited<ReturnType<Chain['simulate']>>

type Simulated = Pick<Chain, 'simulate' | 'mostOf'>

function chainOf({ l1 }: ProvingTruths, { call }: Process): Chain {
  const simulated: Simulated = {
    mostOf: (fee) => (fee.kind === 'evm' ? fee.gas : 0n),
    simulate: (_account, [told]) =>
      call({
        kind: 'node',
        name: 'simulate',
        to: 'l1',
        act(): SimulatedCall {
          if (told?.kind !== 'evm') throw new TypeError('it settles no batch')
          const reason = l1.refusal(contentOfCall(told), undefined)
          if (reason !== undefined) return { kind: 'reverted', reason }
          const fee = {
            kind: 'evm',
            gas: l1.price(),
            maxFeePerGas: 1n,
            maxPriorityFeePerGas: 0n,
          } as const
          return { kind: 'ok', fee }
        },
      }),
  }
  // Nothing else of a chain is asked here.
  return simulated as Chain
}

function blobsOf({ files }: ProvingTruths, { call }: Process): Blobs {
  return {
    put: (key, content) =>
      call({ kind: 'write', name: 'put', to: 'files', act: () => void files.set(key, content) }),
    get: (key) => call({ kind: 'read', name: 'get', to: 'files', act: () => files.get(key) }),
  }
}
