import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pedersen, Signature, verify } from '@scure/starknet'
import { afterAll, expect, test } from 'vitest'

import { type LocalNetwork, startLocalNetwork } from '../../infra/local/local-network.ts'
import {
  GatewayRequest,
  type OraclePricesTick,
} from '../../infra/local/starkex-gateway/gateway-transaction.ts'
import type { EngineAction } from '../../lib/domain/action.ts'
import { accountsOf } from '../../lib/domain/positions/book.ts'
import type { Batch } from '../../lib/domain/proving/batch.ts'
import { checkWorld } from '../../lib/runtime/check-world.ts'
import { compose, type World } from '../../lib/runtime/compose.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { runOnce } from '../../lib/runtime/run.ts'
import { networkView } from '../../lib/runtime/view/network-view.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import { accounted } from '../keepers/books/starkex-accounts.ts'
import { crashAndBook } from './starkex-books.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'starkeep-starkex-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

type Started = { readonly network: LocalNetwork; readonly world: World }

async function start(): Promise<Started> {
  const network = await startLocalNetwork({
    dataDir,
    market: { kind: 'simulated', seed: 'starkex' },
    starknet: 'box',
    starkex: true,
    clock: wallClock,
    onProgress: () => undefined,
  })
  return {
    network,
    world: await compose({ ...(await readNetwork(network.file)), clock: wallClock }),
  }
}

async function stop({ network, world }: Started): Promise<void> {
  await world.close()
  await network.stop()
}

/** Whatever the gateway has taken, as it was handed in, after the line with what it began with. */
function requests(): readonly GatewayRequest[] {
  const [, ...lines] = readFileSync(join(dataDir, 'starkex.jsonl'), 'utf8').trim().split('\n')
  return lines.flatMap((line) => {
    const request = GatewayRequest.safeParse(JSON.parse(line))
    return request.success ? [request.data] : []
  })
}

type PricesRequest = GatewayRequest & { readonly tx: OraclePricesTick }

/** Every tick with prices. */
function ticks(): readonly PricesRequest[] {
  return requests().flatMap(({ tx_id, tx }) =>
    tx.type === 'ORACLE_PRICES_TICK' && Object.keys(tx.oracle_prices).length > 0
      ? [{ tx_id, tx }]
      : [],
  )
}

/** By a library that we do not sign with. */
function isSigned(
  key: string,
  signed: OraclePricesTick['oracle_prices'][string]['signed_prices'][string],
): boolean {
  const { external_asset_id: name, price, timestamped_signature: at } = signed
  const second = BigInt(price) * 2n ** 32n + BigInt(at.timestamp)
  const hash = pedersen(BigInt(name), second)
  const signature = new Signature(BigInt(at.signature.r), BigInt(at.signature.s))
  return ['02', '03'].some((sign) =>
    verify(signature, hash.slice(2).padStart(64, '0'), sign + key.slice(2).padStart(64, '0')),
  )
}

async function passed(world: World): Promise<void> {
  await runOnce({
    world,
    jobs: ['publish-prices', 'push-prices', 'watch-liveness'],
    notify: () => undefined,
  })
}

/** The next slot: each is done once. */
async function nextSlot(world: World): Promise<void> {
  const slotMs = (world.network.jobs['push-prices']?.everySeconds ?? 1) * 1000
  await wallClock.sleep(slotMs - (wallClock.now() % slotMs) + 50)
}

