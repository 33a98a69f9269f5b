import { expect } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import type { InterestTerms } from '../../../lib/domain/margin/interest.ts'
import type { CoreDeleverage } from '../../../lib/domain/margin/starknet-deleverage.ts'
import type { CoreSpotLiquidation } from '../../../lib/domain/margin/starknet-liquidation.ts'
import { coreMargin, type CoreMarks } from '../../../lib/domain/margin/starknet-margin.ts'
import type { CoreReduction } from '../../../lib/domain/margin/starknet-reduce.ts'
import type { CoreVerdict } from '../../../lib/domain/margin/starknet-settle.ts'
import { holdingOf } from '../../../lib/domain/margin/starknet-trade.ts'
import { assetsOf, judged, positionOf, type Vector } from './recorded.ts'

type Generation = 'C' | 'D'
type Words = Readonly<Record<string, unknown>>

/** Roles, nonces, signatures and positions that are not there are looked at before any rule of ours. */
const judgedElsewhere = [
  'PAUSED',
  'ONLY_OPERATOR',
  'INVALID_NONCE',
  'INVALID_STARK_KEY_SIGNATURE',
  'POSITION_DOESNT_EXIST',
]

export function isOurs(vector: Vector): boolean {
  return !judgedElsewhere.includes(reasonOf(vector))
}

/** The first word of the contract's text; generation C leaves out one letter of one of them. */
export function reasonOf({ expect: { ok, error } }: Vector): string {
  if (ok === true) return 'ok'
  const text = (error ?? '').replace(/^UOTE_/, 'QUOTE_')
  return /^(?:[A-Z_]+[A-Z]|Interest divergence)/.exec(text)?.[0] ?? text
}

export function answerOf(verdict: CoreVerdict): string {
  return verdict.kind === 'accepted' ? 'ok' : verdict.reason
}

export function big(value: unknown): bigint {
  return BigInt(typeof value === 'string' ? value : 0)
}

function assetBy(generation: Generation, id: unknown): string {
  const found = Object.entries(assetsOf(generation)).find(([, one]) => BigInt(one.id) === big(id))
  return found?.[0] ?? ''
}

type World = { readonly account: (id: unknown) => Account; readonly marks: CoreMarks }

/** The positions of a call, and every mark they tell; one that the vector leaves out has nothing. */
function worldOf(generation: Generation, { pre, case: name }: Vector, asset: string): World {
  const all = Object.entries((pre?.['positions'] ?? {}) as Words).map(([id, state]) =>
    judged(generation, id, positionOf(generation, state)),
  )
  const known = assetsOf(generation)[asset]
  const priced: CoreMarks = Object.fromEntries(all.flatMap(({ marks }) => Object.entries(marks)))
  const mark = priced[asset] ?? (known && { ...known, price: 0n, fundingIndex: 0n })
  const isInactive = name.endsWith('asset_inactive')
  return {
    account: (id) =>
      all.find(({ account }) => account.id === String(id))?.account ?? {
        id: String(id),
        collateral: 0n,
        holdings: [],
      },
    marks: {
      ...priced,
      ...(mark && { [asset]: isInactive ? { ...mark, status: 'inactive' } : mark }),
    },
  }
}

export function clockOf(told: Words) {
  return {
    now: big(told['now']),
    exchangeTime: big(told['exchange_time']),
    lastUpdate: big(told['time_of_last_update']),
    maxRatePerSecond: big(told['max_interest_rate_per_sec']),
    divergence: big(told['interest_divergence']),
  }
}

/** Where a vector asks for interest and tells no terms, none of the two had any time to earn it. */
function termsOf({ pre }: Vector): InterestTerms {
  const told = pre?.['interest'] as Words | undefined
  if (!told)
    return { clock: { ...clockOf(pre ?? {}), lastUpdate: big(pre?.['now']) }, lastApplied: {} }
  const last = (told['last_interest_applied_time'] ?? {}) as Words
  return {
    clock: clockOf(told),
    lastApplied: Object.fromEntries(Object.entries(last).map(([id, time]) => [id, big(time)])),
  }
}

