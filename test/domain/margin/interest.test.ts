import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import {
  interestBase,
  interestCap,
  type InterestTerms,
  judgeInterest,
  whyInterestRefused,
} from '../../../lib/domain/margin/interest.ts'
import { isHealthyOrHealthier } from '../../../lib/domain/margin/starknet-healthier.ts'
import { coreMargin, type CoreMarks } from '../../../lib/domain/margin/starknet-margin.ts'
import { afterExchange } from '../../../lib/domain/margin/starknet-trade.ts'
import { big, clockOf, isOurs, reasonOf } from './recorded-calls.ts'
import {
  assetsOf,
  judged,
  positionOf,
  stateOf,
  titled,
  type Vector,
  vectorsOf,
} from './recorded.ts'

type Words = Readonly<Record<string, unknown>>
type Asked = { readonly id: string; readonly amount: bigint }
type World = {
  readonly accounts: Readonly<Record<string, Account>>
  readonly marks: CoreMarks
  readonly terms: InterestTerms
}

function worldOf({ pre }: Vector): World {
  const told = Object.entries((pre?.['positions'] ?? {}) as Words).map(([id, state]) => ({
    id,
    ...judged('D', id, positionOf('D', state)),
    last: big((stateOf('D', state) as Words)['last_interest_applied_time']),
  }))
  return {
    accounts: Object.fromEntries(told.map(({ id, account }) => [id, account])),
    marks: Object.fromEntries(told.flatMap(({ marks }) => Object.entries(marks))),
    terms: {
      clock: clockOf(pre ?? {}),
      lastApplied: Object.fromEntries(told.map(({ id, last }) => [id, last])),
    },
  }
}

function askedOf(list: unknown): readonly Asked[] {
  return (list as readonly Words[]).map((one) => ({
    id: String(one['position_id']),
    amount: big(one['interest_amount']),
  }))
}

/** Payment after payment, each seeing what the ones before it left; the answer, and the positions. */
function apply(world: World, asked: readonly Asked[]) {
  const accounts = { ...world.accounts }
  let { clock, lastApplied } = world.terms
  for (const { id, amount } of asked) {
    const account = accounts[id]
    if (!account) return { reason: 'POSITION_DOESNT_EXIST', accounts }
    const view = { account, marks: world.marks, lastApplied: lastApplied[id] ?? 0n }
    const verdict = judgeInterest(view, amount, clock)
    if (verdict.kind !== 'accepted') return { reason: verdict.reason, accounts }
    clock = { ...clock, divergence: verdict.divergence }
    lastApplied = { ...lastApplied, [id]: verdict.lastApplied }
    accounts[id] = { ...account, collateral: account.collateral + amount }
    const margin = coreMargin(accounts[id], world.marks, 'D')
    if (margin.kind === 'unknown') return { reason: margin.reason, accounts }
  }
  return { reason: 'ok', accounts }
}

/** What a position has in cash afterwards, for those that the vector tells. */
function expectCash(
  vector: Vector,
  accounts: Readonly<Record<string, Account>>,
  marks: CoreMarks,
): void {
  for (const [id, after] of Object.entries((vector.expect['after'] ?? {}) as Words)) {
    const account = accounts[id]
    const margin = account && coreMargin(account, marks, 'D')
    const found = margin?.kind === 'margin' ? margin.collateral : undefined
    const told = big((after as Words)['collateral_provisional'])
    expect([vector.id, vector.case, id, found]).toEqual([vector.id, vector.case, id, told])
  }
}

describe('interest of generation D', () => {
  const vectors = vectorsOf('D', 'apply_interests')

  test.skipIf(vectors.length === 0)(
    titled('every recorded payment is answered the same, and leaves the same cash'),
    () => {
      const ours = vectors.filter((vector) => isOurs(vector) && vector.case !== 'amount_i64_over')
      for (const vector of ours) {
        const world = worldOf(vector)
        const earlier = (vector.pre?.['earlier_in_transaction'] ?? []) as readonly unknown[]
        const asked = [
          ...earlier.flat(),
          ...((vector.call?.['position_interest_amounts'] ?? []) as []),
        ]
        const { reason, accounts } = apply(world, askedOf(asked))
        expect([vector.id, vector.case, reason]).toEqual([vector.id, vector.case, reasonOf(vector)])
        if (reason === 'ok') expectCash(vector, accounts, world.marks)
      }
      expect(ours.length).toBeGreaterThan(250)
    },
  )

  const flows = vectorsOf('D', 'interest_in_flow')

  test.skipIf(flows.length === 0)(
    titled('interest inside a deposit, trade, transfer or withdrawal is answered the same'),
    () => {
      for (const vector of flows) {
        const { reason, accounts, marks } = flow(vector)
        expect([vector.id, vector.case, reason]).toEqual([vector.id, vector.case, reasonOf(vector)])
        if (reason === 'ok') expectCash(vector, accounts, marks)
      }
    },
  )

  test('a call that asks for interest where its terms are not known is not judged', () => {
    const account = { id: '7', collateral: 5n, holdings: [] }
    const asked = [{ account, amount: 1n }]
    expect(whyInterestRefused(asked, { marks: {}, terms: undefined })).toEqual({
      kind: 'unknown',
      reason: 'INTEREST_TERMS_NOT_KNOWN',
      position: '7',
    })
  })

  test('the cap is one rate for every unit and second, rounded down, and the same for debts', () => {
    const seconds = 3_600n
    // 2^32 / 1200 / 3600 = 994.2: below it nothing comes of an hour.
    expect(interestCap({ earns: 994n, seconds, maxRatePerSecond: 1_200n })).toBe(0n)
    expect(interestCap({ earns: 995n, seconds, maxRatePerSecond: 1_200n })).toBe(1n)
    expect(interestCap({ earns: -995n, seconds, maxRatePerSecond: 1_200n })).toBe(1n)
  })

  test('a holding whose asset nobody knows leaves interest unjudged', () => {
    const holdings = [{ asset: 'XYZ-1', balance: 1n, fundingIndex: 0n }]
    expect(interestBase({ id: '7', collateral: 5n, holdings }, {})).toBe('ASSET_NOT_EXISTS')
  })
})

