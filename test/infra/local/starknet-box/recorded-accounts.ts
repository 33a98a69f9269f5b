import { Point } from '@scure/starknet'
import { CallData, type RawArgs } from 'starknet'
import { z } from 'zod'

import { coreClasses } from '../../../../infra/local/starknet-box/core-class.ts'
import type {
  CoreAsset,
  CoreEvent,
  CorePosition,
  CoreState,
} from '../../../../infra/local/starknet-box/core-state.ts'
import { felt, hex, type Hex, prime } from '../../../../infra/local/starknet-box/felt.ts'
import { withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { isStarkSignature } from '../../../../infra/local/starknet-box/stark-signature.ts'
import { operator, run, stranger } from './a-core.ts'
import { recordedCore } from './recorded-core.ts'
import { type Generation, recordings, type Vector } from './vectors.ts'

export const Whole = z.string().transform((text) => BigInt(text))

const Interest = z.object({
  exchange_time: Whole,
  time_of_last_update: Whole,
  max_interest_rate_per_sec: Whole,
  interest_divergence: Whole,
  last_interest_applied_time: z.record(z.string(), Whole).default({}),
})
const Pre = z.object({
  now: Whole.default(1_808_000_000n),
  caller: z.enum(['operator', 'stranger']).default('operator'),
  operator_nonce: Whole.default(0n),
  positions: z.record(z.string(), z.string()).default({}),
  interest: Interest.optional(),
})

const Holding = z.object({
  asset: z.string(),
  balance: Whole,
  cached_funding_index: Whole,
  price: Whole.optional(),
  funding_index: Whole,
})
export const RecordedState = z.object({
  collateral_stored: Whole,
  holdings: z.array(Holding),
  last_interest_applied_time: Whole.optional(),
})
export type RecordedState = z.infer<typeof RecordedState>

const empty = { collateral_stored: '0', holdings: [] }

export type Owners = ReadonlyMap<string, bigint>

/** The core of a vector: its positions and what their holdings tell of assets, all others being active and without a price. */
export function coreOf(vector: Vector, generation: Generation, owners: Owners = new Map()) {
  const pre = Pre.parse(vector.pre ?? {})
  const states = Object.entries(pre.positions).map(
    ([id, key]) => [id, RecordedState.parse(recordings[generation]?.states[key] ?? empty)] as const,
  )
  const core = withStates(activeCore(pre.now, generation), states, owners)
  const interest = pre.interest ?? Interest.safeParse(vector.pre).data
  const clocked = interest === undefined ? core : withInterest(core, interest)
  return {
    core: { ...clocked, operatorNonce: pre.operator_nonce },
    caller: { operator, stranger }[pre.caller],
    now: pre.now,
  }
}

export function activeCore(now: bigint, generation: Generation): CoreState {
  const core = recordedCore(now, 'ours', generation)
  const assets = Object.values(core.assets).map((asset): [Hex, CoreAsset] => [
    hex(asset.id),
    { ...asset, status: 'ACTIVE', lastPriceUpdate: now },
  ])
  const activeCount = assets.filter(([, { kind }]) => kind === 'synthetic').length
  return { ...core, assets: Object.fromEntries(assets), activeCount }
}

export function withStates(
  core: CoreState,
  states: readonly (readonly [id: string, state: RecordedState])[],
  owners: Owners = new Map(),
): CoreState {
  const held = states.flatMap(([, { holdings }]) => holdings)
  const ids = idsOf(core.generation)
  const assets = { ...core.assets }
  for (const { asset, price, funding_index: fundingIndex } of held) {
    const key = hex(ids.get(asset) ?? 0n)
    const before = assets[key]
    if (before === undefined) throw new RangeError(`the vectors hold an unknown ${asset}`)
    assets[key] = { ...before, price: price ?? before.price, fundingIndex }
  }
  const planted = states.map(([id, state]) => ({
    id: BigInt(id),
    ownerPublicKey: owners.get(id) ?? knownKey(core.generation, id),
    collateral: state.collateral_stored,
    lastInterest: state.last_interest_applied_time,
    holdings: state.holdings.map((holding) => ({
      assetId: ids.get(holding.asset) ?? 0n,
      balance: holding.balance,
      fundingIndex: holding.cached_funding_index,
    })),
  }))
  return withPlanted({ ...core, assets }, planted).core
}

function withInterest(core: CoreState, interest: z.infer<typeof Interest>): CoreState {
  const positions = Object.entries(core.positions).map(([id, position]): [string, CorePosition] => [
    id,
    {
      ...position,
      lastInterest: interest.last_interest_applied_time[id] ?? position.lastInterest,
    },
  ])
  return {
    ...core,
    positions: Object.fromEntries(positions),
    interest: {
      exchangeTime: interest.exchange_time,
      updatedAt: interest.time_of_last_update,
      maxRatePerSecond: interest.max_interest_rate_per_sec,
      divergence: interest.interest_divergence,
    },
  }
}

export function idsOf(generation: Generation): ReadonlyMap<string, bigint> {
  const { assets = [], spot_assets = [] } = recordings[generation] ?? {}
  const listed = [...assets, ...spot_assets]
  return new Map(listed.map(({ symbol, asset_id }) => [symbol, BigInt(asset_id)]))
}

function knownKey(generation: Generation, position: string): bigint {
  return BigInt(recordings[generation]?.liquidator_public_keys[position] ?? 0)
}

/** Whom the recordings name: few, and to verify one's signature takes a third of what it takes to find out whose it is. */
const signers = new Set<bigint>()

/** Of the keys that a signature on a hash fits the one that the hash names: what the recorded position's owner must have been. */
export function signerOf(
  hash: bigint,
  [r = 0n, s = 0n]: readonly bigint[],
  hashWith: (publicKey: bigint) => bigint,
): bigint | undefined {
  const isNamed = (key: bigint) => hashWith(key) === hash
  for (const publicKey of signers)
    if (isNamed(publicKey) && isStarkSignature({ hash, publicKey, r, s })) return publicKey
  const found = keysOf(hash, r, s).find(isNamed)
  if (found !== undefined) signers.add(found)
  return found
}

function keysOf(hash: bigint, r: bigint, s: bigint): readonly bigint[] {
  const order = Point.Fn.ORDER
  if (r === 0n || s % order === 0n) return []
  try {
    const point = Point.fromHex(`02${r.toString(16).padStart(64, '0')}`)
    const ofHash = Point.BASE.multiplyUnsafe(hash % order)
    return [point, point.negate()].map(
      (one) =>
        one
          .multiplyUnsafe(s % order)
          .subtract(ofHash)
          .multiplyUnsafe(Point.Fn.inv(r))
          .toAffine().x,
    )
  } catch {
    // No point of the curve has this x.
    return []
  }
}

const Abi = z.array(z.looseObject({ type: z.string() }))

/** Encoded by another library, from the ABI that the box shows. */
const encoders = {
  C: new CallData(Abi.parse(JSON.parse(coreClasses.C.abi))),
  D: new CallData(Abi.parse(JSON.parse(coreClasses.D.abi))),
}

export function encoded(generation: Generation, name: string, args: RawArgs): readonly bigint[] {
  return encoders[generation].compile(name, args).map(BigInt)
}

/** Recorded arguments as numbers, however deep. */
export function numbered(value: unknown): RawArgs {
  return inner(value) as RawArgs
}

function inner(value: unknown): unknown {
  if (typeof value === 'string' && /^(-?\d+|0x[0-9a-f]+)$/.test(value)) return BigInt(value)
  if (Array.isArray(value)) return value.map(inner)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]))
  return value
}

