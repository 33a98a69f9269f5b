import * as z from 'zod/mini'

import type { Timestamp } from '../../../domain/time.ts'
import type {
  Blocks,
  Chain,
  Clock,
  Engine,
  EngineLiquidation,
  EnginePositions,
  StarkCurve,
} from '../../../ports.ts'
import type { StarkexFeeder } from '../../starkex-feeder.ts'
import { readStarkexTransaction } from '../../starkex-transaction.ts'
import { signReports, starkKeys, verifyReports } from '../starknet-perpetual/sign-reports.ts'
import { batchBlocks } from './batch-blocks.ts'
import { checkBatches, checkOracles } from './check.ts'
import { countedBatches } from './counted-batches.ts'
import type { StarkexExchange, StarkexListing, StarkexTold } from './exchange.ts'
import { fundingTickOf, starkexFundingLook } from './funding.ts'
import { starkexLiquidationEvents } from './liquidation-events.ts'
import {
  deleverageCall,
  liquidateCall,
  ownStarkexOrders,
  starkexLiquidationLook,
  type StarkexLiquidationRules,
} from './liquidation.ts'
import { starkexPositions } from './positions.ts'
import { tickOf, whyNotStorable } from './tick.ts'

export type StarkexOptions = {
  readonly name: string
  readonly chain: Pick<Chain, 'name' | 'head'>
  /** The exchange's system, as the network file names it. */
  readonly account: string
  readonly listings: readonly StarkexListing[]
  /** Smallest units in one whole unit of the collateral. */
  readonly collateral: bigint
  /** Who may sign prices, by public key, and each one's name in what it signs, as a felt. */
  readonly signers: ReadonlyMap<bigint, bigint>
  readonly quorum: number
  readonly clock: Clock
  readonly curve: StarkCurve
  /** The most that funding may move, per second at scale 2^32; undefined where we do not settle it. */
  readonly maxFundingRate: bigint | undefined
  /** Where its batches are told; undefined where nobody tells them. */
  readonly feeder: StarkexFeeder | undefined
  /** Whether transactions are followed to those batches, which takes a feeder that tells its newest one. */
  readonly followsTransactions: boolean
  /** No batch before this one is read. */
  readonly batchesFrom: number
  /** Undefined where nobody is liquidated there. */
  readonly liquidation: StarkexLiquidationRules | undefined
  /** What it was told so far, by our own record: a gateway tells nothing of that. */
  readonly told: () => Promise<StarkexTold>
}

/** A StarkEx perpetual exchange behind its gateway: each action is one transaction, with all that proves it. */
export function starkexEngine(options: StarkexOptions): Engine {
  const { name, chain, account, signers, quorum, clock, curve } = options
  const listings = new Map<string, StarkexListing>(options.listings.map((one) => [one.market, one]))
  const { collateral, maxFundingRate = 0n } = options
  const exchange: StarkexExchange = {
    engine: name,
    listings,
    collateral,
    signers,
    quorum,
    maxFundingRate,
  }
  const positions = options.feeder && positionsOf(options, options.feeder)
  const signing = {
    engine: name,
    contract: { chainId: feltOf('StarkEx'), address: feltOf(account) },
    listings,
    registry: { names: async (asset: bigint, key: bigint) => namesOf(exchange, asset, key) },
    curve,
    whyNotStorable: whyNotStorable(collateral),
  }

  return {
    name,
    chain: chain.name,
    account,
    markets: options.listings.map(({ market }) => market),
    silent: { timeIn },

    check: async (oracles) => [
      ...checkOracles(exchange, oracles),
      ...(await checkBatches(options)),
    ],

    async state() {
      const [block, { prices, funding }] = await Promise.all([chain.head(), options.told()])
      return {
        block,
        paused: false,
        sequence: undefined,
        quorum: Object.fromEntries(options.listings.map(({ market }) => [market, quorum])),
        prices,
        fundingIndexes: Object.fromEntries(
          Object.entries(funding).map(([market, { index }]) => [market, index]),
        ),
      }
    },

    signAll: async (reports, keys) => signReports(signing, reports, starkKeys(keys)),

    verifyAll: async (reports) => verifyReports(signing, reports),

    ...(options.maxFundingRate !== undefined && {
      funding: {
        look: async () => {
          const [block, told] = await Promise.all([chain.head(), options.told()])
          return starkexFundingLook(exchange, told, block)
        },
      },
    }),

    ...(positions && { positions }),
    ...(positions?.blocks &&
      options.feeder &&
      options.liquidation && {
        liquidation: liquidationOf(options, {
          exchange,
          rules: options.liquidation,
          blocks: positions.blocks,
          feeder: options.feeder,
        }),
      }),

    encode(action) {
      if (action.kind === 'push-prices') return [tickOf(exchange, action, clock.now())]
      if (action.kind === 'settle-funding') return [fundingTickOf(exchange, action, clock.now())]
      if (action.kind === 'liquidate') return [liquidateCall(exchange, action)]
      if (action.kind === 'deleverage') return [deleverageCall(exchange, action)]
      throw new UnfitActionError(name, action.kind)
    },
  }
}

function positionsOf(
  { chain, batchesFrom: from }: StarkexOptions,
  feeder: StarkexFeeder,
): EnginePositions {
  return starkexPositions(feeder, batchBlocks({ chain: chain.name, feeder, from }), from)
}

function liquidationOf(
  { name, curve, clock, told, maxFundingRate, batchesFrom }: StarkexOptions,
  {
    exchange,
    rules,
    blocks,
    feeder,
  }: {
    readonly exchange: StarkexExchange
    readonly rules: StarkexLiquidationRules
    readonly blocks: Blocks
    readonly feeder: StarkexFeeder
  },
): EngineLiquidation {
  const { position, key, collateralAsset } = rules
  const isOurs = position !== undefined && key !== undefined
  return {
    batches: countedBatches(feeder, blocks, batchesFrom),
    events: starkexLiquidationEvents(exchange, feeder, batchesFrom),
    async look() {
      const [batch, so] = await Promise.all([blocks.head(), told()])
      return starkexLiquidationLook(exchange, rules, {
        told: so,
        batch,
        now: clock.now(),
        settlesFunding: maxFundingRate !== undefined,
      })
    },
    starkexOrders: isOurs
      ? [
          ownStarkexOrders({
            engine: name,
            position,
            key,
            collateralAsset,
            curve,
            now: () => clock.now(),
          }),
        ]
      : [],
  }
}

const Body = z.object({ tx: z.unknown() })

/** Ticks make the exchange's time. */
function timeIn(bytes: string): Timestamp | undefined {
  const transaction = readStarkexTransaction(Body.parse(JSON.parse(bytes)).tx)
  return transaction && 'at' in transaction ? transaction.at : undefined
}

async function namesOf({ listings, signers }: StarkexExchange, asset: bigint, key: bigint) {
  const listing = [...listings.values()].find(({ assetId }) => BigInt(assetId) === asset)
  const oracleName = signers.get(key)
  if (!listing || oracleName === undefined) return undefined
  return Promise.resolve({ assetName: listing.assetName, oracleName })
}

/** A word of at most 31 letters as a felt. */
function feltOf(word: string): `0x${string}` {
  return `0x${Buffer.from(word.slice(0, 31), 'latin1').toString('hex')}`
}

/** There is no transaction of StarkEx for that. */
class UnfitActionError extends Error {
  override readonly name = 'UnfitActionError'
  readonly kind: string

  constructor(engine: string, kind: string) {
    super(`${engine} is a StarkEx exchange, which knows no ${kind}`)
    this.kind = kind
  }
}
