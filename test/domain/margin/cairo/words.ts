import { feltOfSigned, shortString, signedFelt } from '../../../../lib/adapters/starknet-felt.ts'
import type { Account, Margin } from '../../../../lib/domain/margin/account.ts'
import type { InterestTerms } from '../../../../lib/domain/margin/interest.ts'
import type { CoreDeleverage } from '../../../../lib/domain/margin/starknet-deleverage.ts'
import type {
  CoreLiquidation,
  CoreSpotLiquidation,
} from '../../../../lib/domain/margin/starknet-liquidation.ts'
import {
  type CoreGeneration,
  type CoreMarks,
  markOf,
} from '../../../../lib/domain/margin/starknet-margin.ts'

// How core-rules.cairo takes and gives what the rules take and give: one word for each number, in the order of its structs.

export type Words = readonly bigint[]

export type Question = {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  readonly account: Account
}

export type Change = {
  readonly generation: CoreGeneration
  readonly before: Margin
  readonly after: Margin
}

/** Of a signed order, what the rules have been told the meaning of. */
export type Signed = {
  readonly quoteAsset: bigint
  readonly feeAsset: bigint
  readonly expiration: bigint
  readonly now: bigint
}

export type SignedLiquidation<Call extends CoreLiquidation = CoreLiquidation> = {
  readonly call: Call & Required<Pick<CoreLiquidation, 'order'>>
  readonly signed: Signed
}

const types = { synthetic: 0n, spot: 1n, 'vault-share': 2n }
const statuses = { pending: 0n, active: 1n, inactive: 2n }

export function questionWords({ generation, marks, account }: Question): Words {
  return [isNewest(generation), ...assetWords(marks), ...positionWords(account, marks)]
}

export function changeWords({ generation, before, after }: Change): Words {
  return [isNewest(generation), ...marginWords(before), ...marginWords(after)]
}

export function liquidationWords({ call, signed }: SignedLiquidation): Words {
  const { generation, marks, asset, order, interest } = call
  return [
    isNewest(generation),
    ...assetWords(marks),
    ...clockWords(interest, signed.now),
    ...positionWords(call.liquidated, marks, interest),
    ...positionWords(call.liquidator, marks, interest),
    placeOf(asset, marks),
    BigInt(order.position),
    ...[order.base, order.quote, signed.quoteAsset, order.fee].map(feltOfSigned),
    signed.feeAsset,
    signed.expiration,
    order.filled,
    ...[call.base, call.quote, call.liquidatorFee, call.liquidatedFee].map(feltOfSigned),
    ...[call.interestLiquidated, call.interestLiquidator].map(feltOfSigned),
  ]
}

export function spotLiquidationWords({
  call,
  signed,
}: SignedLiquidation<CoreSpotLiquidation>): Words {
  return [
    ...liquidationWords({ call, signed }),
    ...positionWords(call.receiver ?? call.liquidator, call.marks, call.interest),
    feltOfSigned(call.interestReceiver ?? 0n),
  ]
}

export function deleverageWords(call: CoreDeleverage): Words {
  const { generation, marks, asset, interest } = call
  return [
    isNewest(generation),
    ...assetWords(marks),
    ...clockWords(interest, 0n),
    ...positionWords(call.deleveraged, marks, interest),
    ...positionWords(call.deleverager, marks, interest),
    placeOf(asset, marks),
    ...[call.base, call.quote].map(feltOfSigned),
    ...[call.interestDeleveraged, call.interestDeleverager].map(feltOfSigned),
  ]
}

function isNewest(generation: CoreGeneration): bigint {
  return generation === 'D' ? 1n : 0n
}

function marginWords({ value, requirement }: Margin): Words {
  return [feltOfSigned(value), requirement]
}

function assetWords(marks: CoreMarks): Words {
  const assets = Object.values(marks)
  return [
    BigInt(assets.length),
    ...assets.flatMap((mark) => [
      types[mark.kind],
      statuses[mark.status ?? 'active'],
      mark.price,
      feltOfSigned(mark.fundingIndex),
      BigInt(mark.riskFactorTiers.length),
      ...mark.riskFactorTiers,
      mark.firstTierBoundary,
      mark.tierSize,
    ]),
  ]
}

