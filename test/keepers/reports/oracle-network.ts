import { encodeFunctionResult } from 'viem'

import { evmEngineAbi } from '../../../lib/adapters/engines/evm-engine/abi.ts'
import { evmEngine } from '../../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { starknetPerpetual } from '../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import type { Requests, Rpc, RpcRequest, ValuesOf } from '../../../lib/adapters/rpc.ts'
import { localEvmKey } from '../../../lib/adapters/signers/local-key.ts'
import { starkKey } from '../../../lib/adapters/signers/stark-key.ts'
import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { type Market, parseMarket } from '../../../lib/domain/market.ts'
import type { Report, SignedReport } from '../../../lib/domain/report.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { collectReports } from '../../../lib/keepers/reports/collect-reports.ts'
import type { Clock, Engine, OracleKeys, Peer, PeerAnswer } from '../../../lib/ports.ts'
import { registryOnly } from '../../bench/bench-registry.ts'
import { movedClock } from '../lane/lane-in-memory.ts'

export const btc = parseMarket('BTC-USD')
export const eth = parseMarket('ETH-USD')

/** What movedClock begins at, and the round of ten seconds that begins then. */
export const start = timestamp(1_764_000_000_000)
export const round = 176_400_000
export const roundSeconds = 10

/** Real keys of four nodes, and one of somebody who is registered nowhere. */
export const nodes = ['oracle-1', 'oracle-2', 'oracle-3', 'oracle-4'].map((node, at) =>
  keysOf(node, at + 1),
)
export const stranger = keysOf('stranger', 9)

function keysOf(node: string, number: number) {
  const secret = { reveal: () => `0x${String(number).repeat(60)}` }
  return { node, stark: starkKey(secret), evm: localEvmKey(secret) } satisfies OracleKeys
}

const listings = [btc, eth].map((market, at) => ({
  market,
  assetId: `0x${at + 1}` as const,
  resolutionFactor: 1_000_000n,
}))

export type Where = { readonly chainId: number; readonly address: `0x${string}` }
export const home: Where = { chainId: 31_337, address: `0x${'c0'.repeat(20)}` }

/** The exchange of ours on an EVM chain; its contract has the four nodes for signers. */
export function anEvmEngine({ chainId, address }: Where = home): Engine {
  return evmEngine({
    name: 'evm',
    chain: 'l1',
    account: address,
    address,
    rpc: signersOnly(),
    chainId,
    markets: [btc, eth],
  })
}

/** The one on Starknet; its core has registered the four nodes for every asset. */
export function aCore({ chainId, address }: Where = home): Engine {
  return starknetPerpetual({
    name: 'core',
    chain: 'l2',
    account: '0xa',
    address,
    chainId: `0x${chainId.toString(16)}`,
    listings,
    generation: 'D',
    rpc: registryOnly(listings, nodes),
    clock: movedClock(),
    curve: starkCurve,
  })
}

/** A node of an EVM chain that knows one thing: who signs for the exchange. */
function signersOnly(): Rpc {
  return {
    answers: async () => {
      throw new Error('only values are asked here')
    },
    values: async <const R extends Requests>(requests: R) => requests.map(answerOf) as ValuesOf<R>,
  }
}

function answerOf(request: RpcRequest): unknown {
  const hash = `0x${'00'.repeat(32)}`
  if (request.method === 'eth_getBlockByNumber')
    return request.read({ number: '0x1', hash, timestamp: '0x1' })
  const market = {
    rules: {
      status: 1,
      quorum: 3,
      initialMarginBps: 1,
      maintenanceMarginBps: 1,
      penaltyBps: 1,
      maxPriceAge: 60,
      maxFundingRate: 0n,
    },
    mark: { price: 0n, publishedAt: 0n, roundId: 0n },
    funding: { index: 0n, epoch: 0n },
  }
  return request.read(
    encodeFunctionResult({
      abi: evmEngineAbi,
      functionName: 'snapshot',
      result: [false, nodes.map(({ evm }) => evm.address), [market, market]],
    }),
  )
}

export function aReport(price: string, change: Partial<Report> = {}): Report {
  return {
    feed: btc,
    round,
    price: new Decimal(price),
    observedAt: start,
    oldestInputAt: timestamp(start - 2_000),
    sources: 5,
    configHash: `0x${'5f'.repeat(32)}`,
    ...change,
  }
}

/** The report with a node's own signature for each of those exchanges. */
export async function signedBy(
  keys: OracleKeys,
  report: Report,
  engines: readonly Engine[] = [anEvmEngine(), aCore()],
): Promise<SignedReport> {
  const signatures = await Promise.all(
    engines.map(async (engine) => {
      const [signature] = await engine.signAll([report], keys)
      return signature ? [[engine.name, signature] as const] : []
    }),
  )
  return { ...report, node: keys.node, signatures: Object.fromEntries(signatures.flat()) }
}

/** What a peer gives for each round; it may also answer otherwise each time. */
type Given = (round: number) => PeerAnswer | readonly SignedReport[] | Promise<PeerAnswer>

export function aPeer(
  keys: OracleKeys,
  given: Given,
): Peer & { readonly asked: readonly number[] } {
  const asked: number[] = []
  return {
    node: keys.node,
    signers: signersOf(keys),
    asked,
    async reports(wanted) {
      asked.push(wanted)
      const answer = await given(wanted)
      return 'kind' in answer ? answer : { kind: 'reports', reports: answer, unreadable: 0 }
    },
  }
}

function signersOf({ evm, stark }: OracleKeys): Peer['signers'] {
  return {
    ...(evm && { evm: [`0x${evm.address.slice(2).toLowerCase()}` as const] }),
    ...(stark && { core: [stark.publicKey] }),
  }
}

/** Gives those reports for the newest round and nothing for others. */
export function newest(...reports: readonly SignedReport[]): Given {
  return (wanted) => (wanted === round ? reports : { kind: 'nothing' })
}

/** What one look shows, with no node of our own unless said otherwise. */
export async function collected(
  peers: readonly Peer[],
  {
    engine = anEvmEngine(),
    clock = movedClock(),
    store = memoryStore({ clock }),
    own = 0,
  }: {
    readonly engine?: Engine
    readonly clock?: Clock
    readonly store?: ReturnType<typeof memoryStore>
    readonly own?: number
  } = {},
) {
  const rules = { roundSeconds, collectMs: 2_000, nodes: own }
  return await collectReports({ clock, store, peers, rules }, engine, {
    slotAt: start,
    signal: undefined,
  })
}

/** Of the newest round: who said what of which market. */
export function counted(
  { rounds }: Awaited<ReturnType<typeof collected>>,
  market: Market = btc,
): readonly string[] {
  const [first] = rounds
  return (first?.reports ?? []).flatMap(({ node, feed, price }) =>
    feed === market ? [`${node} ${price.toFixed()}`] : [],
  )
}
