import type { Simulation } from '../../domain/transaction.ts'
import type { Passing } from './passing.ts'

/**
 * Where a part that is refused stops no other, a simulation of all of them passes whatever becomes of each: what the calls
 * would answer says which are refused. Nobody is to pay for those.
 */
export async function withoutRefused<Part>(
  found: Passing<Part>,
  trial: {
    readonly simulate: (parts: readonly Part[]) => Promise<Simulation>
    /** Of each part; undefined where the calls' answer does not say. */
    readonly refused: (
      parts: readonly Part[],
      returned: `0x${string}`,
    ) => readonly boolean[] | undefined
  },
): Promise<Passing<Part>> {
  if (found.kind === 'none' || found.simulation.returned === undefined) return found
  const refused = trial.refused(found.kept, found.simulation.returned)
  const kept = found.kept.filter((_, at) => refused?.[at] !== true)
  if (kept.length === found.kept.length) return found
  const gone = found.kept.filter((part) => !kept.includes(part))
  const left = [...found.left, ...gone.map((part) => ({ part, ...refusedNow }))]
  if (kept.length === 0) return { kind: 'none', left }
  const simulation = await trial.simulate(kept)
  if (simulation.kind === 'ok') return { kind: 'some', kept, left, simulation }
  const { reason } = simulation
  const rest = kept.map((part) => ({ part, why: 'refused', reason }) as const)
  return { kind: 'none', left: [...left, ...rest] }
}

const refusedNow = { why: 'refused', reason: 'the exchange would refuse it now' } as const
