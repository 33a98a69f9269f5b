import type { Timestamp } from '../../domain/time.ts'
import type { Difference } from '../../keepers/replay/first-differences.ts'
import type { Again, ReplayedSlot } from '../../keepers/replay/replay-slot.ts'
import type { SlotRecord } from '../../ports.ts'

/** How many slots of one job and subject were decided again, and how that came out. */
export type ReplayCount = {
  readonly job: string
  readonly subject: string
  readonly slots: number
  readonly same: number
  readonly differ: number
  readonly undecidable: number
  /** Of all of them: those that had failed, which must fail again; and those that a candidate decided as well. */
  readonly failed: number
  readonly shadowed: number
}

/** One slot that came out otherwise, or that could not be decided again. */
export type ReplayFault = {
  readonly job: string
  readonly subject: string
  readonly slot: number
  readonly at: Timestamp
  readonly parameters: string
  /** The code that decided it. */
  readonly code: string
  /** Of its own decision, or of that which a candidate made beside it. */
  readonly of: 'own' | 'shadow'
} & (
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] }
  | { readonly kind: 'undecidable'; readonly why: string }
)

export type ReplayTally = {
  readonly counts: readonly ReplayCount[]
  readonly faults: readonly ReplayFault[]
}

export function replayTally(): {
  add(record: SlotRecord, replayed: ReplayedSlot): void
  sums(): ReplayTally
} {
  const counts = new Map<string, ReplayCount>()
  const faults: ReplayFault[] = []
  return {
    add(record, replayed) {
      const { keeper: job, subject } = record
      const key = JSON.stringify([job, subject])
      const before = counts.get(key) ?? { job, subject, ...nothing }
      const { own, shadow } = replayed
      const all = shadow ? [own, shadow] : [own]
      const kind = all.some((one) => one.kind === 'differs')
        ? 'differ'
        : all.some((one) => one.kind === 'undecidable')
          ? 'undecidable'
          : 'same'
      counts.set(key, {
        ...before,
        slots: before.slots + 1,
        [kind]: before[kind] + 1,
        failed: before.failed + (record.decided.startsWith('{"failed":') ? 1 : 0),
        shadowed: before.shadowed + (shadow ? 1 : 0),
      })
      faults.push(...faultsOf(record, 'own', own), ...faultsOf(record, 'shadow', shadow))
    },
    sums: () => ({ counts: [...counts.values()], faults }),
  }
}

const nothing = { slots: 0, same: 0, differ: 0, undecidable: 0, failed: 0, shadowed: 0 }

function faultsOf(
  { keeper: job, subject, slot, at, parameters, code, shadow }: SlotRecord,
  of: ReplayFault['of'],
  again: Again | undefined,
): readonly ReplayFault[] {
  if (!again || again.kind === 'same') return []
  const under = of === 'own' ? parameters : (shadow?.parameters ?? '')
  return [{ job, subject, slot, at, parameters: under, code, of, ...again }]
}
