import type { Simulate } from './minimise.ts'
import { simulateProving } from './proving/simulate.ts'
import { simulate } from './simulate.ts'

/** What can be simulated, by name. */
export const simulations = { lanes: simulate, proving: simulateProving } satisfies Record<
  string,
  Simulate
>

export function simulationName(text: string): keyof typeof simulations {
  if (text === 'lanes' || text === 'proving') return text
  throw new RangeError(`--of takes lanes or proving, not ${text}`)
}
