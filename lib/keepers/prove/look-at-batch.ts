import { goesOn } from '../../domain/proving/advance-batch.ts'
import type { Asked, BatchSight, SettleTrial } from '../../domain/proving/batch-sight.ts'
import type { Batch, BatchKind } from '../../domain/proving/batch.ts'
import { placeOf } from '../../domain/proving/settlement-place.ts'
import { asked } from './asked.ts'
import type { LaneParts, ProveWorld } from './prove-world.ts'
import { outputOf } from './run-files.ts'

export type BatchLook = { readonly batch: Batch; readonly sight: BatchSight }

/** Asks whoever decides about the state that it is in, and nobody else. */
export async function lookAtBatch(
  world: ProveWorld,
  parts: LaneParts,
  { batch, base }: { readonly batch: Batch; readonly base: Omit<BatchSight, 'place'> },
): Promise<BatchLook> {
  const { settlement } = base
  const place = settlement.kind === 'told' ? placeOf(batch.content, settlement.value) : undefined
  const kind = kindOf(batch)
  const isTurn = base.isNext && place === 'next'
  const [stands, job, intent, fact] = await Promise.all([
    standsItself(parts, batch, base.stands),
    jobOf(parts, batch, kind),
    batch.intent === undefined ? undefined : world.store.intents.get(batch.intent),
    factOf(parts, batch, { kind, isTurn }),
  ])
  const trial =
    isTurn && isProved(kind) && isStrong(fact) ? await trialOf(world, parts, batch) : undefined
  const sight = {
    ...base,
    stands,
    place,
    ...(job && { job }),
    ...(fact && { fact }),
    ...(trial && { trial }),
    ...(intent && { intent: intent.state }),
  }
  return { batch, sight }
}

/** One that was about to be sent when its blocks were lost is not given up with the others: it is asked about by itself. */
async function standsItself(
  { source }: LaneParts,
  { state, content }: Batch,
  stands: BatchSight['stands'],
): Promise<BatchSight['stands']> {
  const isSettling =
    state.kind === 'settling' || (state.kind === 'needs-human' && state.back === 'settling')
  if (!isSettling || stands.kind === 'trouble' || !stands.value) return stands
  return await asked(async () => source.has(content.last))
}

/** The state that decides what is asked: of what waits for a human, the one that it goes on from by itself. */
function kindOf({ state }: Batch): BatchKind {
  return state.kind === 'needs-human' && goesOn(state) ? state.back : state.kind
}

function isProved(kind: BatchKind): boolean {
  return kind === 'fact-verified' || kind === 'held-fee-cap'
}

function isStrong(fact: BatchSight['fact']): boolean {
  return fact?.kind === 'told' && fact.value.kind === 'strong'
}

async function jobOf(
  { provers }: LaneParts,
  { proving }: Batch,
  kind: BatchKind,
): Promise<BatchSight['job']> {
  if (!proving || (kind !== 'submitting' && kind !== 'proving')) return undefined
  const prover = Object.hasOwn(provers, proving.prover) ? provers[proving.prover] : undefined
  if (!prover)
    return {
      kind: 'trouble',
      message: `the network file names no prover ${proving.prover} for this lane any more`,
    }
  return await asked(async () => prover.find(proving.key, proving.id))
}

async function factOf(
  { settlement }: LaneParts,
  { input }: Batch,
  { kind, isTurn }: { readonly kind: BatchKind; readonly isTurn: boolean },
): Promise<BatchSight['fact']> {
  if (!input || !(kind === 'proved-fact-pending' || (isTurn && isProved(kind)))) return undefined
  return await asked(async () => settlement.fact(input.fact))
}

async function trialOf(
  { blobs }: ProveWorld,
  { source, settlement, chain }: LaneParts,
  { content, input }: Batch,
): Promise<Asked<SettleTrial> | undefined> {
  if (!input) return undefined
  return await asked(async (): Promise<SettleTrial> => {
    const output = await outputOf({ blobs, source }, content, input)
    const what = await settlement.missing?.(output)
    if (what !== undefined) return { kind: 'missing', what }
    const call = settlement.call(output)
    const simulated = await chain.simulate(settlement.account, [call])
    if (simulated.kind === 'ok') return { kind: 'ok', most: chain.mostOf(simulated.fee) }
    const { reason } = simulated
    const { programHash } = input
    return {
      kind: 'reverted',
      reason,
      ...(await settlement.meaningOf(reason, { programHash, output })),
    }
  })
}
