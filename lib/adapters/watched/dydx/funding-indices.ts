import * as z from 'zod/mini'

import { Decimal } from '../../../domain/decimal.ts'
import { timestamp } from '../../../domain/time.ts'
import type { LevelSight } from '../../../domain/watch/system-sight.ts'
import {
  type ChainState,
  type DydxSettings,
  type NamedMarket,
  settingName,
} from './dydx-settings.ts'

/**
 * What one coin of each market held long has paid since the beginning, in USD, and what the chain lets that change by within an
 * hour at the oracle's price: its rate of eight hours is kept within a multiple of what initial margin is above maintenance
 * (v4-chain x/perpetuals, funding_rate_clamp_factor_ppm). Throws what `ask` throws, and `FundingIndexUntoldError`.
 */
export async function fundingIndices(
  ask: ChainState,
  { markets, contents }: DydxSettings,
): Promise<readonly LevelSight[]> {
  const { epoch_info: epochs } = await ask('/dydxprotocol/v4/epochs/epoch_info', Epochs)
  const ticks = epochs.find(({ name }) => name === 'funding-tick')
  // Both are written in the block that begins an epoch.
  const writtenAt = ticks && timestamp((ticks.next_tick - ticks.duration) * 1_000)
  return Promise.all(
    markets.map(async (market): Promise<LevelSight> => {
      const { atomicResolution, clampedRate } = rulesOf(market, contents)
      const path = `/dydxprotocol/prices/market/${market.priceId}`
      const { market_price: oracle } = await ask(path, Price)
      const price = new Decimal(oracle.price).mul(new Decimal(10).pow(oracle.exponent))
      return {
        name: `funding-index:${market.ticker}`,
        // In millionths, as the rate, of millionths of a USD for one smallest unit.
        value: new Decimal(String(serializedInt(market)))
          .mul(new Decimal(10).pow(-12 - atomicResolution))
          .toNumber(),
        unit: 'USD',
        mostPerHour: clampedRate.div(8).mul(price).toNumber(),
        ...(writtenAt !== undefined && { writtenAt }),
      }
    }),
  )
}

const Epochs = z.object({
  epoch_info: z.array(
    z.object({
      name: z.string(),
      next_tick: z.int().check(z.nonnegative()),
      duration: z.int().check(z.nonnegative()),
    }),
  ),
})
const Price = z.object({
  market_price: z.object({
    price: z.string().check(z.regex(/^\d{1,20}$/)),
    exponent: z.int().check(z.gte(-30), z.lte(30)),
  }),
})

const millionths = z.int().check(z.gte(0), z.lte(2 ** 32))
const Rules = z.object({
  perpetual: z.object({ atomic_resolution: z.int().check(z.gte(-30), z.lte(30)) }),
  tier: z.object({ initial_margin_ppm: millionths, maintenance_fraction_ppm: millionths }),
  funding: z.object({ funding_rate_clamp_factor_ppm: millionths }),
})

/** The highest rate of eight hours, as a fraction. */
function rulesOf({ ticker, tier }: NamedMarket, contents: DydxSettings['contents']) {
  const read = Rules.safeParse({
    perpetual: contents[settingName.perpetual(ticker)],
    tier: contents[settingName.tier(tier)],
    funding: contents[settingName.funding],
  })
  if (!read.success) throw new FundingIndexUntoldError(ticker, 'its rules are not as documented')
  const { perpetual, tier: margins, funding } = read.data
  const between = new Decimal(1_000_000).sub(margins.maintenance_fraction_ppm)
  return {
    atomicResolution: perpetual.atomic_resolution,
    clampedRate: between
      .mul(margins.initial_margin_ppm)
      .mul(funding.funding_rate_clamp_factor_ppm)
      .div(new Decimal(10).pow(18)),
  }
}

/**
 * An integer as the chain writes it: in base64 a byte, whose lowest bit is the sign beside a version of 1, and the magnitude from
 * its highest byte on (Go's encoding of `big.Int`); some servers write it as a number in text.
 */
function serializedInt({ ticker, fundingIndex = '' }: NamedMarket): bigint {
  if (/^-?\d{1,60}$/.test(fundingIndex)) return BigInt(fundingIndex)
  const [first, ...magnitude] = Buffer.from(fundingIndex, 'base64')
  const isNegative = first === 3
  if ((first !== 2 && !isNegative) || magnitude.length > 24)
    throw new FundingIndexUntoldError(ticker, `its index is ${fundingIndex.slice(0, 80)}`)
  const size = magnitude.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return isNegative ? -size : size
}

/** The chain tells of a market, but not what its funding index is and may become. */
export class FundingIndexUntoldError extends Error {
  override readonly name = 'FundingIndexUntoldError'

  constructor(ticker: string, reason: string) {
    super(`the chain tells no funding index of ${ticker}: ${reason}`)
  }
}