const Events = z.array(z.object({ name: z.string(), keys: z.array(Whole), data: z.array(Whole) }))

/** Recorded events as the core emits them. */
export function eventsOf(recorded: unknown): readonly CoreEvent[] {
  return Events.parse(recorded).map(({ name, keys, data }) => ({
    keys: [selectorOf(name), ...keys],
    data: data.map(felt),
  }))
}

const After = z.record(z.string(), z.unknown())
const Fields = z.record(z.string(), z.unknown())

/** What a recording tells of positions afterwards, and what our views say of the same. */
export function told(
  core: CoreState,
  recorded: unknown,
  { now, base }: { readonly now: bigint; readonly base?: bigint | undefined },
): { readonly ours: unknown; readonly recorded: unknown } {
  const after = After.parse(recorded)
  const positions = Object.entries(after).flatMap(([id, fields]) =>
    /^\d+$/.test(id) ? [[id, Fields.parse(fields)] as const] : [],
  )
  const ours = positions.map(([id, fields]) => {
    const all = fieldsOf(core, { id: BigInt(id), now, base })
    return [id, Object.fromEntries(Object.keys(fields).map((field) => [field, all[field]]))]
  })
  return { ours: Object.fromEntries(ours), recorded: Object.fromEntries(positions) }
}

function fieldsOf(
  core: CoreState,
  {
    id,
    now,
    base,
  }: { readonly id: bigint; readonly now: bigint; readonly base?: bigint | undefined },
): Readonly<Record<string, unknown>> {
  const words = viewed(core, 'get_position_assets', { id, now })
  const [value, risk] = viewed(core, 'get_position_tv_tr', { id, now })
  const size = core.generation === 'D' ? 6 : 5
  const count = Number(words[0])
  const at = Array.from({ length: count }, (_, one) => one * size + 1).find(
    (one) => words[one] === base,
  )
  return {
    collateral_provisional: `${words.at(-1)}`,
    holdings: `${count}`,
    base_balance: `${at === undefined ? 0n : words[at + 1]}`,
    base_cached_funding_index: `${at === undefined ? 0n : words[at + 4]}`,
    total_value: `${value}`,
    total_risk: `${risk}`,
  }
}

/** What a view answers, numbers below zero as such. */
export function viewed(
  core: CoreState,
  name: string,
  { id, now }: { readonly id: bigint; readonly now: bigint },
): readonly bigint[] {
  const answer = run(core, { name, calldata: [id], now })
  if (answer.kind !== 'ok') throw new Error(`${name} of ${id} is ${JSON.stringify(answer.kind)}`)
  return answer.result.map((word) => (word > prime / 2n ? word - prime : word))
}
