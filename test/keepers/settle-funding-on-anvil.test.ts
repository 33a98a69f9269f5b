import { expect, test } from 'vitest'

import { evmChain } from '../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmEngine } from '../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { feedId } from '../../lib/adapters/engines/evm-engine/feed-id.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Market } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import { fundingIntent } from '../../lib/keepers/settle-funding.ts'
import type { Clock } from '../../lib/ports.ts'
import { anvilSecret, evmKey } from '../adapters/chains/keys.ts'
import { signers } from '../infra/contracts/evm-engine/actors.ts'
import { aMarket, startEngine } from '../infra/contracts/evm-engine/engine.ts'
import { fundingProcess } from './funding-process.ts'
import { btc, epochSeconds, eth, someSettings } from './funding-world.ts'

const price = 100n * 10n ** 18n

/** The EVM engine on a node of its own, whose time only moves when it is moved or slept on. */
async function startWorld() {
  const sender = evmKey(anvilSecret)
  const contract = await startEngine({
    markets: { [btc]: aMarket(), [eth]: aMarket() },
    operators: [sender.address],
    epochSeconds,
  })
  const clock: Clock = {
    now: () => timestamp(Number(contract.now()) * 1_000),
    sleep: async () => contract.warp(1),
  }
  const chain = evmChain({
    name: 'l1',
    rpcUrls: [contract.node.url],
    chainId: 31_337,
    blockSeconds: 12,
    finalityBlocks: 1,
    keys: [sender],
    clock,
    decodeRevert: decodeEngineRevert,
  })
  const engine = evmEngine({
    name: 'dex',
    chain: 'l1',
    account: sender.address,
    address: contract.address,
    rpc: chain.rpc,
    chainId: 31_337,
    markets: [btc, eth],
  })

  async function push(...markets: readonly Market[]): Promise<void> {
    // A round is newer than the one before it.
    const round = Number(contract.now())
    const [signer] = signers
    const evm = {
      address: signer.address,
      sign: async (hash: `0x${string}`) => signer.sign({ hash }),
    }
    const updates = await Promise.all(
      markets.map(async (feed) => {
        const report = {
          feed,
          round,
          price: new Decimal(100),
          observedAt: clock.now(),
          oldestInputAt: clock.now(),
          sources: 9,
          configHash: `0x${'ab'.repeat(32)}`,
        } as const
        const [signature] = await engine.signAll([report], { node: 'n', stark: undefined, evm })
        if (!signature) throw new Error('it was not signed')
        const reports = [{ ...report, node: 'n', signatures: { dex: signature } }]
        return { market: feed, price: report.price, reports }
      }),
    )
    const calls = engine.encode({ kind: 'push-prices', engine: 'dex', round, updates }, undefined)
    const simulation = await chain.simulate(sender.address, calls)
    if (simulation.kind !== 'ok') throw new Error(simulation.reason)
    const { pending } = await chain.nonce(sender.address)
    const { fee } = simulation
    const { bytes } = await chain.sign(sender.address, { calls, nonce: pending, fee })
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    await contract.warp(1)
  }

  return { contract, clock, chain, engine, account: sender.address, push }
}

type World = Awaited<ReturnType<typeof startWorld>>

function process(world: World) {
  const store = memoryStore({ clock: world.clock })
  return { store, ...fundingProcess({ ...world, store, settings: someSettings() }) }
}

/** To a slot's beginning. */
async function toNext(contract: World['contract'], seconds: number): Promise<void> {
  await contract.warp(BigInt(seconds) - (contract.now() % BigInt(seconds)))
}

test('on anvil, epochs are told once each, and the index is what Funding.sol makes of the rates', async () => {
  const world = await startWorld()
  const { contract, push } = world
  try {
    const keeping = process(world)
    await toNext(contract, epochSeconds)
    await push(btc, eth)
    const begun = Number(contract.now()) - (Number(contract.now()) % epochSeconds)
    for (let slot = 0; slot < 31; slot += 1) {
      await toNext(contract, 60)
      if (slot % 10 >= 8) await push(...(slot < 20 ? [btc, eth] : [btc]))
      // Slots 9, 19 and 29 begin epochs; the first slot of the first epoch went by.
      await keeping.publish({ 'oracle-1': '0.001' })
      await keeping.slot()
    }
    const look = await world.engine.funding?.look()
    if (look?.kind !== 'evm-engine') throw new Error('it is an EVM engine')
    const [first, second] = look.engine.markets
    // Rates of 0.0009 (one slot of ten had no vote) and twice 0.001, each times the price and by 10^18, rounded down.
    const three = (9n * 10n ** 14n * price) / 10n ** 18n + 2n * ((10n ** 15n * price) / 10n ** 18n)
    const two = (9n * 10n ** 14n * price) / 10n ** 18n + (10n ** 15n * price) / 10n ** 18n
    expect(first).toMatchObject({ fundingIndex: three, fundingEpoch: begun / epochSeconds + 3 })
    // Its price was too old for the third epoch: it waits, and the other does not wait for it.
    expect(second).toMatchObject({ fundingIndex: two, fundingEpoch: begun / epochSeconds + 2 })
    await toNext(contract, 60)
    await push(eth)
    // As the sweeper does: the first try is final, and the next one may follow.
    await advanceLane(keeping.lane)
    await keeping.publish({ 'oracle-1': '0.001' })
    await keeping.slot()
    expect((await world.engine.state()).fundingIndexes).toEqual({ [btc]: three, [eth]: three })
  } finally {
    await contract.node.stop()
  }
}, 120_000)

test('on anvil, what somebody else has told of an epoch meanwhile is not told again', async () => {
  const world = await startWorld()
  const { contract, push, account } = world
  try {
    const keeping = process(world)
    await toNext(contract, epochSeconds)
    for (let slot = 0; slot < 8; slot += 1) {
      await toNext(contract, 60)
      await keeping.publish({ 'oracle-1': '0.001' })
      await keeping.slot()
    }
    await toNext(contract, epochSeconds)
    await push(btc, eth)
    const epoch = contract.now() / BigInt(epochSeconds)
    const look = await world.engine.funding?.look()
    if (!look) throw new Error('it has funding')
    await contract.act(account, 'tickFunding', epoch, [feedId(btc), feedId(eth)], [5n, 7n])
    // As a keeper that looked before that, and sends after it.
    const engine = { ...world.engine, funding: { look: async () => look } }
    const { store } = keeping
    const late = fundingProcess({ ...world, engine, store, settings: someSettings() })
    await late.slot()
    const id = fundingIntent({ engine: 'dex', round: Number(epoch), attempt: 1 })
    expect((await store.intents.get(id))?.state).toMatchObject({
      kind: 'failed',
      why: 'superseded',
    })
    const { fundingIndexes } = await world.engine.state()
    expect(fundingIndexes).toEqual({ [btc]: 500n, [eth]: 700n })
  } finally {
    await contract.node.stop()
  }
}, 120_000)
