import * as fc from 'fast-check'

import type { Account, Holding } from '../../../lib/domain/margin/account.ts'
import { evmMargin, type EvmMark } from '../../../lib/domain/margin/evm-margin.ts'
import {
  type CoreGeneration,
  coreMargin,
  type CoreMark,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { coreFundingScale, coreScanMarks } from '../../../lib/domain/scan/core-scan-marks.ts'
import { evmScanMarks } from '../../../lib/domain/scan/evm-scan-marks.ts'
import type { ScanMarks } from '../../../lib/domain/scan/scan-marks.ts'

/** An engine's marks at one time: as the scan has them, and what the engine itself makes of an account by them. */
export type Tick = {
  readonly marks: ScanMarks
  /** Value less requirement, by the exact rule; undefined where it says nothing. */
  readonly surplus: (account: Account) => bigint | undefined
}

export type ScanWorld = {
  readonly name: string
  readonly fundingScale: bigint
  readonly tick: fc.Arbitrary<Tick>
  /** Prices and funding indexes that move from tick to tick, most of them a little. */
  readonly ticks: fc.Arbitrary<readonly Tick[]>
  readonly holding: fc.Arbitrary<Omit<Holding, 'asset'>>
  /** How many times as large a balance may be and stay in its type. */
  readonly enlarge: fc.Arbitrary<bigint>
}

const assets = ['BTC', 'ETH', 'SOL', 'STRK'] as const

/** In millionths: most moves are within a few buckets of the calm book, some beyond all of them. */
const move = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -400, max: 400 }),
  fc.integer({ min: -2_000, max: 2_000 }),
  fc.integer({ min: -300_000, max: 300_000 }),
)

type Moving = { readonly price: bigint; readonly fundingIndex: bigint }

/** The first marks, and what becomes of them step by step; an index of `scale` · price is worth a whole price. */
function walked<M extends Moving>(
  first: fc.Arbitrary<readonly M[]>,
  scale: bigint,
): fc.Arbitrary<readonly (readonly M[])[]> {
  const step = fc.array(fc.record({ price: move, index: move, isPaid: fc.boolean() }), {
    minLength: assets.length,
    maxLength: assets.length,
  })
  return fc.tuple(first, fc.array(step, { minLength: 1, maxLength: 12 })).map(([marks, steps]) => {
    let now = marks
    const later = steps.map((moves) => {
      now = now.map((mark, at) => moved(mark, moves[at], scale))
      return now
    })
    return [marks, ...later]
  })
}

function moved<M extends Moving>(
  mark: M,
  by: { readonly price: number; readonly index: number; readonly isPaid: boolean } | undefined,
  scale: bigint,
): M {
  if (!by) return mark
  const price = mark.price + (mark.price * BigInt(by.price)) / 1_000_000n
  const paid = by.isPaid ? (mark.price * scale * BigInt(by.index)) / 10_000_000n : 0n
  return { ...mark, price, fundingIndex: mark.fundingIndex + paid }
}

const coreIndex = fc.bigInt(-(1n << 36n), 1n << 36n)
const coreKinds = ['synthetic', 'synthetic', 'spot', 'vault-share'] as const

const coreMark = (kind: CoreMark['kind']): fc.Arbitrary<CoreMark> =>
  fc.record({
    kind: fc.constant(kind),
    price: fc.oneof(fc.bigInt(1n, 1n << 36n), fc.bigInt(0n, 1n << 30n)),
    fundingIndex: kind === 'synthetic' ? coreIndex : fc.constant(0n),
    riskFactorTiers: fc.constantFrom([10n], [10n, 25n, 50n], [25n, 100n, 500n, 1_000n]),
    firstTierBoundary: fc.constantFrom(0n, 10n ** 6n, 10n ** 12n),
    tierSize: fc.constantFrom(0n, 10n ** 6n, 10n ** 13n),
  })

function coreTick(told: readonly CoreMark[], generation: CoreGeneration): Tick {
  const marks = Object.fromEntries(told.map((mark, at) => [assets[at] ?? '', mark]))
  return {
    marks: coreScanMarks(marks),
    surplus: (account) => {
      const margin = coreMargin(account, marks, generation)
      return margin.kind === 'margin' ? margin.value - margin.requirement : undefined
    },
  }
}

const coreMarks = fc.tuple(...coreKinds.map(coreMark))

