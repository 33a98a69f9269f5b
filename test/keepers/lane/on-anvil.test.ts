import { expect, test } from 'vitest'

import { usualMarketRules } from '../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmEngine } from '../../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import { type Market, parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { anvilSecret, evmKey } from '../../adapters/chains/keys.ts'
import { signers } from '../../infra/contracts/evm-engine/actors.ts'
import { aMarket, startEngine } from '../../infra/contracts/evm-engine/engine.ts'
import { movedClock } from './lane-in-memory.ts'

const [good, bad, other] = ['BTC-USD', 'ETH-USD', 'SOL-USD'].map(parseMarket)

test('a market with too few reports costs its own price only, on the EVM engine', async () => {
  if (!good || !bad || !other) throw new Error('there are three markets')
  // One of them asks for more reports than there are.
  const contract = await startEngine({
    markets: {
      [good]: { ...usualMarketRules, quorum: 1 },
      [bad]: aMarket({ quorum: 6 }),
      [other]: { ...usualMarketRules, quorum: 1 },
    },
  })
  try {
    await contract.warp(1_000)
    const clock = { ...movedClock(), now: () => timestamp(Number(contract.now()) * 1_000) }
    const sender = evmKey(anvilSecret)
    const chain = evmChain({
      name: 'l1',
      rpcUrls: [contract.node.url],
      chainId: 31_337,
      blockSeconds: 3_600,
      finalityBlocks: 1,
      keys: [sender],
      clock,
      decodeRevert: decodeEngineRevert,
    })
    const engine = evmEngine({
      name: 'evm',
      chain: 'l1',
      account: sender.address,
      address: contract.address,
      rpc: chain.rpc,
      chainId: 31_337,
      markets: [good, bad, other],
    })
    const store = memoryStore({ clock })
    const world: LaneWorld = {
      id: `l1/${sender.address}`,
      account: sender.address,
      chain,
      engines: { evm: engine },
      store,
      clock,
      policy: lanePolicyOf(chain),
      slotAt: () => clock.now(),
      notify: () => undefined,
    }
    const update = async (feed: Market) => {
      const [signer] = signers
      const evm = {
        address: signer.address,
        sign: async (hash: `0x${string}`) => signer.sign({ hash }),
      }
      const report = {
        feed,
        round: 7,
        price: new Decimal('64123.5'),
        observedAt: clock.now(),
        oldestInputAt: clock.now(),
        sources: 9,
        configHash: `0x${'ab'.repeat(32)}`,
      } as const
      const keys = { node: 'n', stark: undefined, evm }
      const [signature] = await engine.signAll([report], keys)
      if (!signature) throw new Error('it was not signed')
      const reports = [{ ...report, node: 'n', signatures: { evm: signature } }]
      return { market: feed, price: report.price, reports }
    }
    const updates = await Promise.all([good, bad, other].map(update))
    await store.intents.add({
      id: 'push',
      lane: world.id,
      action: { kind: 'push-prices', engine: 'evm', round: 7, updates },
      createdAt: clock.now(),
      deadline: timestamp(clock.now() + 60_000),
      state: { kind: 'waiting' },
    })
    await advanceLane(world)
    await advanceLane(world)
    expect((await store.intents.get('push'))?.state).toMatchObject({
      kind: 'included',
      left: [{ market: bad, why: 'refused', reason: 'NotEnoughReports(ETH-USD, 1, 6)' }],
    })
    expect(Object.keys((await engine.state()).prices).toSorted()).toEqual([good, other])
  } finally {
    await contract.node.stop()
  }
}, 60_000)
