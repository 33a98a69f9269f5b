import type { Liquidate, LiquidationPart } from '../../../lib/domain/action.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { Inclusion, Intent, IntentState } from '../../../lib/domain/intent.ts'
import type { Deleveraged, Liquidated } from '../../../lib/domain/liquidation/liquidation-event.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { Booking } from '../../../lib/domain/pnl/book-rows.ts'
import { timestamp } from '../../../lib/domain/time.ts'

/** Noon of 1 January 2026, and so many milliseconds. */
export const at = (ms: number) => timestamp(1_767_268_800_000 + ms)

export const us = '0x0000000000000000000000000000000000000001'
export const them = '0x0000000000000000000000000000000000000002'
const market = parseMarket('BTC-USD')

export function aBlock(number: number) {
  return { number, hash: `0x${number.toString(16)}` as const, time: at(number * 1_000) }
}

export function anEvent(change: Partial<Liquidated> = {}): Liquidated {
  return {
    kind: 'liquidated',
    block: aBlock(10),
    transaction: '0xaa',
    place: 3,
    account: 'anna',
    asset: 'btc',
    market,
    liquidator: us,
    base: -100n,
    cash: 50_000n,
    price: 500n,
    penalty: 500n,
    reward: 250n,
    cover: 0n,
    funding: 0n,
    ...change,
  }
}

export function aDeleverage(change: Partial<Deleveraged> = {}): Deleveraged {
  const { block, transaction, place, account, asset, base, cash } = anEvent()
  const happened = { block, transaction, place, account, asset, market, base, cash }
  return { kind: 'deleveraged', ...happened, counterparty: 'carl', loss: 70n, ...change }
}

export function aPart(change: Partial<LiquidationPart> = {}): LiquidationPart {
  return {
    market,
    account: 'anna',
    asset: 'btc',
    size: 100n,
    base: -100n,
    cash: 50_000n,
    penalty: 500n,
    reward: 250n,
    cover: 0n,
    ...change,
  }
}

export function anInclusion(change: Partial<Inclusion> = {}): Inclusion {
  return {
    nonce: 4,
    hash: '0xaa',
    signedAt: at(8_100),
    attempts: 2,
    sentAt: at(8_200),
    block: aBlock(10),
    seenAt: at(11_000),
    feePaid: 10n,
    ...change,
  }
}

export function anIntent(parts: readonly LiquidationPart[], state: IntentState): Intent {
  const action: Liquidate = {
    kind: 'liquidate',
    engine: 'dex',
    round: 8,
    at: at(8_000),
    updates: parts,
  }
  return {
    id: 'liquidate:dex:slot-8',
    lane: 'l1/us',
    action,
    createdAt: at(8_000),
    deadline: at(38_000),
    state,
  }
}

export function aBooking(change: Partial<Booking> = {}): Booking {
  return {
    liquidator: us,
    events: [],
    intents: [],
    slots: [],
    fee: { token: 'ETH', decimals: 18, prices: [{ price: new Decimal(2_000), at: at(0) }] },
    ...change,
  }
}
