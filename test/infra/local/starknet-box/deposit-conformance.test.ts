import type { RawArgs } from 'starknet'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { felt } from '../../../../infra/local/starknet-box/felt.ts'
import { withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { operator, outcome, run, stranger } from './a-core.ts'
import { activeCore, coreOf, encoded, eventsOf, told, viewed } from './recorded-accounts.ts'
import { conformance, type Generation, titled, type Vector, vectorsOf } from './vectors.ts'

const depositor = 0x49dfb8ce986e21d354ac93ea65e6a11f639c1934ea253e5ff14ca62eca0f38en
const weth = 0x574554482d36000000000000000000n
const day = 1_808_000_000n

const big = z.coerce.bigint()
const Call = z.object({
  fn: z.string(),
  asset_id: big.optional(),
  position_id: big.optional(),
  quantized_amount: big.optional(),
  salt: big.optional(),
  interest_amount: big.optional(),
})
const Pre = z.object({
  now: big.optional(),
  quantum: big.optional(),
  treasury: big.optional(),
  max_deposit: big.optional(),
  treasury_balance: big.default(0n),
})
type Deposit = {
  readonly assetId: bigint
  readonly positionId: bigint
  readonly amount: bigint
  readonly salt: bigint
}

/** The amounts of the deposits that the recording made first, which later ones refer to. */
function firstAmount(generation: Generation): bigint {
  const first = vectorsOf('deposit', generation).find(({ case: name }) => name === 'deposit_ok')
  return Call.parse(first?.call).quantized_amount ?? 0n
}

function before(generation: Generation, { pre = {}, case: name }: Vector): CoreState {
  const recorded = Pre.parse(pre)
  const ids = [50n, 900n, 901n, 950n, 960n]
  const empty = { ownerPublicKey: 1n, collateral: 0n, holdings: [] }
  const active = activeCore(day, generation)
  const core = withPlanted(
    active,
    ids.map((id) => ({ id, ...empty })),
  ).core
  const { custody } = core
  const key = `0x${custody.token.toString(16)}` as const
  const held = {
    pending: 0n,
    treasury: recorded.treasury_balance,
    maxDeposit: recorded.max_deposit,
    day: undefined,
  }
  const weighed = {
    ...custody,
    quantum: recorded.quantum ?? custody.quantum,
    treasury: recorded.treasury ?? custody.treasury,
    held: { [key]: held },
  }
  const [asset] = Object.values(core.assets).filter(({ id }) => id === weth)
  const priced =
    asset === undefined ? {} : { [`0x${weth.toString(16)}`]: { ...asset, price: 671_088_640_000n } }
  return name.startsWith('spot_')
    ? { ...core, custody: weighed, assets: { ...core.assets, ...priced } }
    : { ...core, custody: weighed }
}

function called(
  core: CoreState,
  generation: Generation,
  step: {
    readonly fn: string
    readonly interest?: bigint
    readonly caller: bigint
    readonly now: bigint
  },
  { assetId, positionId, amount, salt }: Deposit,
) {
  const { fn, caller, now, interest = 0n } = step
  const operated = ['process_deposit', 'reject_deposit'].includes(fn)
  const args = {
    ...(operated ? { operator_nonce: core.operatorNonce, depositor } : {}),
    ...(fn === 'deposit' ? {} : { asset_id: assetId }),
    position_id: positionId,
    quantized_amount: amount,
    salt,
    interest_amount: interest,
  }
  const calldata = encoded(generation, fn, args as RawArgs)
  return run(core, { name: fn, calldata, caller, now })
}

/** Runs it after a deposit of the same, and after the calls that the name or the vector tells. */
function answered(generation: Generation, vector: Vector) {
  const { case: name } = vector
  const call = Call.parse(vector.call)
  const isSpot = name.startsWith('spot_')
  const isToken = isSpot && call.fn !== 'deposit'
  const first = {
    assetId: isToken ? weth : 1n,
    positionId: isSpot ? 950n : 900n,
    amount: isSpot ? 99_962_550n : firstAmount(generation),
    salt: 1n,
  }
  const asked = {
    assetId: call.asset_id ?? first.assetId,
    positionId: call.position_id ?? (vector.kind === 'deposit_extra' ? 50n : first.positionId),
    amount: call.quantized_amount ?? first.amount,
    salt: call.salt ?? 1n,
  }
  let core = before(generation, vector)
  const deposit = isToken ? 'deposit_asset' : 'deposit'
  if (call.fn.startsWith('deposit')) {
    const step = { fn: call.fn, caller: depositor, now: day }
    return { core, answer: called(core, generation, step, asked), now: day }
  }
  const firsts =
    name === 'process_amount_over_i64' || name === 'process_without_treasury'
      ? [first, asked]
      : [first]
  for (const one of firsts)
    core = done(called(core, generation, { fn: deposit, caller: depositor, now: day }, one))
  const prior = { spot_process_twice: ['process_deposit'] }[name] ?? priorOf(vector)
  for (const fn of prior)
    core = done(called(core, generation, { fn, caller: operator, now: day + 1n }, first))
  const now = day + secondsAfter(vector)
  const caller = callerOf(name, call.fn)
  const step = { fn: call.fn, caller, now, interest: call.interest_amount ?? 0n }
  return { core, answer: called(core, generation, step, asked), now }
}

function done(answer: ReturnType<typeof run>): CoreState {
  if (answer.kind !== 'ok') throw new Error(outcome(answer))
  return answer.core
}

function priorOf({ pre }: Vector): readonly string[] {
  return z.object({ prior: z.array(z.string()).default([]) }).parse(pre ?? {}).prior
}

function callerOf(name: string, fn: string): bigint {
  if (name === 'process_not_operator' || name === 'cancel_by_other') return stranger
  return fn === 'cancel_deposit' ? depositor : operator
}

/** How long after the deposit, as the name says. */
function secondsAfter({ case: name }: Vector): bigint {
  const week = 604_800n
  const named: Readonly<Record<string, bigint>> = {
    reject_in_same_second: 0n,
    cancel_at_once: 1n,
    cancel_delay_minus_1: week - 1n,
    cancel_delay_exact: week,
    cancel_delay_plus_1: week + 1n,
    cancel_by_other: week + 1n,
    process_after_cancel_delay: week + 1n,
  }
  return named[name] ?? 2n
}

const After = z.object({
  collateral_after: big.optional(),
  position_felts: z.array(big).optional(),
})

describe.skipIf(conformance === undefined).each(['C', 'D'] as const)(
  titled('deposits as the real core has them, generation %s'),
  (generation) => {
    const all = [...vectorsOf('deposit', generation), ...vectorsOf('deposit_extra', generation)]
    const cases = all.filter(({ case: name }) => !elsewhere.has(name))
    test.for(cases.map((one) => [one.id, one.case, one] as const))('%s %s', ([, , vector]) => {
      const { answer, now } = answered(generation, vector)
      expect(outcome(answer)).toBe(vector.expect.error ?? 'ok')
      if (answer.kind !== 'ok') return
      expect(answer.events).toEqual(eventsOf(vector.expect['events']))
      const { collateral_after, position_felts } = After.parse(vector.expect)
      const id = vector.case.startsWith('spot_') ? 950n : 900n
      const words = viewed(answer.core, 'get_position_assets', { id, now })
      expect(words.at(-1)).toBe(collateral_after ?? words.at(-1))
      expect(words.map(felt)).toEqual(position_felts ?? words.map(felt))
    })

    const unhealthy = all.filter(({ case: name }) => name === 'process_into_unhealthy_position')
    test.for(unhealthy.map((one) => [one.id, one] as const))(
      '%s into an unhealthy position',
      ([, vector]) => {
        const { core, now } = coreOf(vector, generation)
        const call = Call.parse(vector.call)
        const one = {
          assetId: 1n,
          positionId: call.position_id ?? 0n,
          amount: call.quantized_amount ?? 0n,
          salt: call.salt ?? 0n,
        }
        const deposited = done(
          called(core, generation, { fn: 'deposit', caller: depositor, now }, one),
        )
        const step = { fn: 'process_deposit', caller: operator, now }
        const answer = called(deposited, generation, step, one)
        expect(outcome(answer)).toBe('ok')
        if (answer.kind !== 'ok') return
        expect(answer.events).toEqual(eventsOf(vector.expect['events']))
        const views = told(answer.core, vector.expect['after'], { now })
        expect(views.ours).toEqual(views.recorded)
      },
    )

    test('a treasury that is not set is told as such', () => {
      const { custody, ...core } = activeCore(day, generation)
      const unset = { ...core, custody: { ...custody, treasury: 0n } }
      const answer = run(unset, { name: 'get_treasury_address', calldata: [], now: day })
      const vector = all.find(({ case: name }) => name === 'treasury_address_when_unset')
      const value = z.object({ value: big }).parse(vector?.expect).value
      expect(answer).toMatchObject({ kind: 'ok', result: [value] })
    })
  },
)

/** Asked in tests of their own; an allowance is the token's, and is refused where the box has a token. */
const elsewhere = new Set([
  'process_into_unhealthy_position',
  'treasury_address_when_unset',
  'spot_deposit_u64_max',
])
