import type { RawArgs } from 'starknet'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreEvent, CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import {
  transferHash,
  withdrawHash,
} from '../../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { signedFelt } from '../../../../lib/adapters/starknet-felt.ts'
import { operator, outcome, run, stranger } from './a-core.ts'
import { multiTradeArgs, ownerPublicKey, signedHash } from './flow-calldata.ts'
import {
  activeCore,
  coreOf,
  encoded,
  eventsOf,
  numbered,
  signerOf,
  told,
} from './recorded-accounts.ts'
import { conformance, type Generation, titled, type Vector, vectorsOf } from './vectors.ts'

const Big = z.bigint()
const sepolia = 0x534e5f5345504f4c4941n
const depositor = 0x49dfb8ce986e21d354ac93ea65e6a11f639c1934ea253e5ff14ca62eca0f38en

const Call = z.object({
  steps: z.string(),
  asset_id: Big,
  recipient: Big,
  position_id: Big,
  amount: Big,
  expiration: Big,
  salt: Big,
  request_hash: Big,
  signature: z.array(Big),
})
type Request = z.infer<typeof Call>

const flows = {
  withdraw: { hash: withdrawHash, interests: { interest_amount: 0n } },
  transfer: {
    hash: transferHash,
    interests: { interest_amount_sender: 0n, interest_amount_recipient: 0n },
  },
} as const
type Flow = keyof typeof flows

type Step = { readonly name: string; readonly args: object; readonly caller: bigint }

function requestOf(flow: Flow, one: Request, caller: bigint): Step {
  const { asset_id, signature, recipient, position_id, amount, expiration, salt } = one
  const named = flow === 'withdraw' ? { collateral_id: asset_id } : { asset_id }
  const args = { signature, ...named, recipient, position_id, amount, expiration, salt }
  return { name: `${flow}_request`, args, caller }
}

function actionOf(flow: Flow, one: Request, { nonce, caller }: Nonce): Step {
  const { asset_id, recipient, position_id, amount, expiration, salt } = one
  const named = flow === 'withdraw' ? { collateral_id: asset_id } : { asset_id }
  const rest = { ...named, recipient, position_id, amount, expiration, salt }
  const args = { operator_nonce: nonce, ...rest, ...flows[flow].interests }
  return { name: flow, args, caller }
}

type Nonce = { readonly nonce: bigint; readonly caller: bigint }

/** What the vectors' words for sequences mean. */
function stepsOf(flow: Flow, one: Request, { nonce, caller }: Nonce): readonly Step[] {
  const request = requestOf(flow, one, caller)
  const action = actionOf(flow, one, { nonce, caller })
  const again = actionOf(flow, one, { nonce: nonce + 1n, caller })
  const other = actionOf(flow, { ...one, amount: one.amount + 1n }, { nonce, caller })
  const sequences: Readonly<Record<string, readonly Step[]>> = {
    request: [request],
    action: [action],
    both: [request, action],
    request_twice: [request, request],
    request_after: [request, action, request],
    both_twice: [request, action, again],
    other_amount: [request, other],
  }
  const steps = sequences[one.steps]
  if (steps === undefined) throw new Error(`the vectors say ${one.steps}`)
  return steps
}

const Pre = z.object({
  treasury_balance_at_reset: z.coerce.bigint().default(10n ** 19n),
  already_withdrawn: z.coerce.bigint().default(0n),
  seconds_since_reset: z.coerce.bigint().optional(),
})

/** Base collateral in the treasury, and what of it was withdrawn in the treasury's day. */
function withTreasury(core: CoreState, now: bigint, pre: unknown): CoreState {
  const recorded = Pre.parse(pre)
  const { treasury_balance_at_reset: balance, already_withdrawn: withdrawn } = recorded
  const since = now - (recorded.seconds_since_reset ?? 0n)
  const day = recorded.seconds_since_reset === undefined ? undefined : { since, balance, withdrawn }
  const isOver = recorded.seconds_since_reset === 86_401n
  const treasury = isOver ? balance : balance - withdrawn
  const held = { pending: 0n, treasury, maxDeposit: undefined, day }
  const key = `0x${core.custody.token.toString(16)}` as const
  return { ...core, custody: { ...core.custody, held: { [key]: held } } }
}

