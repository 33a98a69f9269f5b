import type { Simulation } from '../../domain/transaction.ts'

export type Passing<Part> =
  /** What goes through together, in the order of `parts`, and what does not. */
  | {
      readonly kind: 'some'
      readonly kept: readonly Part[]
      readonly simulation: Extract<Simulation, { kind: 'ok' }>
      readonly left: readonly PartLeft<Part>[]
    }
  | { readonly kind: 'none'; readonly left: readonly PartLeft<Part>[] }

type PartLeft<Part> = {
  readonly part: Part
  readonly why: 'refused' | 'no-room' | 'not-tried'
  readonly reason: string
}

type Good<Part> = {
  readonly parts: readonly Part[]
  readonly simulation: Extract<Simulation, { kind: 'ok' }>
}

/** One bad part of 200 takes 17 simulations; with more bad ones than this finds, the rest waits for the next push. */
const mostTries = 32

/**
 * The parts of a batch that go through. A node names the contract that refuses and never the call's index, so a batch that
 * is refused is tried again in halves until each bad part stands alone. Suspects are parted from the others first.
 */
export async function passing<Part>(
  parts: readonly Part[],
  trial: {
    readonly simulate: (parts: readonly Part[]) => Promise<Simulation>
    readonly isSuspect: (part: Part) => boolean
    readonly concernsAll: (reason: string) => boolean
  },
): Promise<Passing<Part>> {
  const good: Good<Part>[] = []
  const left: PartLeft<Part>[] = []
  let tries = 0

  async function probe(group: readonly Part[]): Promise<void> {
    if (tries >= mostTries) return leave(group, 'not-tried', 'too many others are refused')
    tries += 1
    const simulation = await trial.simulate(group)
    if (simulation.kind === 'ok') good.push({ parts: group, simulation })
    else if (group.length === 1 || trial.concernsAll(simulation.reason))
      leave(group, 'refused', simulation.reason)
    else for (const half of halves(group, trial.isSuspect)) await probe(half)
  }

  function leave(group: readonly Part[], why: PartLeft<Part>['why'], reason: string): void {
    left.push(...group.map((part) => ({ part, why, reason })))
  }

  await probe(parts)
  const [first, ...more] = good.toSorted((one, other) => other.parts.length - one.parts.length)
  if (!first) return { kind: 'none', left }
  if (more.length === 0)
    return { kind: 'some', kept: first.parts, left, simulation: first.simulation }
  const all = new Set(good.flatMap((group) => group.parts))
  const kept = parts.filter((part) => all.has(part))
  const together = await trial.simulate(kept)
  if (together.kind === 'ok') return { kind: 'some', kept, left, simulation: together }
  // Each passes alone: together they are too much for one transaction.
  leave(
    more.flatMap((group) => group.parts),
    'no-room',
    together.reason,
  )
  return { kind: 'some', kept: first.parts, left, simulation: first.simulation }
}

function halves<Part>(
  group: readonly Part[],
  isSuspect: (part: Part) => boolean,
): readonly (readonly Part[])[] {
  const suspects = group.filter(isSuspect)
  if (suspects.length > 0 && suspects.length < group.length)
    return [group.filter((part) => !isSuspect(part)), suspects]
  const middle = group.length >> 1
  return [group.slice(0, middle), group.slice(middle)]
}
