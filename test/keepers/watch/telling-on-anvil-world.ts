import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { decodeFeedRevert } from '../../../lib/adapters/uptime-feeds/decode-revert.ts'
import { evmUptimeFeed } from '../../../lib/adapters/uptime-feeds/evm-uptime-feed.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { BroadcastAnswer } from '../../../lib/domain/transaction.ts'
import type { UptimeState } from '../../../lib/domain/watch/uptime.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { callTarget } from '../../../lib/keepers/lane/call-target.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { tellUptime } from '../../../lib/keepers/watch/tell-uptime.ts'
import type { Clock } from '../../../lib/ports.ts'
import { evmKey, otherAnvilSecret } from '../../adapters/chains/keys.ts'
import { memoryBooks } from '../../adapters/positions/memory-books.ts'
import { genesis, startFeed, updater } from '../../infra/contracts/uptime-feed/feed-on-anvil.ts'
import { noSidecars } from '../prove/no-sidecars.ts'
import { replays } from '../replay/replays.ts'

const blockSeconds = 12

/** A feed about starknet on a node of its own, and the job that tells it. Blocks are made by `pass` alone. */
export async function startTelling({
  refreshSeconds = 3_600,
}: { readonly refreshSeconds?: number } = {}) {
  const feed = await startFeed()
  await feed.node.rpc('evm_setAutomine', false)
  let now = (genesis + 60) * 1000
  const clock: Clock = {
    now: () => timestamp(now),
    async sleep(ms) {
      now += ms
      await Promise.resolve()
    },
  }
  const evm = evmChain({
    name: 'l1',
    rpcUrls: [feed.node.url],
    chainId: 31_337,
    blockSeconds,
    finalityBlocks: 4,
    keys: [evmKey(otherAnvilSecret)],
    clock,
    sidecars: noSidecars,
    decodeRevert: decodeFeedRevert,
  })
  const faults = { losesAnswers: 0 }
  const chain = {
    ...evm,
    async broadcast(bytes: string): Promise<BroadcastAnswer> {
      const answer = await evm.broadcast(bytes)
      if (faults.losesAnswers === 0) return answer
      faults.losesAnswers -= 1
      throw new Error('the answer was lost')
    },
  }
  const store = memoryStore({ clock })
  const uptimeFeed = evmUptimeFeed({
    name: 'l1-feed',
    chain: 'l1',
    rpc: evm.rpc,
    address: feed.address,
    account: updater.address,
    of: 'starknet',
    description: undefined,
  })
  const lane: LaneWorld = {
    id: `l1/${updater.address}`,
    account: updater.address,
    chain,
    engines: { 'l1-feed': callTarget('l1-feed') },
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify: () => undefined,
  }
  const perform = performer({
    ports: { clock, store, engines: {}, oracles: [], positions: memoryBooks(store, clock) },
    laneOf: () => lane,
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
  const keeper = replays(
    tellUptime({
      clock,
      store,
      feeds: { 'l1-feed': uptimeFeed },
      laneOf: () => lane,
      settings: { 'l1-feed': { of: 'starknet', refreshMs: refreshSeconds * 1000 } },
    }),
  )
  let slots = 0

  async function slot(worker = 'one') {
    slots += 1
    const run = { clock, store, worker, notify: () => undefined, maxLateMs: 60_000, perform }
    const slotAt = clock.now()
    // Long enough for a second look, and over before a block could come.
    const until = timestamp(now + 1_000)
    return runKeeper(run, keeper, { subject: 'l1-feed', slot: slots, slotAt, until })
  }

  const it = {
    feed,
    store,
    faults,
    uptimeFeed,

    /** Seconds after the beginning. */
    now: () => Math.floor(now / 1000) - genesis,

    /** What the watch says as of now; `since` is when it last changed between down and not down. */
    async says(state: UptimeState, since: number): Promise<void> {
      const flippedAt = timestamp((genesis + since) * 1000)
      const word = { chain: 'starknet', state, since: flippedAt, flippedAt, reason: '' }
      await store.uptimes.write({ ...word, at: clock.now() })
    },

    slot,

    /** Time alone. */
    wait(seconds: number): void {
      now += seconds * 1000
    },

    /** So much time, a block at the end of it, and what the sweeper does for the lane then. */
    async pass(seconds = blockSeconds): Promise<void> {
      now = (Math.ceil(now / 1000) + seconds) * 1000
      await feed.warp(now / 1000 - genesis)
      await advanceLane(lane)
    },

    /** A slot, and a block with whatever it sent. */
    async told(): Promise<string> {
      const end = await slot()
      await it.pass()
      return 'reason' in end ? end.reason : end.kind
    },

    sent: async () => feed.reader.getTransactionCount({ address: updater.address }),
    work: async () => store.intents.recent(lane.id, 100),
    stop: async () => feed.node.stop(),
  }
  await it.pass(0)
  return it
}

export type Telling = Awaited<ReturnType<typeof startTelling>>
