import { expect, onTestFinished, test } from 'vitest'

import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { EngineAction } from '../../../lib/domain/action.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { anvil } from '../../adapters/chains/anvil.ts'
import { anvilSecret, evmKey, wallClock } from '../../adapters/chains/keys.ts'
import { aLiquidation, anAction } from './lane-in-memory.ts'

/** A lane on a node that makes a block when it is asked to, for an exchange that takes everything. */
async function aLane() {
  const node = await anvil(['--no-mining'])
  onTestFinished(async () => node.stop())
  await node.rpc('evm_mine')
  const clock = wallClock
  const sender = evmKey(anvilSecret)
  const chain = evmChain({
    name: 'l1',
    rpcUrls: [node.url],
    chainId: 31_337,
    blockSeconds: 3_600,
    finalityBlocks: 5,
    keys: [sender],
    clock,
  })
  const store = memoryStore({ clock })
  const world: LaneWorld = {
    id: `l1/${sender.address}`,
    account: sender.address,
    chain,
    engines: {
      dex: {
        state: async () => Promise.resolve({ sequence: undefined, prices: {} }),
        encode: ({ round }) => [
          { kind: 'evm', to: '0x00000000000000000000000000000000000000ff', data: `0x0${round}` },
        ],
      },
    },
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify: () => undefined,
  }
  return {
    node,
    look: async () => advanceLane(world),
    work: async (action: EngineAction) =>
      store.intents.add({
        id: `work ${action.round}`,
        lane: world.id,
        action,
        createdAt: clock.now(),
        deadline: timestamp(clock.now() + 60_000),
        state: { kind: 'waiting' },
      }),
    kinds: async () => {
      const all = await store.intents.recent(world.id, 10)
      return Object.fromEntries(all.map(({ id, state }) => [id, state.kind]))
    },
  }
}

test('an urgent transaction is in the pool beside the one that waits for a block, and in the same block with it', async () => {
  const it = await aLane()
  await it.work(anAction(1, 'dex'))
  await it.look()
  await it.work(aLiquidation(2, 'dex'))
  await it.work(aLiquidation(3, 'dex', true))
  await it.look()
  expect(await it.kinds()).toEqual({
    'work 1': 'claimed',
    'work 2': 'waiting',
    'work 3': 'claimed',
  })
  await it.node.rpc('evm_mine')
  const block = (await it.node.rpc('eth_getBlockByNumber', 'latest', true)) as {
    readonly transactions: readonly { readonly input: string; readonly nonce: string }[]
  }
  expect(block.transactions.map(({ input, nonce }) => [input, nonce])).toEqual([
    ['0x01', '0x0'],
    ['0x03', '0x1'],
  ])
  await it.look()
  expect(await it.kinds()).toEqual({
    'work 1': 'included',
    'work 2': 'claimed',
    'work 3': 'included',
  })
}, 60_000)
