import { z } from 'zod'

import { getBytes } from '../../../lib/adapters/batches/get-bytes.ts'
import type { MutualTls } from '../../../lib/adapters/http-client.ts'
import { onePage } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import { buildApplicationData } from '../../../lib/adapters/settlement/stark-perpetual/application-data.ts'
import {
  buildProgramOutput,
  type PerpetualOutput,
} from '../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import type { SharedState } from '../../../lib/adapters/settlement/stark-perpetual/shared-state.ts'
import { feltOfSigned } from '../../../lib/adapters/starknet-felt.ts'
import { emptyRoots } from '../starkex-gateway/batches.ts'
import {
  type CarriedState,
  nothingCarried,
  withFunding,
  withPrices,
} from '../starkex-gateway/carried-state.ts'
import { GatewayTransaction } from '../starkex-gateway/gateway-transaction.ts'
import { withData } from './data-pages.ts'
import { another, type MadeRun, type MakeRun, type Spoilt, stepsOf } from './made-run.ts'
import { localPerpetualProgram } from './programs.ts'

/** What the exchange's contract was set up with, as far as the output names it. */
export type StarkexRunsOptions = {
  /** Of the exchange: `/feeder_gateway` and `/availability_gateway` are under it. */
  readonly exchangeUrl: string
  /** Who we are to it, where it asks. */
  readonly tls?: MutualTls | undefined
  readonly globalConfigurationHash: bigint
  readonly assetConfigurations: readonly { readonly asset: bigint; readonly hash: bigint }[]
  /** With a committee, or beside the output. */
  readonly availability: 'validium' | 'rollup'
}

const treeHeight = 64n
/** A batch has a few hundred leaves, from this machine. */
const answerBytes = 64 * 1024 * 1024
const answerMs = 10_000
/** A batch may be settled until so long after it was closed. */
const validHours = 7n * 24n

const root = z
  .string()
  .regex(/^[0-9a-f]{1,64}$/)
  .transform((text) => BigInt(`0x${text}`))
const Info = z.object({
  previous_batch_id: z.int(),
  previous_position_root: root,
  previous_order_root: root,
  position_root: root,
  order_root: root,
  time_created: z.string().transform((text) => BigInt(text)),
  txs_info: z.array(
    z.object({
      original_tx: GatewayTransaction,
      alt_txs: z.array(GatewayTransaction).nullable(),
    }),
  ),
})
type Info = z.output<typeof Info>

const signed = z.string().transform((text) => feltOfSigned(BigInt(text)))
const number = z.string().transform((text) => BigInt(text))
const Leaves = z.object({
  update: z.object({
    positions: z.record(
      z.string(),
      z.object({
        public_key: number,
        collateral_balance: signed,
        assets: z.record(z.string(), z.object({ balance: signed, cached_funding_index: signed })),
      }),
    ),
  }),
})

type Clocks = Pick<CarriedState, 'systemTime' | 'fundingTime' | 'prices' | 'indices'>

/** Runs over the batches of a StarkEx exchange's stand-in, by what its feeder tells of them. */
export function starkexRuns(options: StarkexRunsOptions): MakeRun {
  const { exchangeUrl, tls, availability } = options
  // What a batch leaves to the next one is the same as long as it is one.
  const after = new Map<string, Clocks>()

  async function ask<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const signal = AbortSignal.timeout(answerMs)
    const { body } = await getBytes(`${exchangeUrl}${path}`, { maxBytes: answerBytes, signal, tls })
    return schema.safeParse(JSON.parse(body.toString('utf8'))).data
  }

  const infoOf = async (id: number) => ask(`/feeder_gateway/get_batch_info?batch_id=${id}`, Info)

  /** What is carried out of a batch: all its ticks, and those of the batches before it. Undefined where one is not told any more. */
  async function clocksAfter(id: number, info: Info): Promise<Clocks | undefined> {
    const key = `${id} ${info.time_created}`
    const known = after.get(key)
    if (known) return known
    const before = await clocksBefore(info)
    const clocks = before && begun(info.txs_info.reduce(ticked, before), info)
    if (clocks) after.set(key, clocks)
    return clocks
  }

  async function clocksBefore({ previous_batch_id: id }: Info): Promise<Clocks | undefined> {
    if (id < 0) return nothingCarried
    const info = await infoOf(id)
    return info && (await clocksAfter(id, info))
  }

  return async (wanted, spoilt) => {
    const info = await infoOf(wanted.last)
    if (info?.position_root !== wanted.lastHash) return undefined
    if (info.previous_position_root !== wanted.previousHash) return undefined
    const [previous, next] = [await clocksBefore(info), await clocksAfter(wanted.last, info)]
    if (!previous || !next) return undefined
    const told = await ask(`/availability_gateway/get_batch_data?batch_id=${wanted.last}`, Leaves)
    if (!told) return undefined
    const output = {
      globalConfigurationHash: options.globalConfigurationHash,
      configurations: options.assetConfigurations,
      previous: stateOf(previous, info.previous_position_root, info.previous_order_root),
      next: stateOf(next, info.position_root, info.order_root),
      expirationHour: info.time_created / 3_600n + validHours,
      modifications: [],
      forced: [],
      conditions: [],
    }
    const made = paged(spoiltOutput(output, spoilt), availability, leafWords(told))
    const applicationData = buildApplicationData({
      batchId: BigInt(wanted.last),
      previousBatchId: BigInt(Math.max(0, info.previous_batch_id)),
      conditions: [],
    })
    return { ...made, steps: stepsOf(info.txs_info.length), applicationData }
  }
}

