import { expect, onTestFinished } from 'vitest'

import type { CoreConfig } from '../../infra/contracts/core/core-config.ts'
import { boxAccounts } from '../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetChain } from '../../lib/adapters/chains/starknet.ts'
import { starknetPerpetual } from '../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { starkCurve } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { carried } from '../../lib/domain/intent.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { marginIn } from '../../lib/domain/liquidation/margin-in.ts'
import { type Account, healthOf } from '../../lib/domain/margin/account.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { emptyBook } from '../../lib/domain/positions/book.ts'
import { fullCheck } from '../../lib/domain/positions/check-plan.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { deleverage } from '../../lib/keepers/deleverage.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { liquidate } from '../../lib/keepers/liquidate.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { runKeeper, type TickEnd } from '../../lib/keepers/run-keeper.ts'
import type { PositionBooks } from '../../lib/ports.ts'
import { starkKey } from '../adapters/chains/keys.ts'
import { actionOf, ample, btc, eth, sol, suiteConfig } from '../adapters/chains/starknet-world.ts'
import { asInput } from '../infra/local/starknet-box/a-box.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import { replays } from './replay/replays.ts'

export const usd = 1_000_000n
/** Smallest units in one bitcoin, which is at 100 dollars; one per cent of it must be left. */
export const coin = 1_000_000n

/** Who takes over: a position and its owner's worthless key. */
const ours = { position: '100', key: starkKey('0xabc') }

type Generation = 'C' | 'D'

export type Planted = {
  readonly id: string
  /** What is left of the account, in dollars. */
  readonly left: number
  /** In bitcoin; below zero for a short. */
  readonly size: number
  /** In wrapped ether, a collateral of its own that is at 100 dollars too and counts for 90; on generation D. */
  readonly spot?: number
}

/** A token; a tenth of its value does not count. */
export const weth = { ...eth, market: parseMarket('WETH-USD'), assetId: '0x574554482d34' } as const

function wethSetup({ assets: [bitcoin] }: CoreConfig) {
  return {
    assetId: weth.assetId,
    token: { address: '0x3e7', quantum: 1 },
    resolutionFactor: Number(weth.resolutionFactor),
    quorum: 2,
    riskFactor: 100,
    oracles: (bitcoin?.oracles ?? []).map(({ publicKey, assetName, oracleName }) => ({
      publicKey: String(publicKey),
      assetName: String(assetName),
      oracleName: String(oracleName),
    })),
  }
}

function plantedAs({ id, left, size, spot = 0 }: Planted) {
  const balance = BigInt(Math.round(size * Number(coin)))
  const wrapped = BigInt(Math.round(spot * Number(weth.resolutionFactor)))
  const collateral =
    BigInt(Math.round(left * 1e6)) - balance * 100n - (wrapped * 100n * usd) / weth.resolutionFactor
  const holdings = [
    { assetId: btc.assetId, balance },
    { assetId: weth.assetId, balance: wrapped },
  ]
  return {
    id,
    ownerPublicKey: ours.key.publicKey,
    collateral: String(collateral),
    holdings: holdings
      .filter((one) => one.balance !== 0n)
      .map((one) => ({ ...one, balance: String(one.balance) })),
  }
}

