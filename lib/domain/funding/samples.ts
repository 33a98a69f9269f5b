import { Decimal } from '../decimal.ts'
import { medianOf } from '../median.ts'

/** One keeper's premium for one slot of time. */
export type PremiumVote = { readonly slot: number; readonly premium: Decimal }

/** How an epoch's samples become its premium. */
export type SampleRules = {
  /** Fewer slots with a vote than this, and the epoch has no premium. */
  readonly minSamples: number
  /** Fewer votes for one slot than this count as zeros (dYdX v4: 15; 1 where each keeper votes once). */
  readonly minVotes: number
  /** A slot nobody voted for is 0, so that a stalled feed decays towards 0 (dYdX v4), or what the slot before it was. */
  readonly missing: 'zero' | 'carry-forward'
  /** `linear`: the later a slot, the more it weighs, 1, 2, 3, … (Binance, Bybit). */
  readonly average: 'mean' | 'median' | 'linear'
}

export type Epoch = {
  readonly firstSlot: number
  readonly slots: number
  /** The sample before the first slot, to be carried forward; without one that is 0. */
  readonly before: Decimal | undefined
}

export type EpochPremium =
  | {
      readonly kind: 'premium'
      readonly premium: Decimal
      /** Slots with a vote, of all. */
      readonly sampled: number
      readonly slots: number
      /** The epoch's last sample: what the next epoch carries forward. */
      readonly last: Decimal
    }
  | { readonly kind: 'too-few-samples'; readonly sampled: number; readonly needed: number }

/** The premium of an epoch from everybody's votes; those outside of it are left out. */
export function epochPremium(
  votes: readonly PremiumVote[],
  epoch: Epoch,
  rules: SampleRules,
): EpochPremium {
  if (!Number.isSafeInteger(epoch.slots) || epoch.slots < 1)
    throw new RangeError(`an epoch of ${epoch.slots} slots has no premium`)
  const sampled = slotSamples(votes, rules.minVotes)
  const seen = Array.from({ length: epoch.slots }, (_, at) => sampled.get(epoch.firstSlot + at))
  const count = seen.filter((sample) => sample !== undefined).length
  if (count < rules.minSamples)
    return { kind: 'too-few-samples', sampled: count, needed: rules.minSamples }
  const samples = filled(seen, rules.missing, epoch.before ?? zero)
  return {
    kind: 'premium',
    premium: averageOf(samples, rules.average),
    sampled: count,
    slots: epoch.slots,
    last: samples.at(-1) ?? zero,
  }
}

/** Paradex's smoothing: after `halfLife` steps half of a change is taken over (α = 1 - 2^(-1 / halfLife)). */
export function smoothed(before: Decimal | undefined, sample: Decimal, halfLife: number): Decimal {
  if (!(halfLife > 0)) throw new RangeError(`a half-life of ${halfLife} steps is not above zero`)
  if (before === undefined) return sample
  const alpha = new Decimal(1).sub(new Decimal(2).pow(new Decimal(-1).div(halfLife)))
  return before.add(alpha.mul(sample.sub(before)))
}

/** dYdX v4's sample: the median of the votes with zeros up to `minVotes`; the middle of two rounded away from zero. */
export function dydxSamplePpm(votes: readonly bigint[], minVotes: number): bigint {
  const padded = withZeros(votes, minVotes, 0n).toSorted(ascending)
  const sum = (padded[(padded.length - 1) >> 1] ?? 0n) + (padded[padded.length >> 1] ?? 0n)
  return sum / 2n + (sum % 2n)
}

/** dYdX v4's hour: the mean of the samples with zeros up to `minSamples`, truncated towards zero. It removes no tails (0 ppm). */
export function dydxEpochPpm(samples: readonly bigint[], minSamples: number): bigint {
  const padded = withZeros(samples, minSamples, 0n)
  if (padded.length === 0) return 0n
  return padded.reduce((sum, sample) => sum + sample, 0n) / BigInt(padded.length)
}

function slotSamples(
  votes: readonly PremiumVote[],
  minVotes: number,
): ReadonlyMap<number, Decimal> {
  const bySlot = Map.groupBy(votes, ({ slot }) => slot)
  return new Map(
    [...bySlot].map(([slot, theirs]) => {
      const premiums = theirs.map(({ premium }) => premium)
      return [slot, medianOf(withZeros(premiums, minVotes, zero))]
    }),
  )
}

function filled(
  seen: readonly (Decimal | undefined)[],
  missing: SampleRules['missing'],
  before: Decimal,
): readonly Decimal[] {
  let carried = before
  return seen.map((sample) => {
    if (missing === 'zero') return sample ?? zero
    carried = sample ?? carried
    return carried
  })
}

function averageOf(samples: readonly Decimal[], average: SampleRules['average']): Decimal {
  switch (average) {
    case 'mean':
      return Decimal.sum(...samples).div(samples.length)
    case 'median':
      return medianOf(samples)
    case 'linear': {
      const weighted = samples.map((sample, at) => sample.mul(at + 1))
      return Decimal.sum(...weighted).div((samples.length * (samples.length + 1)) / 2)
    }
  }
}

function withZeros<T>(values: readonly T[], least: number, nothing: T): readonly T[] {
  const lacking = Math.max(0, least - values.length)
  return [...values, ...Array.from({ length: lacking }, () => nothing)]
}

function ascending(one: bigint, other: bigint): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

const zero = new Decimal(0)