/** Before the first tick it is the time at which there was something: L1 takes nothing that is a week old. */
function begun(clocks: Clocks, { time_created: created }: Info): Clocks {
  return clocks.systemTime === 0n ? { ...clocks, systemTime: created } : clocks
}

function ticked(clocks: Clocks, { original_tx, alt_txs }: Info['txs_info'][number]): Clocks {
  return (alt_txs ?? [original_tx]).reduce<Clocks>((state, tx) => {
    const carried = { ...nothingCarried, ...state }
    if (tx.type === 'ORACLE_PRICES_TICK') return withPrices(carried, tx)
    if (tx.type === 'FUNDING_TICK') return withFunding(carried, tx)
    return state
  }, clocks)
}

function stateOf(clocks: Clocks, positionsRoot: bigint, ordersRoot: bigint): SharedState {
  return {
    positionsRoot,
    positionsHeight: treeHeight,
    ordersRoot,
    ordersHeight: treeHeight,
    funding: byAsset(clocks.indices).map(([asset, index]) => ({ asset, index })),
    fundingTime: clocks.fundingTime,
    prices: byAsset(clocks.prices).map(([asset, price]) => ({ asset, price })),
    systemTime: clocks.systemTime,
  }
}

/** Before its first batch: what the exchange's contract is set up with. */
export const starkexBeginning: SharedState = stateOf(
  nothingCarried,
  BigInt(`0x${emptyRoots.positions}`),
  BigInt(`0x${emptyRoots.orders}`),
)

function byAsset(map: ReadonlyMap<bigint, bigint>) {
  return [...map].toSorted(([one], [other]) => (one < other ? -1 : 1))
}

type Told = Omit<PerpetualOutput, 'availability'>

function spoiltOutput(output: Told, spoilt: Spoilt): Told {
  const { previous, next } = output
  if (spoilt === 'wrong-root')
    return { ...output, next: { ...next, positionsRoot: another(next.positionsRoot) } }
  if (spoilt === 'other-chain')
    return { ...output, previous: { ...previous, positionsRoot: another(previous.positionsRoot) } }
  return output
}

/** The words that a rollup's output ends with: what it says of its data. */
const dataClaim = 2

function paged(
  output: Told,
  availability: StarkexRunsOptions['availability'],
  data: readonly bigint[],
): Pick<MadeRun, 'program' | 'output' | 'programOutput'> {
  const program = localPerpetualProgram
  if (availability === 'validium') {
    const words = buildProgramOutput({ ...output, availability: { kind: 'validium' } })
    return { program, output: { pages: [words], structure: onePage }, programOutput: words }
  }
  const claim = { kind: 'rollup', dataHash: '0x0', dataWords: 0n } as const
  const main = buildProgramOutput({ ...output, availability: claim }).slice(0, -dataClaim)
  const { hash, size, whole } = withData(main, data)
  return { program, output: whole, programOutput: [...main, BigInt(hash), size] }
}

function leafWords({ update: { positions } }: z.output<typeof Leaves>): readonly bigint[] {
  const leaves = Object.entries(positions).map(([id, leaf]) => {
    const assets = Object.entries(leaf.assets).flatMap(([asset, held]) => [
      BigInt(asset),
      held.balance,
      held.cached_funding_index,
    ])
    const count = BigInt(Object.keys(leaf.assets).length)
    return [BigInt(id), leaf.public_key, leaf.collateral_balance, count, ...assets]
  })
  return [BigInt(leaves.length), ...leaves.flat()]
}
