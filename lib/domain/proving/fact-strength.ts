import type { FactSight } from './batch-sight.ts'

/** How a proof was made and verified, by the names of its registry. */
export type VerifierConfiguration = {
  readonly layout: string
  readonly hasher: string
  readonly stoneVersion: string
  readonly memoryVerification: string
}

/** One proof of a fact, as a registry lists it. */
export type FactVerification = {
  readonly config: VerifierConfiguration
  readonly securityBits: number
  /** `mock`: nothing was verified. `unknown`: the registry does not say who verified it. */
  readonly verifier: 'known' | 'mock' | 'unknown'
}

/** When a fact may be trusted. Anybody may register a valid proof of little strength. */
export type StrengthRules = {
  readonly minSecurityBits: number
  readonly configurations: readonly VerifierConfiguration[]
  /** A fact that nobody proved is good enough: for test networks only. */
  readonly mayBeMocked: boolean
}

/** Whether one verification of the list is strong enough by itself: bits of one and configuration of another do not add up. */
export function factStrength(
  verifications: readonly FactVerification[],
  rules: StrengthRules,
): FactSight {
  if (verifications.length === 0) return { kind: 'absent' }
  const faults = verifications.map((one) => faultsOf(one, rules))
  if (faults.some(({ length }) => length === 0)) return { kind: 'strong' }
  return { kind: 'weak', reason: reasonOf(verifications, faults) }
}

/** A list may be as long as anybody likes to make it; the best of it say enough. */
const mostTold = 3

function reasonOf(
  verifications: readonly FactVerification[],
  faults: readonly (readonly string[])[],
): string {
  const ranked = verifications
    .map((one, at) => ({ one, faults: faults[at] ?? [] }))
    .toSorted(
      (a, b) => a.faults.length - b.faults.length || b.one.securityBits - a.one.securityBits,
    )
  const told = ranked
    .slice(0, mostTold)
    .map((each) => `${nameOf(each.one.config)}: ${each.faults.join(', ')}`)
  const more = ranked.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

function faultsOf(
  { config, securityBits, verifier }: FactVerification,
  { minSecurityBits, configurations, mayBeMocked }: StrengthRules,
): readonly string[] {
  return [
    ...(configurations.some((one) => isSame(one, config)) ? [] : ['not a configuration of ours']),
    ...(securityBits >= minSecurityBits
      ? []
      : [`${securityBits} bits instead of ${minSecurityBits}`]),
    ...(verifier === 'mock' && !mayBeMocked ? ['from a mocked registry'] : []),
    ...(verifier === 'unknown' ? ['by nobody that its registry names'] : []),
  ]
}

function isSame(one: VerifierConfiguration, other: VerifierConfiguration): boolean {
  return (
    one.layout === other.layout &&
    one.hasher === other.hasher &&
    one.stoneVersion === other.stoneVersion &&
    one.memoryVerification === other.memoryVerification
  )
}

function nameOf({ layout, hasher, stoneVersion, memoryVerification }: VerifierConfiguration) {
  return `${layout}/${hasher}/${stoneVersion}/${memoryVerification}`
}