describe.skipIf(conformance === undefined)(titled('money leaves as from the real core'), () => {
  for (const flow of ['withdraw', 'transfer'] as const) {
    const vectors = vectorsOf(flow, 'D').filter(({ call }) => call?.['steps'] !== undefined)
    test.for(vectors.map((one) => [one.id, one.case, one] as const))(
      `${flow}: %s %s`,
      ([, name, vector]) => {
        const call = Call.parse(numbered(vector.call))
        const request = { ...call, positionId: call.position_id, collateralId: call.asset_id }
        const key = signerOf(call.request_hash, call.signature, (publicKey) =>
          flows[flow].hash(request, { publicKey, chainId: sepolia }),
        )
        const owners = key === undefined ? new Map() : new Map([[`${call.position_id}`, key]])
        const { core: planted, caller, now } = coreOf(vector, 'D', owners)
        const core = withTreasury(
          { ...planted, paused: name.startsWith('paused') },
          now,
          vector.pre ?? {},
        )
        const nonce = core.operatorNonce + (name === 'nonce_plus_1' ? 1n : 0n)
        const ran = runAll(core, stepsOf(flow, call, { nonce, caller }), now)
        expect(ran.error ?? 'ok').toBe(vector.expect.error ?? 'ok')
        if (ran.error !== undefined) return
        const recorded = [
          ...eventsOf(vector.expect['request_events'] ?? []),
          ...eventsOf(vector.expect['events'] ?? []),
        ]
        const unique = recorded.filter(
          (one, at) => recorded.findIndex(({ keys }) => keys[0] === one.keys[0]) === at,
        )
        expect(ran.events).toEqual(expect.arrayContaining([...unique]))
        const views = told(ran.core, vector.expect['after'], { now })
        expect(views.ours).toEqual(views.recorded)
      },
    )

    const spot = vectorsOf(flow, 'D').filter(({ call }) => call?.['steps'] === undefined)
    test.for(spot.map((one) => [one.id, one.case, one] as const))(
      `${flow} of a token: %s %s`,
      ([, , vector]) => {
        const { core, steps, now } = spotFlow(flow, vector)
        const ran = runAll(core, steps, now)
        expect(ran.error ?? 'ok').toBe(vector.expect.error ?? 'ok')
        if (ran.error !== undefined) return
        // The owner's key is not recorded, and so the hash is ours.
        const [recorded] = eventsOf(vector.expect['events'])
        const last = ran.events.at(-1)
        expect({ keys: last?.keys.slice(0, 3), data: last?.data }).toEqual({
          keys: recorded?.keys.slice(0, 3),
          data: recorded?.data,
        })
        const { holdings } = SpotAfter.parse(vector.expect['after'])
        const ours = ran.core.positions['951']?.holdings.map(({ asset, balance }) => ({
          asset_id: asset,
          balance: `${balance}`,
        }))
        expect(ours).toEqual(holdings)
      },
    )
  }
})

const SpotCall = z.object({ asset_id: Big, amount: Big, position_id: Big })
const SpotPre = z.object({
  now: z.coerce.bigint(),
  balance: z.coerce.bigint(),
  treasury_holds: z.coerce.bigint().default(0n),
})
const SpotAfter = z.object({
  holdings: z.array(z.object({ asset_id: z.string(), balance: z.string() })),
})
const weth = 0x574554482d36000000000000000000n
const wbtc = 0x574254432d38000000000000000000n

/** Position 951 with two tokens, asking for what the vector tells and, where it tells no more, in the recorded event's terms. */
function spotFlow(flow: Flow, vector: Vector) {
  const { asset_id, amount, position_id } = SpotCall.parse(numbered(vector.call))
  const { now, balance, treasury_holds } = SpotPre.parse(vector.pre)
  const [event] = eventsOf(vector.expect['events'] ?? [])
  const recipient = flow === 'withdraw' ? depositor : 950n
  const [expiration, salt] = event?.data.slice(flow === 'withdraw' ? -3 : -4) ?? [now + 1000n, 1n]
  const base = { collateral: 10n ** 12n, ownerPublicKey }
  const planted = [
    {
      ...base,
      id: position_id,
      holdings: [
        { assetId: weth, balance },
        { assetId: wbtc, balance: 605_664_309n },
      ],
    },
    { ...base, id: 950n, holdings: [] },
  ]
  const core = withPlanted(activeCore(now, 'D'), planted).core
  const token = core.assets[`0x${weth.toString(16)}`]?.token
  const treasury = treasury_holds * (token?.quantum ?? 1n)
  const held = { pending: 0n, treasury, maxDeposit: undefined, day: undefined }
  const key = `0x${(token?.address ?? 0n).toString(16)}` as const
  const request = { recipient, positionId: position_id, collateralId: asset_id, amount }
  const terms = { expiration: expiration ?? 0n, salt: salt ?? 0n }
  const signer = { publicKey: ownerPublicKey, chainId: sepolia }
  const hash = flows[flow].hash({ ...request, ...terms }, signer)
  const call = {
    steps: 'both',
    asset_id,
    recipient,
    position_id,
    amount,
    ...terms,
    request_hash: hash,
    signature: [...signedHash(hash)],
  }
  return {
    core: { ...core, custody: { ...core.custody, held: { [key]: held } } },
    steps: stepsOf(flow, call, { nonce: core.operatorNonce, caller: operator }),
    now,
  }
}

type Ran = {
  readonly core: CoreState
  readonly events: readonly CoreEvent[]
  readonly error?: string
}

function runAll(
  before: CoreState,
  steps: readonly Step[],
  now: bigint,
  generation: Generation = 'D',
): Ran {
  return steps.reduce<Ran>(
    (ran, { name, args, caller }) => {
      if (ran.error !== undefined) return ran
      const calldata = encoded(generation, name, args as RawArgs)
      const answer = run(ran.core, { name, calldata, caller, now })
      if (answer.kind !== 'ok') return { ...ran, error: outcome(answer) }
      return { core: answer.core, events: [...ran.events, ...answer.events] }
    },
    { core: before, events: [] },
  )
}