/** Each price with right signatures, and their median, rounded half up, at a time that is not before any of them. */
function checkTick({ markets }: Network, { tx }: PricesRequest): void {
  const prices = Object.entries(tx.oracle_prices)
  expect(prices).not.toEqual([])
  for (const [assetId, { price, signed_prices: signed }] of prices) {
    const all = Object.entries(signed)
    // The quorum, where a machine is busy and the third comes too late.
    expect([2, 3]).toContain(all.length)
    for (const [key, one] of all) {
      expect(isSigned(key, one)).toBe(true)
      const signedAt = Number(one.timestamped_signature.timestamp)
      expect(Number(tx.timestamp)).toBeGreaterThanOrEqual(signedAt)
    }
    const wires = all.map(([, one]) => BigInt(one.price)).toSorted((a, b) => (a < b ? -1 : 1))
    const [low = 0n, high = 0n] = [wires[(wires.length - 1) >> 1], wires[wires.length >> 1]]
    const middle = (low + high) / 2n
    const listing = Object.values(markets).find(
      ({ engines }) => engines['starkex']?.assetId === assetId,
    )?.engines['starkex']
    const unit = (listing?.resolutionFactor ?? 0n) * 10n ** 18n
    expect(BigInt(price)).toBe((middle * 10n ** 6n * 2n ** 32n + unit / 2n) / unit)
  }
}

const assetsOf = ({ tx }: PricesRequest) => Object.keys(tx.oracle_prices).toSorted()

/** Of the markets that were decided to be due, by the gateway's names. */
function assetsDue({ markets }: Network, action: EngineAction): readonly string[] {
  if (action.kind !== 'push-prices') throw new Error(`${action.kind} is not of a gateway`)
  return action.updates
    .flatMap(({ market }) => markets[market]?.engines['starkex']?.assetId ?? [])
    .toSorted()
}

/** People see it like the others. */
async function checkView({ network, ports }: World): Promise<void> {
  const view = await networkView({ network, store: ports.store, now: wallClock.now() })
  expect(view.problems).toEqual([])
  expect(view.chains.find(({ chain }) => chain === 'starkex')).toMatchObject({
    kind: 'starkex',
    head: { number: 1 },
    nodes: [{ state: 'healthy' }],
  })
  expect(view.engines.find(({ engine }) => engine === 'starkex')).toMatchObject({
    kind: 'starkex',
    address: 'local-perps',
    paused: false,
  })
  expect(view.lanes.find(({ chain }) => chain === 'starkex')).toMatchObject({
    account: 'local-perps',
    inFlight: 0,
    nextNonce: 1,
    transactions: [{ state: 'settled', nonce: 0 }],
  })
}

/** Passes, until the heartbeat of 20 s has made prices due again; the answer to that tick is lost. */
async function passedWithLostAnswer({ network, world }: Started): Promise<void> {
  const lost = { fault: 'drop-answer', after: true, requests: 2 }
  const admin = `${network.places['starkex admin']}/faults`
  await fetch(admin, { method: 'POST', body: JSON.stringify(lost) })
  const until = wallClock.now() + 60_000
  while (ticks().length < 2 && wallClock.now() < until) {
    await nextSlot(world)
    await passed(world)
  }
  expect(await (await fetch(admin)).json()).toEqual([])
}

test('three oracle nodes’ signed prices reach a StarkEx exchange through its gateway', async () => {
  const first = await start()
  expect(await checkWorld(first.world)).toEqual([])
  expect(first.world.network.oracles).toHaveLength(3)
  await passed(first.world)
  expect(ticks()).toHaveLength(1)
  for (const tick of ticks()) {
    checkTick(first.world.network, tick)
    // Later ones have only the markets that are due.
    const all = Object.keys(first.world.network.markets)
    expect(Object.keys(tick.tx.oracle_prices)).toHaveLength(all.length)
  }
  await checkView(first.world)
  await stop(first)
}, 120_000)

