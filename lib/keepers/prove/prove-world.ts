import type { ProvingRules } from '../../domain/proving/proving-rules.ts'
import type { Blobs, BlobSidecars, Chain, Clock, ProvingParts, Store } from '../../ports.ts'

export type ProveWorld = {
  readonly clock: Clock
  readonly store: Pick<Store, 'batches' | 'intents' | 'leases'>
  readonly blobs: Blobs
  /** What goes to the chain beside a transaction. */
  readonly sidecars: Pick<BlobSidecars, 'keep'>
  readonly chains: Readonly<Record<string, Chain>>
  /** By proving lane. */
  readonly proving: Readonly<Record<string, ProvingParts>>
  readonly rules: Readonly<Record<string, ProvingRules>>
  /** From 0 to 1. */
  readonly random: () => number
}

/** What one lane is driven with. */
export type LaneParts = ProvingParts & {
  readonly name: string
  readonly rules: ProvingRules
  readonly chain: Chain
}

export function partsOf({ proving, rules, chains }: ProveWorld, name: string): LaneParts {
  const parts = Object.hasOwn(proving, name) ? proving[name] : undefined
  const own = Object.hasOwn(rules, name) ? rules[name] : undefined
  const chain = parts && chains[parts.settlement.chain]
  if (!parts || !own || !chain) throw new UnknownProvingLaneError(name)
  return { ...parts, name, rules: own, chain }
}

/** One worker at a time drives a lane. */
export function provingLease(lane: string): string {
  return `proving/${lane}`
}

/** A slot names a proving lane that the network file does not. */
export class UnknownProvingLaneError extends Error {
  override readonly name = 'UnknownProvingLaneError'
  readonly lane: string

  constructor(lane: string) {
    super(`there is no proving lane ${lane} in the network file`)
    this.lane = lane
  }
}