const Interested = z.looseObject({ fn: z.string() })

describe.skipIf(conformance === undefined)(titled('interest in flows as in the real core'), () => {
  const vectors = vectorsOf('interest_in_flow', 'D')
  test.for(vectors.map((one) => [one.id, one.case, one] as const))('%s %s', ([, , vector]) => {
    const positions = Object.keys(vector.pre?.['positions'] ?? {})
    const owners = new Map(positions.map((id) => [id, ownerPublicKey]))
    const { core: planted, now } = coreOf(vector, 'D', owners)
    const core = withTreasury(planted, now, {})
    const ran = runAll(core, interestedSteps(vector, core, now), now)
    expect(ran.error ?? 'ok').toBe(vector.expect.error ?? 'ok')
    if (ran.error !== undefined) return
    // Salts and keys are not recorded, and so hashes are ours.
    const recorded = eventsOf(vector.expect['events'])
    const last = ran.events.slice(-recorded.length)
    const count = Interested.parse(vector.call).fn === 'process_deposit' ? 4 : 3
    expect(last.map(withoutHash(count))).toEqual(recorded.map(withoutHash(count)))
    const views = told(ran.core, vector.expect['after'], { now })
    expect(views.ours).toEqual(views.recorded)
  })
})

function withoutHash(count: number) {
  return ({ keys, data }: CoreEvent) => ({ keys: keys.slice(0, count), data })
}

const Numbers = z.record(z.string(), z.union([Big, z.string(), z.array(Big)]))

function interestedSteps(vector: Vector, core: CoreState, now: bigint): readonly Step[] {
  const call = Numbers.parse(numbered(vector.call))
  const number = (name: string): bigint => Big.parse(call[name] ?? 0n)
  const nonce = core.operatorNonce
  const [event] = eventsOf(vector.expect['events'] ?? [])
  const caller = operator
  const { fn } = Interested.parse(vector.call)
  switch (fn) {
    case 'process_deposit': {
      const salt = event?.data.at(-1) ?? 1n
      const deposit = {
        position_id: number('position_id'),
        quantized_amount: number('quantized_amount'),
        salt,
      }
      const processed = { operator_nonce: nonce, depositor, asset_id: 1n, ...deposit }
      const interest_amount = number('interest_amount')
      return [
        { name: 'deposit', args: deposit, caller: depositor },
        { name: 'process_deposit', args: { ...processed, interest_amount }, caller },
      ]
    }
    case 'multi_trade':
      return [{ name: 'multi_trade', args: tradesOf(vector, core), caller }]
    case 'withdraw':
    case 'transfer': {
      const flow = fn
      const isWithdraw = flow === 'withdraw'
      const [expiration = now + 1000n, salt = 1n] = event?.data.slice(isWithdraw ? -3 : -4) ?? []
      const request = {
        recipient: isWithdraw ? depositor : number('recipient'),
        positionId: number('position_id'),
        collateralId: 1n,
        amount: number('amount'),
        expiration,
        salt,
      }
      const signer = { publicKey: ownerPublicKey, chainId: sepolia }
      const hash = flows[flow].hash(request, signer)
      const one = {
        ...request,
        steps: 'both',
        asset_id: 1n,
        position_id: request.positionId,
        request_hash: hash,
        signature: [...signedHash(hash)],
      }
      const action = actionOf(flow, one, { nonce, caller })
      const interests = Object.fromEntries(
        Object.keys(flows[flow].interests).map((name) => [name, number(name)]),
      )
      return [requestOf(flow, one, stranger), { ...action, args: { ...action.args, ...interests } }]
    }
    default:
      throw new Error(`the vectors call ${fn}`)
  }
}

/** As many as there are interests; where a vector tells no amounts, its event does, and where it fails they do not matter. */
function tradesOf(vector: Vector, core: CoreState) {
  const call = Numbers.parse(numbered(vector.call))
  const number = (name: string): bigint => Big.parse(call[name] ?? 0n)
  const [event] = eventsOf(vector.expect['events'] ?? [])
  const baseAssetId = number('base_asset_id')
  const price = core.assets[`0x${baseAssetId.toString(16)}`]?.price ?? 0n
  const [base = 1n, , quote = -price >> 28n] = event?.data.slice(1, 4).map(signedFelt) ?? []
  const baseAmount = call['actual_base_a'] === undefined ? base : number('actual_base_a')
  const quoteAmount = call['actual_quote_a'] === undefined ? quote : number('actual_quote_a')
  const [a, b] = [number('position_a'), number('position_b')]
  const interests = z.array(Big).safeParse(call['interests_a']).data ?? [
    number('interest_amount_a'),
  ]
  const trades = interests.map((interestA, at) => {
    const own = { positionId: a, baseAssetId, baseAmount, quoteAmount, salt: BigInt(at + 1) }
    return {
      a: own,
      b: { ...own, positionId: b, baseAmount: -baseAmount, quoteAmount: -quoteAmount },
      interestA,
      interestB: number('interest_amount_b'),
    }
  })
  return multiTradeArgs(core.operatorNonce, trades)
}