test('its funding is settled there as on the two chains', async () => {
  const again = await start()
  await runOnce({ world: again.world, jobs: ['settle-funding'], notify: () => undefined })
  const [tick, ...more] = requests().flatMap(({ tx }) => (tx.type === 'FUNDING_TICK' ? [tx] : []))
  expect(more).toEqual([])
  const listed = Object.values(again.world.network.markets)
    .flatMap(({ engines }) => engines['starkex']?.assetId ?? [])
    .toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1))
  await runOnce({ world: again.world, jobs: ['index-positions'], notify: () => undefined })
  const book = (await again.world.ports.positions.read('starkex'))?.book
  const accounts = book ? [...accountsOf(book)] : []
  // An insurance fund, whoever liquidates, a house and 24 traders.
  expect(accounts).toHaveLength(27)
  expect(accounts.filter(({ holdings }) => holdings.length > 0).length).toBeGreaterThan(20)
  const { liquidation } = again.world.ports.engines['starkex'] ?? {}
  const look = await liquidation?.look()
  expect(look?.kind === 'starkex' && Object.keys(look.marks)).toHaveLength(listed.length)
  // The first one: every index begins at 0.
  expect(Object.entries(tick?.global_funding_indices.indices ?? {})).toEqual(
    listed.map((asset) => [asset, '0']),
  )
  await stop(again)
}, 120_000)

test('and the next start goes on at the next id, also where an answer is lost', async () => {
  const second = await start()
  expect(await checkWorld(second.world)).toEqual([])
  await passedWithLostAnswer(second)
  expect(ticks().map(({ tx_id: nonce }) => nonce)).toEqual([0, 2])
  for (const tick of ticks()) checkTick(second.world.network, tick)
  const { store } = second.world.ports
  const intents = await store.intents.recent('starkex/local-perps', 10)
  // Funding is done with its batch, prices with the gateway's word.
  expect(
    intents.map(({ action, state }) => [
      action.kind,
      state.kind === 'included' && action.kind === 'settle-funding' ? 'settled' : state.kind,
    ]),
  ).toEqual([
    ['push-prices', 'settled'],
    ['settle-funding', 'settled'],
    ['push-prices', 'settled'],
  ])
  expect(ticks().map(assetsOf)).toEqual(
    intents
      .toReversed()
      .filter(({ action }) => action.kind === 'push-prices')
      .map(({ action }) => assetsDue(second.world.network, action)),
  )
  await stop(second)
}, 120_000)

/** Passes of its keeper, a slot each, until the first batch is in one of these states. */
async function provenTo(world: World, kinds: readonly string[]): Promise<Batch | undefined> {
  const everyMs = (world.network.jobs['prove-batches']?.everySeconds ?? 1) * 1000
  const until = wallClock.now() + 60_000
  for (;;) {
    await runOnce({ world, jobs: ['prove-batches'], notify: () => undefined })
    const batch = await world.ports.store.batches.read('starkex-batches', 1)
    if ((batch && kinds.includes(batch.state.kind)) || wallClock.now() > until) return batch
    await wallClock.sleep(everyMs - (wallClock.now() % everyMs) + 50)
  }
}

test('its batches are proved and settled on its contract on Ethereum, and who is liquidated meanwhile is booked as it has it', async () => {
  const third = await start()
  const [batch, { before, after, rows }] = await Promise.all([
    provenTo(third.world, ['settled', 'finalized']),
    crashAndBook(third),
  ])
  const won = rows.flatMap((row) => (row.kind === 'won' ? [row] : []))
  expect(won.length).toBeGreaterThan(0)
  for (const { event, work } of won) {
    expect(event.reward).toBeDefined()
    expect(work?.intent).toMatch(/^liquidate:starkex:/)
  }
  expect(accounted(before, rows, '0')).toEqual(after)
  expect(batch?.history.map(({ to }) => to)).toEqual(
    expect.arrayContaining(['proving', 'proved-fact-pending', 'fact-verified', 'settled']),
  )
  expect(batch?.settledIn?.transaction).toMatch(/^0x[0-9a-f]{64}$/)
  const { settlement } = third.world.ports.proving['starkex-batches'] ?? {}
  const { latest } = (await settlement?.sight()) ?? {}
  expect(latest?.number).toBeGreaterThanOrEqual(batch?.content.last.number ?? NaN)
  await stop(third)
}, 120_000)
