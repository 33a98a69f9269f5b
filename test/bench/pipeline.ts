import { getPublicKey, pedersen, sign, Signature, verify } from '@scure/starknet'
import { ec, hash as starknetHash } from 'starknet'

import { starkMath } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { PriceUpdate } from '../../lib/domain/action.ts'
import { priceRound } from '../../lib/domain/aggregate-round.ts'
import { type PriceMessage, priceMessage, priceToWire } from '../../lib/domain/price-message.ts'
import type { Report, SignedReport } from '../../lib/domain/report.ts'
import type { Engine } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { benchKeys, starkSecret } from './bench-keys.ts'
import { benchFeeds, sourcesIn } from './bench-market.ts'
import { namesOf } from './bench-registry.ts'
import type { Stage } from './measure.ts'
import {
  benchEvm,
  benchStark,
  IncompleteBenchError,
  reportsOf,
  round,
  signAll,
  simulatedVenues,
} from './tick.ts'

type ScureSignature = InstanceType<typeof Signature>

/** What one tick does with `count` markets, stage by stage: each stage works on what the one before it made. */
export async function pipeline(count: number, simulators: string): Promise<readonly Stage[]> {
  const feeds = benchFeeds(count)
  const wanted = sourcesIn(feeds)
  const source = simulatedVenues(simulators)
  const { quotes, failures } = await source.latest(wanted)
  if (failures.length > 0 || quotes.length < wanted.length)
    throw new IncompleteBenchError('fetch', `${quotes.length} of ${wanted.length} quotes came`)
  const now = wallClock.now()
  const first = priceRound({ round: 0, feeds, quotes, memory: undefined, now })
  const look = { round, feeds, quotes, memory: first.memory, now }
  const reports = reportsOf(feeds, priceRound(look))

  const stark = benchStark(feeds)
  const evm = benchEvm(feeds)
  const [own] = benchKeys
  if (!own) throw new IncompleteBenchError('sign', 'there are no keys')
  const ours = await signAll(stark, reports, own)
  const signatures = ours.map(scureSignature)
  const messages = messagesOf(reports)
  const updates = await updatesOf(reports, [stark, evm])
  const action = { kind: 'push-prices' as const, round, updates }
  return [
    { name: 'fetch', run: async () => source.latest(wanted) },
    { name: 'aggregate', run: () => priceRound(look) },
    {
      name: 'hash and sign, our curve alone',
      run: () => weSign(messages),
      peers: ['hash and sign, @scure/starknet', 'hash and sign, starknet'],
    },
    { name: 'sign, starknet-perpetual', run: async () => signAll(stark, reports, own) },
    {
      name: 'verify, starknet-perpetual',
      run: async () => verifyAll(stark, ours),
      peers: ['verify, @scure/starknet alone'],
    },
    { name: 'sign, evm-engine', run: async () => signAll(evm, reports, own) },
    {
      name: 'encode, starknet-perpetual',
      run: () => stark.encode({ ...action, engine: stark.name }, 7n),
    },
    {
      name: 'encode, evm-engine',
      run: () => evm.encode({ ...action, engine: evm.name }, undefined),
    },
    { name: 'hash and sign, @scure/starknet', run: () => scureSigns(messages) },
    { name: 'hash and sign, starknet', run: () => starknetSigns(messages) },
    { name: 'verify, @scure/starknet alone', run: () => scureVerifies(messages, signatures) },
  ]
}

/** A node's reports, as push-prices checks them. */
async function verifyAll(engine: Engine, reports: readonly SignedReport[]): Promise<void> {
  const verdicts = await engine.verifyAll(reports)
  if (!verdicts.every(Boolean))
    throw new IncompleteBenchError(
      'verify',
      `${engine.name} takes a right signature for a wrong one`,
    )
}

function scureSignature({ signatures }: SignedReport): ScureSignature {
  const [r = '0x0', s = '0x0'] = signatures['core']?.signature ?? []
  return new Signature(BigInt(r), BigInt(s))
}

/** Every node's reports, which agree. */
async function updatesOf(
  reports: readonly Report[],
  engines: readonly Engine[],
): Promise<readonly PriceUpdate[]> {
  const signed: (readonly SignedReport[])[] = []
  for (const keys of benchKeys)
    for (const engine of engines) signed.push(await signAll(engine, reports, keys))
  return reports.map(({ feed, price }, index) => ({
    market: feed,
    price,
    reports: benchKeys.map(({ node }) =>
      merged(
        signed.flatMap((all) => all[index] ?? []),
        node,
      ),
    ),
  }))
}

function merged(signed: readonly SignedReport[], node: string): SignedReport {
  const ofNode = signed.filter((one) => one.node === node)
  const [any] = ofNode
  if (!any) throw new IncompleteBenchError('sign', `${node} signed nothing`)
  return {
    ...any,
    signatures: Object.assign(
      {},
      ...ofNode.map(({ signatures }) => signatures),
    ) as SignedReport['signatures'],
  }
}

/** Each report's hash and signature, with nothing around them: no seal, and no check before they leave. */
function weSign(messages: readonly PriceMessage[]) {
  const curve = starkMath()
  return curve.sign(BigInt(starkSecret), curve.pedersen(messages))
}

/** The same by @scure/starknet. */
function scureSigns(messages: readonly PriceMessage[]) {
  return scureHashes(messages).map((hash) => sign(hash, starkSecret))
}

/** The same by the functions of starknet.js. */
function starknetSigns(messages: readonly PriceMessage[]) {
  return messages.map(({ first, second }) =>
    ec.starkCurve.sign(starknetHash.computePedersenHash(first, second), starkSecret),
  )
}

function scureVerifies(
  messages: readonly PriceMessage[],
  signatures: readonly ScureSignature[],
): void {
  const key = getPublicKey(starkSecret, true)
  const verdicts = scureHashes(messages).map((hash, index) => {
    const signature = signatures[index]
    return signature !== undefined && verify(signature, hash, key)
  })
  if (!verdicts.every(Boolean)) throw new IncompleteBenchError('verify', 'scure disagrees')
}

function scureHashes(messages: readonly PriceMessage[]): readonly string[] {
  return messages.map(({ first, second }) => pedersen(first, second))
}

function messagesOf(reports: readonly Report[]) {
  return reports.map(({ price, observedAt }, index) =>
    priceMessage(namesOf(index), priceToWire(price), observedAt),
  )
}
