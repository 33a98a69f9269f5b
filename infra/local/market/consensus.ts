import { nthSeed, seedOf, uniform, wave } from './noise.ts'
import { scenarioFactor } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'

/** What decides every price of a simulated market, besides the time. */
export type MarketPath = { readonly seed: string; readonly scenarios: readonly Scenario[] }

/**
 * What an asset is worth in US dollars before any venue's spread. Floats: this is a random walk and
 * nobody's money; prices become exact decimals where a venue rounds them to its tick.
 */
export function consensusPrice(path: MarketPath, asset: string, at: number): number {
  if (asset === 'USD') return 1
  const level = assetLevel(asset)
  const seed = seedOf(path.seed, asset)
  const walk = walkAt(seed, at) * level.dailyVolatility
  const jumps = level.isMoney ? 0 : jumpsAt(nthSeed(seed, waves.length), at, path.scenarios)
  const factor = scenarioFactor({ scenarios: path.scenarios, asset, isMoney: level.isMoney, at })
  return level.usd * Math.exp(walk + jumps) * factor
}

type AssetLevel = {
  /** Where the walk hovers. */
  readonly usd: number
  /** The deviation of a day's change. */
  readonly dailyVolatility: number
  /** Neither jumps nor crashes with the rest. */
  readonly isMoney: boolean
}

const levels: Readonly<Record<string, AssetLevel>> = {
  USD: { usd: 1, dailyVolatility: 0, isMoney: true },
  USDT: { usd: 1, dailyVolatility: 0.0003, isMoney: true },
  USDC: { usd: 1, dailyVolatility: 0.0002, isMoney: true },
  EUR: { usd: 1.08, dailyVolatility: 0.004, isMoney: true },
  BTC: { usd: 64_000, dailyVolatility: 0.025, isMoney: false },
  ETH: { usd: 3_100, dailyVolatility: 0.033, isMoney: false },
  SOL: { usd: 150, dailyVolatility: 0.045, isMoney: false },
  XRP: { usd: 0.62, dailyVolatility: 0.04, isMoney: false },
  DOGE: { usd: 0.14, dailyVolatility: 0.05, isMoney: false },
  STRK: { usd: 0.45, dailyVolatility: 0.06, isMoney: false },
}

export function assetLevel(asset: string): AssetLevel {
  const level = levels[asset]
  if (!level) throw new UnknownAssetError(asset)
  return level
}

const dayMs = 86_400_000

/**
 * A sum of waves, each twice as long and √2 times as strong as the one before: between the shortest
 * and the longest it strays like a random walk, beyond that it returns to its level. The slow waves
 * are what a trader would call drift. Measured: with 0.5 a day's change has a deviation of about 1.
 */
const waves = Array.from({ length: 22 }, (_, octave) => {
  // From two seconds to seven weeks.
  const periodMs = 2_000 * 2 ** octave
  return { periodMs, strength: 0.5 * Math.sqrt(periodMs / dayMs) }
})

function walkAt(seed: number, at: number): number {
  return waves.reduce(
    (sum, { periodMs, strength }, n) => sum + strength * wave(nthSeed(seed, n), periodMs, at),
    0,
  )
}

/** A jump is forgotten after an hour, so that only an hour of them has to be looked at. */
const jumpLifeMs = 3_600_000
const jumpSlotMs = 120_000

function jumpsAt(seed: number, at: number, scenarios: readonly Scenario[]): number {
  const begun = scenarios.filter(({ kind }) => kind === 'jumps').map((scenario) => scenario.at)
  if (begun.length === 0) return 0
  const since = Math.min(...begun)
  const now = Math.floor(at / jumpSlotMs)
  let sum = 0
  for (let slot = now - jumpLifeMs / jumpSlotMs; slot <= now; slot++) {
    const jump = jumpOf(seed, slot)
    const age = at - jump.at
    if (jump.at >= since && age >= 0 && age < jumpLifeMs) sum += jump.size * (1 - age / jumpLifeMs)
  }
  return sum
}

/** One slot in three jumps, by 0.5 to 3 percent, either way. */
function jumpOf(seed: number, slot: number): { readonly at: number; readonly size: number } {
  const at = (slot + uniform(nthSeed(seed, 1), slot)) * jumpSlotMs
  if (uniform(nthSeed(seed, 2), slot) > 1 / 3) return { at, size: 0 }
  const size = 0.005 + 0.025 * uniform(nthSeed(seed, 3), slot)
  return { at, size: uniform(nthSeed(seed, 4), slot) < 0.5 ? -size : size }
}

/** The simulated market has no path for this asset. */
export class UnknownAssetError extends Error {
  override readonly name = 'UnknownAssetError'

  constructor(asset: string) {
    super(`the simulated market knows no ${asset}; it knows ${Object.keys(levels).join(', ')}`)
  }
}