const coreWorld: ScanWorld = {
  name: 'starknet-perpetual',
  fundingScale: coreFundingScale,
  tick: fc
    .tuple(coreMarks, fc.constantFrom<CoreGeneration>('A', 'C', 'D'))
    .map(([told, generation]) => coreTick(told, generation)),
  ticks: walked(coreMarks, 16n).map((all) => all.map((told) => coreTick(told, 'D'))),
  holding: fc.record({
    balance: fc.oneof(fc.bigInt(-(10n ** 10n), -1n), fc.bigInt(1n, 10n ** 10n)),
    fundingIndex: coreIndex,
  }),
  enlarge: fc.constantFrom(1n, 10n ** 3n, 10n ** 6n),
}

const evmIndex = fc.bigInt(-(10n ** 22n), 10n ** 22n)

const evmMarks: fc.Arbitrary<readonly EvmMark[]> = fc.tuple(
  ...assets.map(() =>
    fc.record({
      price: fc.bigInt(1n, 10n ** 23n),
      fundingIndex: evmIndex,
      initialMarginBps: fc.constant(10_000n),
      maintenanceMarginBps: fc.bigInt(1n, 10_000n),
      penaltyBps: fc.constant(0n),
    }),
  ),
)

function evmTick(told: readonly EvmMark[], unit: bigint): Tick {
  const book = { marks: Object.fromEntries(told.map((mark, at) => [assets[at] ?? '', mark])), unit }
  return {
    marks: evmScanMarks(book),
    surplus: (account) => {
      const margin = evmMargin(account, book)
      return margin.kind === 'margin' ? margin.value - margin.requirement : undefined
    },
  }
}

/** The unit belongs to the exchange: the same at each tick. */
function evmWorldOf(decimals: bigint): ScanWorld {
  const unit = 10n ** (36n - decimals)
  return {
    name: `evm-engine with ${decimals} decimals`,
    fundingScale: unit,
    tick: evmMarks.map((told) => evmTick(told, unit)),
    ticks: walked(evmMarks, 1n).map((all) => all.map((told) => evmTick(told, unit))),
    holding: fc.record({
      balance: fc.oneof(
        fc.bigInt(-(1n << 92n), -1n),
        fc.bigInt(1n, 1n << 92n),
        fc.bigInt(1n, 10n ** 18n),
      ),
      fundingIndex: evmIndex,
    }),
    enlarge: fc.constantFrom(1n, 10n ** 3n, 1n << 20n),
  }
}

export const worlds: readonly ScanWorld[] = [coreWorld, evmWorldOf(6n), evmWorldOf(18n)]

export type Happening = {
  readonly id: string
  readonly holdings: readonly Holding[]
  /** How far its collateral is from where its surplus is zero. */
  readonly off: bigint
  /** How much more it has, in millionths of what its holdings alone are from there. */
  readonly cushion: number
  readonly isRemoved: boolean
}

/** What becomes of accounts: balances up to those of 2^112, and many that are within some units of the boundary. */
export function happenings(world: ScanWorld, most: number): fc.Arbitrary<readonly Happening[]> {
  const happening = fc.record({
    id: fc.integer({ min: 0, max: 9 }),
    held: fc.tuple(...assets.map(() => fc.option(world.holding))),
    times: world.enlarge,
    off: fc.oneof(fc.bigInt(-1n, 1n), fc.bigInt(-20n, 20n), fc.bigInt(-(10n ** 9n), 10n ** 9n)),
    cushion: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
    isRemoved: fc.integer({ min: 0, max: 3 }).map((roll) => roll === 0),
  })
  return fc.array(
    happening.map(({ id, held, times, ...rest }) => ({
      ...rest,
      id: String(id),
      holdings: held.flatMap((one, at) =>
        one ? [{ ...one, asset: assets[at] ?? '', balance: one.balance * times }] : [],
      ),
    })),
    { minLength: 1, maxLength: most },
  )
}

/** The account as it stands `off` units and its cushion from the boundary at that tick. */
export function accountAt({ id, holdings, off, cushion }: Happening, tick: Tick): Account {
  const bare = { id, collateral: 0n, holdings }
  const surplus = tick.surplus(bare) ?? 0n
  const more = ((surplus < 0n ? -surplus : surplus) * BigInt(cushion)) / 1_000_000n
  return { ...bare, collateral: off + more - surplus }
}