/** An asset that is not listed gets a place beyond the last one. */
function placeOf(asset: string, marks: CoreMarks): bigint {
  const names = Object.keys(marks)
  return BigInt(markOf(marks, asset) ? names.indexOf(asset) : names.length)
}

function positionWords(account: Account, marks: CoreMarks, interest?: InterestTerms): Words {
  return [
    BigInt(account.id),
    feltOfSigned(account.collateral),
    BigInt(account.holdings.length),
    ...account.holdings.flatMap(({ asset, balance, fundingIndex }) => [
      placeOf(asset, marks),
      feltOfSigned(balance),
      feltOfSigned(fundingIndex),
    ]),
    interest?.lastApplied[account.id] ?? 0n,
  ]
}

function clockWords(interest: InterestTerms | undefined, now: bigint): Words {
  if (!interest) return [now, 0n, 0n, 0n, 0n]
  const { clock } = interest
  const { exchangeTime, lastUpdate, maxRatePerSecond, divergence } = clock
  return [clock.now, exchangeTime, lastUpdate, maxRatePerSecond, feltOfSigned(divergence)]
}

export type Standing = {
  readonly collateral: bigint
  readonly value: bigint
  readonly requirement: bigint
  readonly isHealthy: boolean
  readonly isLiquidatable: boolean
  readonly isDeleveragable: boolean
}

/** What becomes of a call: the positions afterwards, whose holdings stand in the order of their names. */
export type Answer =
  | { readonly kind: 'accepted'; readonly positions: readonly Account[] }
  | { readonly kind: 'refused'; readonly reason: string }

/** Takes one word after another off an answer. */
export type Reader = () => bigint

export function readerOf(words: Words): Reader {
  let at = 0
  return () => {
    const word = words[at]
    if (word === undefined) throw new Error(`the answer ends after ${at} words`)
    at += 1
    return word
  }
}

/** A list, its length before it. */
export function readAll<T>(next: Reader, read: () => T): readonly T[] {
  return Array.from({ length: Number(next()) }, read)
}

export function readStanding(next: Reader): Standing {
  return {
    collateral: signedFelt(next()),
    value: signedFelt(next()),
    requirement: next(),
    isHealthy: next() === 1n,
    isLiquidatable: next() === 1n,
    isDeleveragable: next() === 1n,
  }
}

export function readAnswer(next: Reader, marks: CoreMarks): Answer {
  if (next() !== 0n) return { kind: 'refused', reason: wholeWord(shortString(next()) ?? '') }
  return { kind: 'accepted', positions: readAll(next, () => readPosition(next, marks)) }
}

function readPosition(next: Reader, marks: CoreMarks): Account {
  const names = Object.keys(marks)
  const id = String(next())
  const collateral = signedFelt(next())
  const holdings = readAll(next, () => ({
    asset: names[Number(next())] ?? '',
    balance: signedFelt(next()),
    fundingIndex: signedFelt(next()),
  }))
  // Its last interest, which no rule here moves.
  next()
  return byAsset({ id, collateral, holdings })
}

export function byAsset(account: Account): Account {
  const holdings = account.holdings.toSorted((a, b) => (a.asset < b.asset ? -1 : 1))
  return { ...account, holdings }
}

/** The contract's short strings have 31 letters, two of the exchange's texts have more. */
function wholeWord(reason: string): string {
  const whole: Readonly<Record<string, string>> = {
    NOT_HEALTHY_NOR_HEALTHIER: 'POSITION_NOT_HEALTHY_NOR_HEALTHIER',
    NOT_FAIR_SPOT_DELEVERAGE: 'POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE',
    UOTE_ASSET_ID_NOT_COLLATERAL: 'QUOTE_ASSET_ID_NOT_COLLATERAL',
  }
  return whole[reason] ?? reason
}
