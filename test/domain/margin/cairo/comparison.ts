import { isDeepStrictEqual } from 'node:util'

import * as fc from 'fast-check'

import type { Account } from '../../../../lib/domain/margin/account.ts'
import type { CoreDeleverage } from '../../../../lib/domain/margin/starknet-deleverage.ts'
import type { CoreSpotLiquidation } from '../../../../lib/domain/margin/starknet-liquidation.ts'
import type { CoreMarks } from '../../../../lib/domain/margin/starknet-margin.ts'
import type { CoreVerdict } from '../../../../lib/domain/margin/starknet-settle.ts'
import {
  type Holder,
  isFairClose,
  isFairShare,
  mayBecome,
  pairOf,
  traded,
} from '../model/core-model.ts'
import type { CoreRules, Panic } from './core-rules.ts'
import { aDeleverage, aLiquidation, aSpotDeleverage, aSpotLiquidation } from './random-calls.ts'
import { aChange, aQuestion, aWildQuestion, bookOf, holderOf, names } from './random-states.ts'
import type { Rules } from './rules.ts'
import {
  type Answer,
  byAsset,
  type Change,
  type Question,
  type SignedLiquidation,
  type Standing,
} from './words.ts'

/** Something asked and what the contract told. */
type Told<Asked, Answered> = readonly { readonly asked: Asked; readonly told: Answered | Panic }[]

export type Opinion = {
  readonly standings: Told<Question, Standing>
  readonly changes: Told<Change, boolean>
  readonly liquidations: Told<SignedLiquidation, Answer>
  readonly spotLiquidations: Told<SignedLiquidation<CoreSpotLiquidation>, Answer>
  readonly deleverages: Told<CoreDeleverage, Answer>
}

/** How many of each kind: 10,900 states, and besides them changes from one margin to another. */
const counts = {
  questions: 4_000,
  wildQuestions: 300,
  changes: 2_500,
  liquidations: 3_000,
  spotLiquidations: 700,
  deleverages: 2_000,
  spotDeleverages: 900,
}

/** What the contract says of random states, the same ones for the same seed. */
export async function opinionOf(contract: CoreRules, seed: number): Promise<Opinion> {
  const some = <T>(of: fc.Arbitrary<T>, numRuns: number) => fc.sample(of, { numRuns, seed })
  const standings = [
    ...some(aQuestion, counts.questions),
    ...some(aWildQuestion, counts.wildQuestions),
  ]
  const changes = some(aChange, counts.changes)
  const liquidations = some(aLiquidation, counts.liquidations)
  const spotLiquidations = some(aSpotLiquidation, counts.spotLiquidations)
  const deleverages = [
    ...some(aDeleverage, counts.deleverages),
    ...some(aSpotDeleverage, counts.spotDeleverages),
  ]
  return {
    standings: together(standings, await contract.standings(standings)),
    changes: together(changes, await contract.healthier(changes)),
    liquidations: together(liquidations, await contract.liquidations(liquidations)),
    spotLiquidations: together(spotLiquidations, await contract.spotLiquidations(spotLiquidations)),
    deleverages: together(deleverages, await contract.deleverages(deleverages)),
  }
}

function together<Asked, Answered>(
  asked: readonly Asked[],
  answers: readonly (Answered | Panic)[],
): Told<Asked, Answered> {
  if (answers.length !== asked.length) throw new Error('not everything was answered')
  return answers.map((told, at) => ({ asked: asked[at] as Asked, told }))
}

export type Difference = { readonly asked: unknown; readonly told: unknown; readonly said: unknown }

