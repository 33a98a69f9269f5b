import type { Ended, SimulateOptions } from './simulate.ts'

export type Minimised = {
  readonly ended: Ended
  /** What still has to happen for the rule to break. */
  readonly needed: readonly string[]
  /** Everything that happens in that shortest story. */
  readonly trace: readonly string[]
}

/** One schedule, from its number. */
export type Simulate = (
  seed: number,
  options: Pick<SimulateOptions, 'only' | 'trace'>,
) => Promise<Ended>

/** The fewest faults and events of a schedule with which it still breaks the same rule: each is left out in turn. */
export async function minimise(seed: number, simulate: Simulate): Promise<Minimised> {
  const whole = await simulate(seed, {})
  if (!whole.violation) return { ended: whole, needed: whole.happened, trace: [] }
  const { rule } = whole.violation
  let needed = [...whole.happened]
  for (let size = needed.length; size >= 1; size >>= 1)
    for (let at = 0; at < needed.length;) {
      const without = needed.toSpliced(at, size)
      const ended = await simulate(seed, { only: new Set(without) })
      if (ended.violation?.rule === rule) needed = [...ended.happened]
      else at += size
    }
  const trace: string[] = []
  const only = new Set(needed)
  const ended = await simulate(seed, {
    only,
    trace: (line) => trace.push(line),
  })
  return { ended, needed, trace }
}