/** A box with these positions, and one operator that liquidates and deleverages there with the orders of a position of its own. */
export async function startCoreBox(
  generation: Generation,
  planted: readonly Planted[],
  terms = { feeBps: 50n, discountBps: 25n, targetBps: 10_000n },
) {
  const [one] = boxAccounts({})
  if (!one) throw new Error('a box has accounts')
  const { address: account, privateKey } = one
  const clock = movedClock()
  const people = [{ id: ours.position, left: 1_000_000, size: 0 }, ...planted]
  const config = suiteConfig(BigInt(account))
  const hasSpot = planted.some(({ spot }) => spot !== undefined)
  const setup = {
    generation,
    positions: people.map(plantedAs),
    ...(hasSpot && { spotAssets: [wethSetup(config)] }),
  }
  const listings = hasSpot ? [btc, eth, sol, weth] : [btc, eth, sol]
  const core = asInput(config)
  const box = await startStarknetBox({ blocks: 'demand', core, clock, setup })
  onTestFinished(async () => box.stop())
  clock.onSleep = () => void box.makeBlock()
  const chain = starknetChain({
    name: 'starknet',
    rpcUrls: [box.url],
    chainId: box.chainId,
    blockSeconds: 3_600,
    finalityBlocks: 1,
    keys: { [account]: starkKey(privateKey) },
    clock,
  })
  const engine = starknetPerpetual({
    name: 'dex',
    chain: 'starknet',
    account,
    address: box.coreAddress,
    chainId: box.chainId,
    listings,
    generation: 'detect',
    position: ours.position,
    ownKey: async () => Promise.resolve(ours.key),
    rpc: chain.rpc,
    clock,
    curve: starkCurve,
  })
  const engines = { dex: engine }
  const store = memoryStore({ clock })
  const lane: LaneWorld = {
    id: `starknet/${account}`,
    account,
    chain,
    engines,
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify,
  }
  const ids = ['0', '1', ...people.map(({ id }) => id)]
  const readAll = async (): Promise<ReadonlyMap<string, Account>> => {
    const read = await engine.positions?.read(ids, await chain.head())
    return new Map(
      [...(read?.accounts ?? [])].flatMap(([id, found]) =>
        found.kind === 'account' ? [[id, found.account] as const] : [],
      ),
    )
  }
  const books: PositionBooks = {
    async read() {
      const { number, hash } = await chain.head()
      const book = { ...emptyBook({ number, hash }, []), changed: await readAll() }
      return { version: 1, book, check: fullCheck(undefined, 1) }
    },
    write: async () => Promise.resolve('stale'),
  }
  const laneOf = () => lane
  const shared = { clock, store, books, scan: accountScan(openScan), engines, laneOf }
  const recovery = { graceSeconds: 0, stageSeconds: 0, mostWaitSeconds: 0 }
  const freshness = { maxHeadBlocks: 5, maxIndexLagSeconds: 60 }
  const policy = { mostPerSlot: 50, mostNotionalUsd: 10_000_000, leastRewardUsd: 0 }
  const keepers = {
    liquidate: replays(
      liquidate({
        ...shared,
        everySeconds: 1,
        settings: { dex: { policy, terms, recovery, freshness } },
        runs: () => false,
        nodes: [],
        feeMarkets: {},
      }),
    ),
    deleverage: replays(
      deleverage({
        ...shared,
        everySeconds: 1,
        settings: { dex: { rule: 'bitmex', mostPerSlot: 50, recovery, freshness } },
        runs: () => false,
      }),
    ),
  }
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
    laneOf,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  let slot = 0

  /** One slot, and the block that its work comes into. */
  async function run(job: 'liquidate' | 'deleverage'): Promise<TickEnd> {
    slot += 1
    const now = clock.now()
    const place = { subject: 'dex', slot, slotAt: now, until: timestamp(now + 5_000) }
    const how = { clock, store, worker: 'w', notify, maxLateMs: 60_000, perform }
    const end =
      job === 'liquidate'
        ? await runKeeper(how, keepers.liquidate, place)
        : await runKeeper(how, keepers.deleverage, place)
    box.makeBlock()
    await advanceLane(lane)
    return end
  }

  async function push(prices: readonly string[]): Promise<void> {
    const told = listings.map((listing, at) => {
      const price = prices[at] ?? '100'
      return { listing, prices: [price, price] }
    })
    const { time } = await chain.head()
    const action = await actionOf(engine, told, time)
    const calls = engine.encode(action, (await engine.state()).sequence)
    const { pending } = await chain.nonce(account)
    const { bytes, hash } = await chain.sign(account, { calls, nonce: pending, fee: ample })
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    box.makeBlock()
    expect(await chain.status(hash)).toMatchObject({ outcome: 'succeeded' })
  }

  box.makeBlock()
  await push(['100', '100', '100'])
  return {
    box,
    chain,
    clock,
    engine,
    store,
    lane,
    liquidate: async () => run('liquidate'),
    deleverage: async () => run('deleverage'),
    push,
    all: readAll,
    look: async () => {
      const look = await engine.liquidation?.look()
      if (look?.kind !== 'starknet-perpetual') throw new Error('it is a core')
      return look
    },
    async healthOf(id: string) {
      const look = await engine.liquidation?.look()
      const found = (await readAll()).get(id)
      const margin = look && found && marginIn(found, look)
      return margin && healthOf(margin)
    },
    async sent() {
      const work = await store.intents.recent(lane.id, 100)
      return work.toReversed().map((intent) => ({ ...intent, action: carried(intent) }))
    },
  }
}

function notify(): void {
  // Nobody listens.
}
