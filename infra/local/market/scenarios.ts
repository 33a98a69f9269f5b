import { z } from 'zod'

/** Something that happens to the simulated market from `at` on, in unix milliseconds. Without any it is calm. */
export const Scenario = z.discriminatedUnion('kind', [
  /** Assets leap by a few percent every some minutes and come back within the hour. */
  z.strictObject({ kind: z.literal('jumps'), at: z.int().nonnegative() }),
  /** A stablecoin slides to `floor` dollars in a quarter of the time, stays for half of it, and comes back. */
  z.strictObject({
    kind: z.literal('depeg'),
    at: z.int().nonnegative(),
    asset: z.enum(['USDT', 'USDC']).default('USDC'),
    // About where USDC was at its lowest on 2023-03-11.
    floor: z.number().gt(0).lt(1).default(0.88),
    forMs: z.int().positive().default(600_000),
  }),
  /** Everything but money falls by the fraction `by` within `withinMs` and stays there. */
  z.strictObject({
    kind: z.literal('crash'),
    at: z.int().nonnegative(),
    by: z.number().gt(0).lt(1).default(0.3),
    withinMs: z.int().positive().default(180_000),
  }),
])
export type Scenario = z.infer<typeof Scenario>
export type ScenarioInput = z.input<typeof Scenario>

type Moment = {
  readonly scenarios: readonly Scenario[]
  readonly asset: string
  readonly isMoney: boolean
  readonly at: number
}

/** What all scenarios together multiply the price of an asset by. */
export function scenarioFactor(moment: Moment): number {
  return moment.scenarios.reduce((product, scenario) => product * factorOf(scenario, moment), 1)
}

function factorOf(scenario: Scenario, { asset, isMoney, at }: Moment): number {
  switch (scenario.kind) {
    case 'jumps':
      return 1
    case 'depeg':
      if (scenario.asset !== asset) return 1
      return 1 - (1 - scenario.floor) * slide((at - scenario.at) / scenario.forMs)
    case 'crash':
      return isMoney ? 1 : 1 - scenario.by * clamp((at - scenario.at) / scenario.withinMs)
  }
}

/** 0 before the beginning and after the end, 1 in the middle half, straight lines between. */
function slide(along: number): number {
  return clamp(Math.min(along, 1 - along) * 4)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
