import { type Conversions, conversionFor } from './conversion.ts'
import { Decimal } from './decimal.ts'
import type { AggregationRules, Source } from './feed.ts'
import { fingerprint } from './fingerprint.ts'
import { instrumentName } from './instrument.ts'
import { priceDecimals } from './median.ts'
import { sourceKey } from './memory-keys.ts'
import { isPrice, pointPrice } from './point-price.ts'
import type { AcceptedPrice, SourceResult } from './price-round.ts'
import { judgeAge } from './quote-age.ts'
import type { Quote } from './quote.ts'
import { timestamp, type Timestamp } from './time.ts'

/** What one source's quote comes to before the sources are compared with each other. */
export type Reading = {
  readonly source: Source
  /** `venue instrument`. */
  readonly key: string
  /** Stands for (bid, ask, last); undefined where there is no quote worth remembering. */
  readonly tuple: string | undefined
  readonly price: Decimal | undefined
  readonly at: Timestamp | undefined
  /** `fresh`: it may count. */
  readonly verdict: 'fresh' | Exclude<SourceResult['verdict'], 'agrees' | 'disagrees' | 'frozen'>
  readonly detail: string
}

/** By `venue instrument`. */
export type QuotesByKey = ReadonlyMap<string, Quote>

type World = {
  readonly quotes: QuotesByKey
  readonly rules: AggregationRules
  readonly conversions: Conversions
  /** Of the source's feed. */
  readonly accepted: AcceptedPrice | undefined
  readonly now: Timestamp
}

/** Reads one source: valid, young enough, in USD, and of a sane scale, in this order. */
export function readSource(source: Source, world: World): Reading {
  const { quotes, rules, now } = world
  const key = sourceKey(source.venue, instrumentName(source.instrument))
  const quote = quotes.get(key)
  const nothing = {
    source,
    key,
    tuple: undefined,
    price: undefined,
    at: undefined,
    detail: '',
  }
  if (!quote) return { ...nothing, verdict: 'missing' }
  const point = pointPrice(quote, rules.maxSpreadBps)
  if (point.kind !== 'price') return { ...nothing, verdict: point.kind, detail: point.detail }
  const age = judgeAge(quote, rules, now)
  const read = { ...nothing, tuple: tupleOf(quote), at: age.at }
  if (age.kind !== 'fresh') return { ...read, verdict: age.kind, detail: age.detail }
  return inUsd(read, { ...world, point: point.price, at: age.at })
}

/** The same quote at the same rates by other rules for its age: as {@link readSource} does, but for what is known already. */
export function readAgain(before: Reading, world: World): Reading {
  const quote = world.quotes.get(before.key)
  // Without a price it says nothing of what other rules would have come to.
  if (!quote || before.price === undefined) return readSource(before.source, world)
  const { kind, at, ...why } = judgeAge(quote, world.rules, world.now)
  if (kind === 'fresh') return before
  const { source, key, tuple } = before
  return { source, key, tuple, price: undefined, at, verdict: kind, detail: '', ...why }
}

function inUsd(
  read: Omit<Reading, 'verdict'>,
  { point, at, conversions, accepted, now }: World & { point: Decimal; at: Timestamp },
): Reading {
  const conversion = conversionFor(read.source.instrument.quote, conversions)
  if (conversion?.kind === 'none')
    return { ...read, verdict: 'no-conversion', detail: conversion.detail }
  const price = (conversion ? point.mul(conversion.price) : point).toDecimalPlaces(priceDecimals)
  const oldest = timestamp(Math.min(at, conversion?.oldestInputAt ?? at))
  const converted = { ...read, price, at: oldest }
  if (!isPrice(price))
    return { ...converted, price: undefined, verdict: 'invalid', detail: 'it is no price in USD' }
  const insanity = accepted && insane(price, accepted, now)
  return insanity
    ? { ...converted, verdict: 'insane', detail: insanity }
    : { ...converted, verdict: 'fresh' }
}

/** How long the last accepted price says what scale is sane. After that the market may really have gone that far. */
export const acceptedCountsForMs = 5 * 60_000

/** No honest market moves by a factor of three in minutes; a wrong exponent or contract size does more. */
export const maxFactor = 3

function insane(price: Decimal, accepted: AcceptedPrice, now: Timestamp): string | undefined {
  if (now - accepted.at >= acceptedCountsForMs) return undefined
  const last = new Decimal(accepted.price)
  if (price.mul(maxFactor).gte(last) && price.lte(last.mul(maxFactor))) return undefined
  const factor = price.div(last).toSignificantDigits(3).toFixed()
  return `it is ${factor} times the last accepted ${accepted.price}`
}

function tupleOf({ bid, ask, last }: Quote): string {
  return fingerprint([bid, ask, last].map((side) => side?.toFixed() ?? '-').join(' '))
}