/** Where our rules say something else. */
export function* fromRules(opinion: Opinion, rules: Rules): Generator<Difference> {
  for (const { asked, told } of opinion.standings) {
    const said = standingBy(rules, asked)
    if (!isDeepStrictEqual(said, told)) yield { asked, told, said }
  }
  for (const { asked, told } of opinion.changes) {
    const said = rules.isHealthyOrHealthier(asked.before, asked.after, asked.generation)
    if (said !== told) yield { asked, told, said }
  }
  for (const { asked, told } of opinion.liquidations) {
    const said = answerOf(rules.judgeLiquidation(asked.call))
    if (!isSame(said, told)) yield { asked, told, said }
  }
  for (const { asked, told } of opinion.spotLiquidations) {
    const said = answerOf(rules.judgeSpotLiquidation(asked.call))
    if (!isSame(said, told)) yield { asked, told, said }
  }
  for (const { asked, told } of opinion.deleverages) {
    const said = answerOf(rules.judgeDeleverage(asked))
    if (!isSame(said, told)) yield { asked, told, said }
  }
}

export function standingBy(
  { coreMargin, healthOf }: Rules,
  { account, marks, generation }: Question,
): Standing | Panic {
  const found = coreMargin(account, marks, generation)
  if (found.kind === 'unknown') return { kind: 'panic', reason: found.reason }
  const { collateral, value, requirement } = found
  const health = healthOf(found)
  return {
    collateral,
    value,
    requirement,
    isHealthy: health === 'healthy',
    isLiquidatable: health !== 'healthy',
    isDeleveragable: health === 'bankrupt',
  }
}

function answerOf(verdict: CoreVerdict): Answer | Panic {
  if (verdict.kind === 'unknown') return { kind: 'panic', reason: verdict.reason }
  if (verdict.kind === 'refused') return { kind: 'refused', reason: verdict.reason }
  const { position, counterparty, receiver } = verdict
  const all = [position, counterparty, ...(receiver ? [receiver] : [])]
  return { kind: 'accepted', positions: all.map(byAsset) }
}

/** Which of two numbers leaves its type first, and before which check, is told nowhere: a panic is then as good as a refusal. */
function isSame(one: Answer | Panic, other: Answer | Panic): boolean {
  if (one.kind === 'panic' || other.kind === 'panic')
    return one.kind !== 'accepted' && other.kind !== 'accepted'
  return isDeepStrictEqual(one, other)
}

/** Where the second model says something else; it knows margins, not the checks before them. */
export function* fromModel(opinion: Opinion): Generator<Difference> {
  for (const { asked, told } of opinion.standings) {
    if ('kind' in told) continue
    const [tv, tr] = pairOf(bookOf(asked.marks), holderOf(asked.account), asked.generation === 'D')
    const said = [tv, tr, tv >= tr, tv < 0n]
    const { value, requirement, isHealthy, isDeleveragable } = told
    if (!isDeepStrictEqual(said, [value, requirement, isHealthy, isDeleveragable]))
      yield { asked, told, said }
  }
  for (const { asked, told } of opinion.changes) {
    const [before, after] = [asked.before, asked.after].map(
      ({ value, requirement }) => [value, requirement] as const,
    )
    const said = before && after && mayBecome(before, after, asked.generation === 'D')
    if (said !== told) yield { asked, told, said }
  }
  for (const { asked, told } of [...opinion.liquidations, ...opinion.spotLiquidations]) {
    const said = liquidated(asked.call)
    if (isOfMargins(told) && !isDeepStrictEqual(said, told)) yield { asked, told, said }
  }
  for (const { asked, told } of opinion.deleverages) {
    const said = deleveraged(asked)
    if (isOfMargins(told) && !isDeepStrictEqual(said, told)) yield { asked, told, said }
  }
}

function isOfMargins(told: Answer | Panic): boolean {
  if (told.kind === 'panic') return false
  return told.kind === 'accepted' || told.reason.startsWith('POSITION_')
}

