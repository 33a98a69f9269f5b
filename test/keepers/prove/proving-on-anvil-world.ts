import { createHash } from 'node:crypto'

import { privateKeyToAddress } from 'viem/accounts'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

import { deployGps } from '../../../infra/contracts/l1/deploy-gps.ts'
import { deployStarknetCore } from '../../../infra/contracts/l1/deploy-starknet-core.ts'
import { registerFact } from '../../../infra/contracts/l1/register-fact.ts'
import { startAnvil } from '../../../infra/local/anvil.ts'
import { localRpc } from '../../../infra/local/local-rpc.ts'
import { localCoreProgramHash } from '../../../infra/local/program-runs/programs.ts'
import { starknetRuns } from '../../../infra/local/program-runs/starknet-runs.ts'
import { startAtlantic } from '../../../infra/local/provers/atlantic-server.ts'
import type { RegisterFact } from '../../../infra/local/provers/job-book.ts'
import { startSharp } from '../../../infra/local/provers/sharp-server.ts'
import { starknetBlocks } from '../../../lib/adapters/batches/starknet-blocks.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { openKzg } from '../../../lib/adapters/kzg.ts'
import { blobSidecars } from '../../../lib/adapters/kzg/blob-sidecars.ts'
import { atlantic } from '../../../lib/adapters/provers/atlantic.ts'
import { sharp } from '../../../lib/adapters/provers/sharp.ts'
import { starknetCoreSettlement } from '../../../lib/adapters/settlement/starknet-core-settlement.ts'
import { blobCheck } from '../../../lib/adapters/settlement/starknet-core/check-blobs.ts'
import { parseProgramOutput } from '../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import type { Batch } from '../../../lib/domain/proving/batch.ts'
import { retriedByHand } from '../../../lib/domain/proving/by-hand.ts'
import type { ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { chainDoubts } from '../../../lib/keepers/chain-doubts.ts'
import type { Messenger } from '../../../lib/keepers/deliver-alerts.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { callTarget } from '../../../lib/keepers/lane/call-target.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { proveBatches } from '../../../lib/keepers/prove/prove-batches.ts'
import type { ProveWorld } from '../../../lib/keepers/prove/prove-world.ts'
import { raiseIncidents } from '../../../lib/keepers/raise-incidents.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { batchFindings } from '../../../lib/keepers/watch/batch-findings.ts'
import { batchesSeen } from '../../../lib/keepers/watch/batches-seen.ts'
import type { WatchRules, WatchView } from '../../../lib/keepers/watch/watch-view.ts'
import { aStarknet } from '../../adapters/batches/a-starknet.ts'
import { servedRuns } from '../../adapters/batches/served-runs.ts'
import { evmKey } from '../../adapters/chains/keys.ts'
import { memoryBooks } from '../../adapters/positions/memory-books.ts'
import { replays } from '../replay/replays.ts'

const configHash = 0xc0f1n
const keys = {
  deployer: `0x${'11'.repeat(31)}01`,
  settler: `0x${'22'.repeat(31)}02`,
  prover: `0x${'33'.repeat(31)}03`,
} as const

export const lane = 'appchain'

const kzg = openKzg()

const usualRules: ProvingRules = {
  provers: ['atlantic', 'sharp'],
  deadlineMs: {
    planned: 120_000,
    preparing: 120_000,
    ready: 120_000,
    submitting: 120_000,
    proving: 300_000,
    'proved-fact-pending': 120_000,
    'fact-verified': 300_000,
    settling: 300_000,
    settled: 3_600_000,
    'held-fee-cap': 3_600_000,
    'held-l2-suspect': 3_600_000,
    'needs-human': 3_600_000,
  },
  pollMs: { least: 1_000, most: 10_000 },
  troubleMs: { least: 1_000, most: 10_000 },
  unknownMs: 60_000,
  maxSubmits: 4,
  maxSettles: 4,
  buffer: 10,
  mayBeMocked: false,
  urgentMs: 3_600_000,
  settleLifeMs: 120_000,
  digest: (text) => createHash('sha256').update(text).digest('hex'),
}

/**
 * A Starknet chain that a test writes, whoever runs its program, two provers over HTTP, and a core with its registry on anvil.
 * One clock, which a test moves, is that of all of them.
 */
export async function provingWorld(
  options: {
    readonly rules?: Partial<ProvingRules>
    /** What is published is in blobs. */
    readonly hasBlobs?: true
  } = {},
) {
  let now = Date.now()
  const clock = {
    now: () => timestamp(now),
    sleep: async (ms: number) => {
      now += ms
      await Promise.resolve()
    },
    set: (seconds: number) => {
      now = Math.max(now, seconds * 1_000)
    },
  }
  const node = await startAnvil({ extraArgs: ['--slots-in-an-epoch', '2'] })
  onTestFinished(async () => {
    await node.stop()
  })
  const rpc = localRpc(node.url)
  const addresses = Object.values(keys).map((key) => privateKeyToAddress(key))
  for (const address of addresses)
    await rpc('anvil_setBalance', address, `0x${(10n ** 24n).toString(16)}`)
  const settler = privateKeyToAddress(keys.settler)
  const gps = await deployGps({ rpcUrl: node.url, key: keys.deployer })
  const { core } = await deployStarknetCore({
    rpcUrl: node.url,
    key: keys.deployer,
    operators: [settler],
    registry: gps.gps,
    setUp: { programHash: localCoreProgramHash, aggregatorProgramHash: 0n, configHash },
  })

  const starknet = await aStarknet({ clock })
  const [first] = starknet.nodes
  if (!first) throw new Error('there is a node')
  const { service, runs } = await servedRuns(
    starknetRuns({ nodeUrl: first.url, configHash, ...(options.hasBlobs && { kzg }) }),
    { clock },
  )
  const register: RegisterFact = async (programHash, output) => {
    await registerFact({
      rpcUrl: node.url,
      key: keys.prover,
      gps,
      task: { programHash, output },
    })
  }
  const proverOptions = { clock, register, advanceEveryMs: 0 }
  const atlanticServer = await startAtlantic({ ...proverOptions, apiKey: 'key' })
  const sharpServer = await startSharp({ ...proverOptions, customerId: 'local' })
  onTestFinished(async () => {
    await atlanticServer.close()
    await sharpServer.close()
  })

  const files = new Map<string, Uint8Array>()
  const blobs = memoryBlobs({ clock })
  const sidecars = blobSidecars({ blobs, kzg })
  const chain = evmChain({
    sidecars,
    name: 'l1',
    rpcUrls: [node.url],
    chainId: 31_337,
    blockSeconds: 3_600,
    finalityBlocks: 4,
    keys: [evmKey(keys.settler)],
    clock,
    decodeRevert: () => undefined,
  })
  const settlement = starknetCoreSettlement({
    name: lane,
    chain: 'l1',
    rpc: chain.rpc,
    core,
    registry: gps.gps,
    account: settler,
    programHash: localCoreProgramHash,
  })
  const source = starknetBlocks({
    name: lane,
    chain: starknet.open(),
    clock,
    rules: { maxBlocks: 2, maxTransactions: 100, maxAgeMs: 3_600_000 },
    runs,
    readOutput: parseProgramOutput,
    checkBlobs: blobCheck(kzg),
  })
  const store = memoryStore({ clock })
  const rules = { ...usualRules, ...options.rules }
  const world: ProveWorld = {
    clock,
    store,
    blobs: {
      ...blobs,
      get: async (key) => (files.has('lost') ? undefined : blobs.get(key)),
    },
    sidecars,
    chains: { l1: chain },
    proving: {
      [lane]: {
        source,
        settlement,
        provers: {
          atlantic: atlantic({
            name: 'atlantic',
            url: atlanticServer.url,
            clock,
            apiKey: async () => Promise.resolve('key'),
            network: 'TESTNET',
            result: 'PROOF_VERIFICATION_ON_L1',
          }),
          sharp: sharp({
            name: 'sharp',
            url: sharpServer.url,
            clock,
            customerId: 'local',
            tls: undefined,
          }),
        },
      },
    },
    rules: { [lane]: rules },
    random: () => 0.5,
  }
  const sending: LaneWorld = {
    id: `l1/${settler}`,
    account: settler,
    chain,
    engines: { [lane]: callTarget(lane) },
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify: () => undefined,
  }
  const heard: string[] = []
  const messenger: Messenger = {
    clock,
    incidents: store.incidents,
    desk: store.desk,
    rules: {},
    channels: {},
    routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
    notify: (notice) => {
      if (notice.kind === 'incident')
        heard.push(`${notice.state} ${notice.incident.rule} ${notice.incident.subject}`)
    },
  }
  const perform = performer({
    ports: { clock, store, engines: {}, oracles: [], positions: memoryBooks(store, clock) },
    laneOf: () => sending,
    messenger,
    notify: () => undefined,
    prove: world,
  })
  let slots = 0

  const row = async (number: number): Promise<Batch> => {
    const found = await store.batches.read(lane, number)
    if (!found) throw new Error(`there is no batch ${number}`)
    return found
  }

  const it = {
    clock,
    rpc,
    node,
    core,
    starknet,
    service,
    atlantic: atlanticServer,
    sharp: sharpServer,
    settlement,
    store,
    world,
    rules,
    sending,
    row,
    /** By the exchange `core`, whose chain the lane proves. */
    doubts: chainDoubts(store, { clock, provenBy: { core: [lane] }, chainOf: {} }),

    /** Batches of two blocks each. */
    close(batches: number): void {
      for (let block = 0; block < 2 * batches + 1; block += 1)
        clock.set(starknet.add({ seconds: Math.floor(now / 1_000) + block }).seconds)
    },

    /** A look of the watch at the lane, and what it and those before it told. */
    async watch(): Promise<readonly string[]> {
      const { deadlineMs } = rules
      const seen = await batchesSeen(store, lane, { deadlineMs, now: clock.now() })
      const view = { now: clock.now(), chains: {}, batches: seen ? [seen] : [] }
      const proving = { [lane]: { chain: 'l1', deadlineMs } }
      const watched = { chains: {}, proving } as unknown as WatchRules
      const findings = batchFindings(view as unknown as WatchView, watched)
      await raiseIncidents(messenger, { findings, unseen: [] })
      return heard
    },

    loseFiles(): void {
      files.set('lost', new Uint8Array())
    },

    /** So much time, with a block of L1 at its end. */
    async pass(ms: number): Promise<void> {
      const Block = z.object({ timestamp: z.string() })
      const { timestamp: newest } = Block.parse(await rpc('eth_getBlockByNumber', 'latest', false))
      // A slot in which proofs were computed may have taken longer than the test says.
      now = Math.max(now + ms, (Number(newest) + 1) * 1_000)
      await rpc('evm_setNextBlockTimestamp', Math.floor(now / 1_000))
      await rpc('evm_mine')
      await atlanticServer.advance()
      await sharpServer.advance()
    },

    /** One slot of the keeper, and what the sweeper does for its lane. */
    async slot(worker = 'one') {
      slots += 1
      const run = { clock, store, worker, notify: () => undefined, maxLateMs: 60_000, perform }
      const slotAt = clock.now()
      const until = timestamp(now + 10_000)
      const end = await runKeeper(run, replays(proveBatches(world)), {
        subject: lane,
        slot: slots,
        slotAt,
        until,
      })
      await advanceLane(sending)
      return end
    },

    /** Slots and time until that is so; at most so many. */
    async until(is: () => Promise<boolean>, most = 60): Promise<void> {
      for (let times = 0; times < most; times += 1) {
        await it.slot()
        if (await is()) return
        await it.pass(2_000)
      }
      const all = await store.batches.between(lane, 1, 20)
      const words = all.map(
        ({ number, state, trouble }) =>
          `${number} ${JSON.stringify(state)} ${trouble?.message ?? ''}`,
      )
      throw new Error(`it never was so: ${words.join('; ')}`)
    },

    async untilState(number: number, kind: Batch['state']['kind'], most?: number): Promise<Batch> {
      await it.until(
        async () => (await store.batches.read(lane, number))?.state.kind === kind,
        most,
      )
      return row(number)
    },

    async retry(number: number, anew = false): Promise<void> {
      const hand = { by: 'anna', reason: 'looked into', now: clock.now(), anew }
      await store.batches.write(retriedByHand(await row(number), hand, rules.deadlineMs))
    },
  }
  return it
}