export function liquidationOf(generation: Generation, vector: Vector): CoreSpotLiquidation {
  const call = vector.call as Words
  const signed = call['liquidator_order'] as Words
  const asset = assetBy(generation, signed['base_asset_id'])
  const { account, marks } = worldOf(generation, vector, asset)
  const ids = [signed['quote_asset_id'], signed['fee_asset_id']].map(big)
  const payer = signed['position_id'] ?? signed['source_position']
  const base = big(call['actual_amount_base_liquidated'] ?? call['actual_amount_spot_collateral'])
  return {
    generation,
    marks,
    liquidated: account(call['liquidated_position_id']),
    liquidator: account(payer),
    ...('receive_position' in signed && { receiver: account(signed['receive_position']) }),
    asset,
    base,
    quote: big(call['actual_amount_quote_liquidated'] ?? call['actual_amount_base_collateral']),
    liquidatedFee: big(call['liquidated_fee_amount']),
    liquidatorFee: big(call['actual_liquidator_fee']),
    interestLiquidated: big(call['interest_amount_liquidated']),
    interestLiquidator: big(call['interest_amount_liquidator']),
    interestReceiver: big(call['interest_amount_liquidator_receiver']),
    interest: termsOf(vector),
    order: {
      position: String(payer),
      base: big(signed['base_amount']),
      quote: big(signed['quote_amount']),
      fee: big(signed['fee_amount']),
      isInCollateral:
        ids[0] === ids[1] &&
        (ids[0] === 1n || (generation === 'D' && !('receive_position' in signed))),
      isExpired: big(signed['expiration']) < big(vector.pre?.['now']),
      filled: vector.pre?.['same_call_before'] === undefined ? 0n : base < 0n ? -base : base,
    },
  }
}

/** What every fill of a recorded sequence has in common: the one position told, and a liquidator with plenty. */
export function sequenceCall(generation: Generation, vector: Vector) {
  const asset = assetBy(generation, vector.call?.['base_asset_id'])
  const { account, marks } = worldOf(generation, vector, asset)
  const [id] = Object.keys(vector.pre?.['positions'] as Words)
  return {
    generation,
    marks,
    asset,
    liquidated: account(id),
    liquidator: { id: '5', collateral: 10n ** 17n, holdings: [] } as Account,
    liquidatedFee: 0n,
    liquidatorFee: 0n,
    interestLiquidated: 0n,
    interestLiquidator: 0n,
  }
}

export function deleverageOf(generation: Generation, vector: Vector): CoreDeleverage {
  const call = vector.call as Words
  const asset = assetBy(generation, call['base_asset_id'])
  const { account, marks } = worldOf(generation, vector, asset)
  return {
    generation,
    marks,
    deleveraged: account(call['deleveraged_position_id']),
    deleverager: account(call['deleverager_position_id']),
    asset,
    base: big(call['deleveraged_base_amount']),
    quote: big(call['deleveraged_quote_amount']),
    interestDeleveraged: big(call['interest_amount_deleveraged']),
    interestDeleverager: big(call['interest_amount_deleverager']),
    interest: termsOf(vector),
  }
}

export function reductionOf(generation: Generation, vector: Vector): CoreReduction {
  const call = vector.call as Words
  const asset = assetBy(generation, call['base_asset_id'])
  const { account, marks } = worldOf(generation, vector, asset)
  return {
    generation,
    marks,
    one: account(call['position_id_a']),
    other: account(call['position_id_b']),
    asset,
    base: big(call['base_amount_a']),
  }
}

/** Every position that the vector tells afterwards, to the last unit. */
export function expectAfter(
  { generation, marks, asset }: Pick<CoreDeleverage, 'generation' | 'marks' | 'asset'>,
  vector: Vector,
  verdict: CoreVerdict,
): void {
  if (verdict.kind !== 'accepted') return
  const after = vector.expect['after'] as Readonly<Record<string, Words>>
  const { position, counterparty, receiver } = verdict
  for (const account of [position, counterparty, ...(receiver ? [receiver] : [])]) {
    const theirs = after[account.id]
    expect([vector.id, account.id, theirs !== undefined]).toEqual([vector.id, account.id, true])
    const margin = coreMargin(account, marks, generation)
    const held = holdingOf(account, asset)
    const cached = theirs?.['base_cached_funding_index']
    expect([vector.id, margin, held.balance, cached && held.balance && held.fundingIndex]).toEqual([
      vector.id,
      expect.objectContaining({
        kind: 'margin',
        value: big(theirs?.['total_value']),
        requirement: big(theirs?.['total_risk']),
        collateral: big(theirs?.['collateral_provisional']),
      }),
      big(theirs?.['base_balance']),
      cached && held.balance && big(cached),
    ])
  }
}