type Step = {
  readonly id: string
  readonly interest: bigint
  readonly quote: bigint
  readonly asset?: string
  readonly base?: bigint
  readonly isTested?: boolean
}

/** Steps are checked for interest as each flow orders them, then made. */
function flow(vector: Vector) {
  const world = worldOf(vector)
  const accounts = { ...world.accounts }
  let { terms } = world
  for (const steps of stepsOf(vector)) {
    const asked = steps.map(({ id, interest }) => ({ account: accountIn(accounts, id), interest }))
    let { clock, lastApplied } = terms
    for (const { account, interest: amount } of asked) {
      const view = { account, marks: world.marks, lastApplied: lastApplied[account.id] ?? 0n }
      const verdict = judgeInterest(view, amount, clock)
      if (verdict.kind !== 'accepted') return { ...world, accounts, reason: verdict.reason }
      clock = { ...clock, divergence: verdict.divergence }
      lastApplied = { ...lastApplied, [account.id]: verdict.lastApplied }
    }
    terms = { clock, lastApplied }
    for (const step of steps) {
      const before = accountIn(accounts, step.id)
      const after = moved(before, step, world.marks)
      const [earlier, later] = [before, after].map((one) => coreMargin(one, world.marks, 'D'))
      if (earlier?.kind !== 'margin' || later?.kind !== 'margin') throw new Error(vector.id)
      if (step.isTested && !isHealthyOrHealthier(earlier, later, 'D'))
        return { ...world, accounts, reason: 'POSITION_NOT_HEALTHY_NOR_HEALTHIER' }
      accounts[step.id] = after
    }
  }
  return { ...world, accounts, reason: 'ok' }
}

function accountIn(accounts: Readonly<Record<string, Account>>, id: string): Account {
  return accounts[id] ?? { id, collateral: 0n, holdings: [] }
}

function moved(account: Account, step: Step, marks: CoreMarks): Account {
  const { asset, base = 0n, quote, interest } = step
  const mark = asset === undefined ? undefined : marks[asset]
  if (asset === undefined || !mark)
    return { ...account, collateral: account.collateral + quote + interest }
  return afterExchange(account, { asset, base, quote, interest, fee: 0n }, mark)
}

function stepsOf({ call = {}, expect: told }: Vector): readonly (readonly Step[])[] {
  const id = String(call['position_id'])
  const amount = big(call['amount'])
  const interest = big(call['interest_amount'])
  switch (call['fn']) {
    case 'process_deposit':
      return [[{ id, interest, quote: big(call['quantized_amount']) }]]
    case 'withdraw':
      return [[{ id, interest, quote: -amount, isTested: true }]]
    case 'transfer':
      return [
        [
          { id, interest: big(call['interest_amount_sender']), quote: -amount, isTested: true },
          {
            id: String(call['recipient']),
            interest: big(call['interest_amount_recipient']),
            quote: amount,
          },
        ],
      ]
    default:
      return tradeSteps(call, told['events'] as [])
  }
}

/** Where a vector tells two trades by their interest alone, the amounts signed for are those that its events repeat. */
function tradeSteps(
  call: Words,
  events: readonly { readonly data: readonly string[] }[] | undefined,
): readonly (readonly Step[])[] {
  const [a, b] = [String(call['position_a']), String(call['position_b'])]
  const found = Object.entries(assetsOf('D')).find(
    ([, one]) => BigInt(one.id) === big(call['base_asset_id']),
  )
  const asset = found?.[0] ?? ''
  const interests = (call['interests_a'] as readonly string[] | undefined)?.map(big) ?? [
    big(call['interest_amount_a']),
  ]
  const [, , signedBase, signedQuote] = events?.[0]?.data ?? []
  const base = big(call['actual_base_a'] ?? signedBase)
  const quote = big(call['actual_quote_a'] ?? signedQuote)
  return interests.map((interest) => [
    { id: a, interest, quote, asset, base, isTested: true },
    { id: b, interest: big(call['interest_amount_b']), quote: -quote, asset, base: -base },
  ])
}
