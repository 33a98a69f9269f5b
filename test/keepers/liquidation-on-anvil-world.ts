import { keccak256, stringToHex } from 'viem'

import { evmChain } from '../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmEngine } from '../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Deleverage, EngineAction, Liquidate } from '../../lib/domain/action.ts'
import { carried } from '../../lib/domain/intent.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { applyBlocks } from '../../lib/domain/positions/apply-blocks.ts'
import { emptyBook } from '../../lib/domain/positions/book.ts'
import { fullCheck } from '../../lib/domain/positions/check-plan.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { deleverage } from '../../lib/keepers/deleverage.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { liquidate, type LiquidationSettings } from '../../lib/keepers/liquidate.ts'
import { type Perform, performer } from '../../lib/keepers/perform.ts'
import { runKeeper, type TickEnd } from '../../lib/keepers/run-keeper.ts'
import type { PositionBooks } from '../../lib/ports.ts'
import { evmKey } from '../adapters/chains/keys.ts'
import { actor } from '../infra/contracts/evm-engine/actors.ts'
import type { Engine } from '../infra/contracts/evm-engine/engine.ts'
import { feedOf } from '../infra/contracts/evm-engine/typed-data.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import { replays } from './replay/replays.ts'

export type KeeperOnAnvil = ReturnType<typeof keeperOnAnvil>

const btc = feedOf('BTC-USD')

/** At once: these are not about stalls. */
const recovery = { graceSeconds: 0, stageSeconds: 0, mostWaitSeconds: 0 }
const freshness = { maxHeadBlocks: 5, maxIndexLagSeconds: 60 }

/** One deployment that liquidates and deleverages on the contract, with a key and a store of its own. */
export function keeperOnAnvil(
  contract: Engine,
  {
    name = 'keeper',
    settings = {},
  }: { readonly name?: string; readonly settings?: Partial<LiquidationSettings> } = {},
) {
  const { address } = actor(name)
  const clock = { ...movedClock(), now: () => timestamp(Number(contract.now()) * 1_000) }
  const evm = evmChain({
    name: 'l1',
    rpcUrls: [contract.node.url],
    chainId: 31_337,
    blockSeconds: 3_600,
    finalityBlocks: 3,
    keys: [evmKey(keccak256(stringToHex(name)))],
    clock,
    decodeRevert: decodeEngineRevert,
  })
  const own = {
    /** Others may come between what was signed and the block that it goes into. */
    beforeBroadcast: async (): Promise<unknown> => undefined,
  }
  const chain = {
    ...evm,
    async broadcast(bytes: string) {
      await own.beforeBroadcast()
      own.beforeBroadcast = async () => undefined
      return evm.broadcast(bytes)
    },
  }
  const engine = evmEngine({
    name: 'dex',
    chain: 'l1',
    account: address,
    address: contract.address,
    rpc: evm.rpc,
    chainId: 31_337,
    markets: [parseMarket('BTC-USD')],
  })
  const engines = { dex: engine }
  const store = memoryStore({ clock })
  const lane: LaneWorld = {
    id: `l1/${address}`,
    account: address,
    chain,
    engines,
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify: () => undefined,
  }
  /** All that the contract has told until now. */
  const books: PositionBooks = {
    async read() {
      const [first, head] = await Promise.all([chain.block(0), chain.head()])
      const found = first && (await engine.positions?.events(first, head))
      if (!first || found?.kind !== 'events') throw new Error('the accounts cannot be read')
      const book = applyBlocks(emptyBook(first, []), found.blocks, found.through)
      return { version: 1, book, check: fullCheck(undefined, 1) }
    },
    write: async () => 'written',
  }
  const laneOf = () => lane
  const scan = accountScan(openScan)
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
      notify: () => undefined,
    },
    notify: () => undefined,
  })
  const world = { clock, store, books, scan, engines, laneOf }
  const keepers = {
    liquidate: replays(
      liquidate({
        ...world,
        everySeconds: 1,
        settings: {
          dex: {
            policy: { mostPerSlot: 200, mostNotionalUsd: 10_000_000, leastRewardUsd: 0 },
            recovery,
            freshness,
            ...settings,
          },
        },
        runs: () => false,
        nodes: [],
        // As if gas were paid in bitcoin: it is the market that this exchange has.
        feeMarkets: { l1: parseMarket('BTC-USD') },
      }),
    ),
    deleverage: replays(
      deleverage({
        ...world,
        everySeconds: 1,
        settings: { dex: { rule: 'bitmex', mostPerSlot: 200, recovery, freshness } },
        runs: () => false,
      }),
    ),
  }
  let slot = 0

  async function run(
    job: 'liquidate' | 'deleverage',
    between: () => Promise<unknown>,
  ): Promise<TickEnd> {
    slot += 1
    const now = clock.now()
    const place = { subject: 'dex', slot, slotAt: now, until: timestamp(now + 60_000) }
    // Somebody may come between our decision and its transaction.
    const later: Perform = async (...given) => {
      await between()
      await perform(...given)
    }
    const process = { clock, store, worker: name, notify: () => undefined, maxLateMs: 60_000 }
    return job === 'liquidate'
      ? runKeeper({ ...process, perform: later }, keepers.liquidate, place)
      : runKeeper({ ...process, perform: later }, keepers.deleverage, place)
  }

  const workOf = async () => store.intents.recent(lane.id, 1_000)
  const carriedWork = async (): Promise<readonly EngineAction[]> =>
    (await workOf())
      .filter(({ state }) => state.kind === 'included' || state.kind === 'settled')
      .toReversed()
      .map(carried)
  return Object.assign(own, {
    name,
    address,
    store,
    liquidate: async (between: () => Promise<unknown> = async () => undefined) =>
      run('liquidate', between),
    deleverage: async (between: () => Promise<unknown> = async () => undefined) =>
      run('deleverage', between),
    advance: async () => advanceLane(lane),
    workOf,
    /** What its transactions carried into a block, oldest first. */
    async liquidated(): Promise<Liquidate['updates']> {
      return (await carriedWork()).flatMap((one) => (one.kind === 'liquidate' ? one.updates : []))
    },
    async deleveraged(): Promise<Deleverage['updates']> {
      return (await carriedWork()).flatMap((one) => (one.kind === 'deleverage' ? one.updates : []))
    },
    async collateral() {
      return ((await contract.ask('accountOf', address)) as readonly [bigint])[0]
    },
  })
}

export async function giveEther(contract: Engine, name: string): Promise<void> {
  await contract.node.rpc('anvil_setBalance', actor(name).address, '0xde0b6b3a7640000')
}

/** An account as the contract has it. */
export async function seen(contract: Engine, who: { readonly address: string }) {
  const [margin, position, account] = await contract.views([
    ['marginOf', [who.address]],
    ['position', [who.address, btc]],
    ['accountOf', [who.address]],
  ])
  return {
    ...(margin as { value: bigint; maintenance: bigint; initial: bigint }),
    size: (position as { size: bigint }).size,
    collateral: (account as readonly [bigint])[0],
  }
}
