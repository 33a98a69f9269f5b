import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import { starknetPerpetual } from '../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import type { Clock } from '../../../lib/ports.ts'
import { starkKey, wallClock } from '../../adapters/chains/keys.ts'
import { accountClass, newAccount } from '../../adapters/chains/starknet-deploy-suite.ts'
import type { StarknetNode } from '../../adapters/chains/starknet-suite.ts'
import { actionOf, ample, btc, eth, pricesIn, sol } from '../../adapters/chains/starknet-world.ts'
import { fund } from '../../infra/local/starknet-box/a-deployment.ts'

/** A lane whose account is not there yet, but is an operator of the core already. */
export async function aYoungLane(
  node: StarknetNode,
  { clock = wallClock }: { clock?: Clock } = {},
) {
  const { operator, stranger, url, chainId } = node
  const { key, address } = newAccount('0x7e57')
  const chain = starknetChain({
    name: 'starknet',
    rpcUrls: [url],
    chainId,
    // Nothing here is about a head that is too old.
    blockSeconds: 3_600,
    finalityBlocks: 3,
    keys: { [address]: key, [operator.address]: starkKey(operator.privateKey) },
    deployments: { [address]: { classHash: accountClass } },
    clock,
  })
  const engine = starknetPerpetual({
    name: 'core',
    chain: 'starknet',
    account: address,
    address: node.core,
    chainId,
    listings: [btc, eth, sol],
    generation: 'detect',
    rpc: chain.rpc,
    clock,
    curve: starkCurve,
  })
  const store = memoryStore({ clock })
  const world: LaneWorld = {
    id: `starknet/${address}`,
    account: address,
    chain,
    engines: { core: engine },
    store,
    clock,
    policy: lanePolicyOf({ kind: 'starknet', blockSeconds: 2 }),
    slotAt: () => clock.now(),
    notify: () => undefined,
  }
  const call = { kind: 'starknet', to: node.core, entrypoint: 'register_operator' } as const
  const { pending } = await chain.nonce(operator.address)
  const signed = await chain.sign(operator.address, {
    calls: [{ ...call, calldata: [address] }],
    nonce: pending,
    fee: ample,
  })
  await chain.broadcast(signed.bytes)
  await node.makeBlock()

  return {
    world,
    chain,
    address,
    advance: async () => advanceLane(world),
    lane: async () => store.lanes.read(world.id),
    stateOf: async (id: string) => (await store.intents.get(id))?.state,
    prices: async () => pricesIn((await engine.state()).prices),
    async fund() {
      await fund({ url, accounts: [stranger] }, address)
      await node.makeBlock()
    },
    async add(id: string, price: string) {
      const told = [{ listing: btc, prices: [price, price] }]
      const action = await actionOf(engine, told, (await chain.head()).time)
      const now = clock.now()
      const deadline = timestamp(now + 600_000)
      const state = { kind: 'waiting' } as const
      await store.intents.add({ id, lane: world.id, action, createdAt: now, deadline, state })
    },
  }
}
