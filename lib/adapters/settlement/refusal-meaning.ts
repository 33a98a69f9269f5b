import type { RevertMeaning } from '../../domain/proving/batch-sight.ts'

/** What to do about a batch that a contract on L1 refuses. */
export type RefusalMeaning = {
  readonly meaning:
    /** It will be taken later, as it is. */
    | 'wait'
    /** The contract stands elsewhere: another was faster, or it is of another fork. */
    | 're-read'
    /** It can never be settled: what it consumes is gone, or its time is over. */
    | 're-plan'
    /** Somebody has to decide, or to give us a right. */
    | 'page'
    /** What we built is wrong. */
    | 'stop'
  /** In one sentence. */
  readonly why: string
}

/** A contract's reasons that mean the same, each with its sentence. */
export function refusals(
  meaning: RefusalMeaning['meaning'],
  reasons: Readonly<Record<string, string>>,
): readonly (readonly [string, RefusalMeaning])[] {
  return Object.entries(reasons).map(([reason, why]) => [reason, { meaning, why }] as const)
}

/** What it means for who drives the batch. */
export const revertMeanings: Readonly<Record<RefusalMeaning['meaning'], RevertMeaning>> = {
  wait: { meaning: 'wait' },
  're-read': { meaning: 're-read' },
  're-plan': { meaning: 'human', why: 'unsettleable' },
  page: { meaning: 'human', why: 'configuration' },
  stop: { meaning: 'human', why: 'bug' },
}
