import { describe, expect, test } from 'vitest'

import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import { starknetPerpetual } from '../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { starkKey, wallClock } from '../../adapters/chains/keys.ts'
import type { StarknetNode } from '../../adapters/chains/starknet-suite.ts'
import {
  actionOf,
  ample,
  btc,
  eth,
  oracles,
  pricesIn,
  sol,
  suiteConfig,
} from '../../adapters/chains/starknet-world.ts'

type Start = (config: (operator: bigint) => CoreConfig) => Promise<StarknetNode>

/** A lane on a node's own rules: one bad market of three, by the words that only a real engine says. */
export function laneOnStarknet(name: string, start: Start): void {
  describe(name, () => {
    test('one removed oracle costs its own market only, in one transaction with consecutive operator nonces', async () => {
      const node = await start(suiteConfig)
      try {
        const { state, prices, sequences, refused } = await oneRemovedOracle(node)
        const reason = expect.stringContaining('ORACLE_PUBLIC_KEY_NOT_REGISTERED') as string
        expect(state).toMatchObject({
          kind: expect.stringMatching(/included|settled/) as string,
          left: [{ market: 'SOL-USD', why: 'refused', reason }],
        })
        expect(prices).toEqual({ 'BTC-USD': '100', 'ETH-USD': '100' })
        expect(sequences).toEqual([0n, 2n])
        expect(refused).toMatchObject([{ engine: 'core', market: 'SOL-USD', reason }])
      } finally {
        await node.stop()
      }
    }, 120_000)
  })
}

/** Three prices are decided, an oracle of one is removed, and the lane sends. */
async function oneRemovedOracle(node: StarknetNode) {
  const { address, privateKey } = node.operator
  const chain = starknetChain({
    name: 'starknet',
    rpcUrls: [node.url],
    chainId: node.chainId,
    blockSeconds: 3_600,
    finalityBlocks: 1,
    keys: { [address]: starkKey(privateKey) },
    clock: wallClock,
  })
  const engine = starknetPerpetual({
    name: 'core',
    chain: 'starknet',
    account: address,
    address: node.core,
    chainId: node.chainId,
    listings: [btc, eth, sol],
    generation: 'detect',
    rpc: chain.rpc,
    clock: wallClock,
    curve: starkCurve,
  })
  const store = memoryStore({ clock: wallClock })
  const world: LaneWorld = {
    id: `starknet/${address}`,
    account: address,
    chain,
    engines: { core: engine },
    store,
    clock: wallClock,
    policy: lanePolicyOf(chain),
    slotAt: () => wallClock.now(),
    notify: () => undefined,
  }

  async function add(id: string, price: string) {
    const told = [btc, eth, sol].map((listing) => ({ listing, prices: [price, price] }))
    const action = await actionOf(engine, told, (await chain.head()).time)
    const now = wallClock.now()
    const deadline = timestamp(now + 60_000)
    const state = { kind: 'waiting' } as const
    await store.intents.add({ id, lane: world.id, action, createdAt: now, deadline, state })
  }

  async function stateOf(id: string) {
    await advanceLane(world)
    await node.makeBlock()
    await advanceLane(world)
    return (await store.intents.get(id))?.state
  }

  // Signed while the oracle is registered, and told after it is not any more.
  await add('first', '100')
  const removed = [sol.assetId, oracles[0].stark.publicKey] as const
  const call = { kind: 'starknet', to: node.core, entrypoint: 'remove_oracle_from_asset' } as const
  const { pending } = await chain.nonce(address)
  const calls = [{ ...call, calldata: removed }]
  const signed = await chain.sign(address, { calls, nonce: pending, fee: ample })
  expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
  await node.makeBlock()

  const before = (await engine.state()).sequence
  const state = await stateOf('first')
  const after = (await engine.state()).sequence
  const { prices } = await engine.state()
  const lane = await store.lanes.read(world.id)
  return { state, prices: pricesIn(prices), sequences: [before, after], refused: lane?.refused }
}