function liquidated(call: CoreSpotLiquidation): Answer {
  const { generation, marks, base, quote, liquidator, receiver } = call
  const isNewest = generation === 'D'
  const [tv, tr] = pairOf(bookOf(marks), holderOf(call.liquidated), isNewest)
  if (tv >= tr) return { kind: 'refused', reason: 'POSITION_IS_NOT_LIQUIDATABLE' }
  const got = quote - call.liquidatedFee + call.interestLiquidated
  const paid = -quote - call.liquidatorFee + call.interestLiquidator
  const isThird = receiver !== undefined && receiver.id !== liquidator.id
  return exchanged({ marks, isNewest }, [
    { account: call.liquidated, base, cash: got },
    { account: liquidator, base: isThird ? 0n : -base, cash: paid },
    ...(isThird ? [{ account: receiver, base: -base, cash: call.interestReceiver ?? 0n }] : []),
  ])
}

function deleveraged(call: CoreDeleverage): Answer {
  const { generation, marks, base, quote } = call
  const isNewest = generation === 'D'
  const [book, holder] = [bookOf(marks), holderOf(call.deleveraged)]
  const before = pairOf(book, holder, isNewest)
  if (before[0] >= 0n) return { kind: 'refused', reason: 'POSITION_IS_NOT_DELEVERAGABLE' }
  const cash = quote + call.interestDeleveraged
  const after = pairOf(book, traded(book, holder, { asset: 0, base, cash }), isNewest)
  const isFair = book.isSpot[0] ? isFairShare(book, holder, 0, cash) : isFairClose(before, after)
  if (mayBecome(before, after, isNewest) && !isFair)
    return { kind: 'refused', reason: unfair[book.isSpot[0] ? 'spot' : 'synthetic'] }
  return exchanged({ marks, isNewest }, [
    { account: call.deleveraged, base, cash },
    { account: call.deleverager, base: -base, cash: -quote + call.interestDeleverager },
  ])
}

const unfair = {
  spot: 'POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE',
  synthetic: 'POSITION_IS_NOT_FAIR_DELEVERAGE',
}

type Side = { readonly account: Account; readonly base: bigint; readonly cash: bigint }

/** Every one of them must be healthy or healthier. */
function exchanged(
  { marks, isNewest }: { readonly marks: CoreMarks; readonly isNewest: boolean },
  sides: readonly Side[],
): Answer {
  const book = bookOf(marks)
  const positions: Account[] = []
  for (const { account, base, cash } of sides) {
    const holder = holderOf(account)
    const next = traded(book, holder, { asset: 0, base, cash })
    if (!mayBecome(pairOf(book, holder, isNewest), pairOf(book, next, isNewest), isNewest))
      return { kind: 'refused', reason: 'POSITION_NOT_HEALTHY_NOR_HEALTHIER' }
    positions.push(accountOf(account.id, next))
  }
  return { kind: 'accepted', positions }
}

function accountOf(id: string, { cash, balance, paid }: Holder): Account {
  return {
    id,
    collateral: cash,
    holdings: names
      .map((asset, at) => ({ asset, balance: balance[at] ?? 0n, fundingIndex: paid[at] ?? 0n }))
      .filter((one) => one.balance !== 0n),
  }
}

/** How often the contract said each thing. */
export function tallyOf(opinion: Opinion): ReadonlyMap<string, number> {
  const words = [
    ...opinion.standings.map(({ told }) => {
      if ('kind' in told) return told.reason
      if (told.isHealthy) return 'healthy'
      return told.isDeleveragable ? 'deleveragable' : 'liquidatable'
    }),
    ...opinion.changes.map(({ told }) => (told === true ? 'may change' : 'may not change')),
    ...opinion.liquidations.map(({ told }) => `liquidate: ${wordOf(told)}`),
    ...opinion.spotLiquidations.map(({ told }) => `liquidate spot: ${wordOf(told)}`),
    ...opinion.deleverages.map(({ told }) => `deleverage: ${wordOf(told)}`),
  ]
  const tally = new Map<string, number>()
  for (const word of words) tally.set(word, (tally.get(word) ?? 0) + 1)
  return tally
}

export function wordOf(told: Answer | Panic): string {
  return told.kind === 'accepted' ? 'ok' : told.reason
}
