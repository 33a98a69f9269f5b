import { expect, onTestFinished, test } from 'vitest'

import type { DevnetAccount } from '../../infra/local/devnet.ts'
import { boxAccounts } from '../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetChain } from '../../lib/adapters/chains/starknet.ts'
import { starknetPerpetual } from '../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { CoreFunding } from '../../lib/domain/funding/funding-tick.ts'
import type { Call } from '../../lib/domain/transaction.ts'
import { fundingIntent } from '../../lib/keepers/settle-funding.ts'
import type { Engine, Store } from '../../lib/ports.ts'
import { starkKey } from '../adapters/chains/keys.ts'
import { actionOf, ample, btc, eth, sol, suiteConfig } from '../adapters/chains/starknet-world.ts'
import { asInput } from '../infra/local/starknet-box/a-box.ts'
import { fundingProcess } from './funding-process.ts'
import { epochSeconds, someSettings } from './funding-world.ts'
import { movedClock } from './lane/lane-in-memory.ts'

const listings = [btc, eth, sol]

/** A box whose time moves by hand, with three priced markets and two operators. */
async function startWorld() {
  const [one, two] = boxAccounts({})
  if (!one || !two) throw new Error('a box has accounts')
  const clock = movedClock()
  const operators = [one, two].map(({ address }) => BigInt(address))
  const core = asInput({ ...suiteConfig(BigInt(one.address)), operators })
  const box = await startStarknetBox({ blocks: 'demand', core, clock })
  onTestFinished(async () => box.stop())
  clock.onSleep = () => void box.makeBlock()

  function as({ address, privateKey }: DevnetAccount) {
    const chain = starknetChain({
      name: 'starknet',
      rpcUrls: [box.url],
      chainId: box.chainId,
      blockSeconds: 3_600,
      finalityBlocks: 1,
      keys: { [address]: starkKey(privateKey) },
      clock,
    })
    const engine: Engine = starknetPerpetual({
      name: 'dex',
      chain: 'starknet',
      account: address,
      address: box.coreAddress,
      chainId: box.chainId,
      listings,
      generation: 'detect',
      rpc: chain.rpc,
      clock,
      curve: starkCurve,
    })
    return { clock, chain, engine, account: address }
  }

  const governor = as(one)

  async function send(calls: readonly Call[]): Promise<void> {
    const { chain, account } = governor
    const { pending } = await chain.nonce(account)
    const { bytes } = await chain.sign(account, { calls, nonce: pending, fee: ample })
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    box.makeBlock()
  }

  async function push(...markets: readonly (typeof btc)[]): Promise<void> {
    const told = markets.map((listing) => ({ listing, prices: ['100', '100'] }))
    const head = await governor.chain.head()
    const action = await actionOf(governor.engine, told, head.time)
    await send(governor.engine.encode(action, (await governor.engine.state()).sequence))
  }

  async function coreNow(): Promise<CoreFunding> {
    const look = await governor.engine.funding?.look()
    if (look?.kind !== 'starknet-perpetual') throw new Error('it is a core')
    return look.core
  }

  box.makeBlock()
  await push(...listings)
  return {
    clock,
    box,
    push,
    send,
    coreNow,
    governor,
    other: as(two),
    core: box.coreAddress,
  }
}

type World = Awaited<ReturnType<typeof startWorld>>
type Process = ReturnType<typeof fundingProcess> & { readonly store: Store }

function process(
  { clock }: World,
  parties: World['other'],
  store: Store = memoryStore({ clock }),
): Process {
  const rule = someSettings().policy.markets['BTC-USD']
  if (!rule) throw new Error('there is a rule')
  const markets = { 'BTC-USD': rule, 'ETH-USD': rule, 'SOL-USD': rule }
  const notional = new Decimal(1_000)
  const impactNotional = { 'BTC-USD': notional, 'ETH-USD': notional, 'SOL-USD': notional }
  const settings = { ...someSettings({ markets }), impactNotional }
  return { store, ...fundingProcess({ ...parties, store, settings }) }
}

/** Ten slots with votes, and to the beginning of the next epoch. */
async function anEpoch({ clock, box }: World, processes: readonly Process[]): Promise<void> {
  clock.pass(epochSeconds * 1000 - (clock.now() % (epochSeconds * 1000)))
  for (let slot = 0; slot < 10; slot += 1) {
    box.makeBlock()
    for (const each of processes) await each.publish({ 'oracle-1': '0.001' })
    await Promise.all(processes.map(async (each, at) => each.slot(`worker-${at}`)))
    clock.pass(60_000 - (clock.now() % 60_000))
  }
  box.makeBlock()
}

async function slotOf(processes: readonly Process[]): Promise<readonly string[]> {
  for (const each of processes) await each.publish({ 'oracle-1': '0.001' })
  const ends = await Promise.all(processes.map(async (each, at) => each.slot(`worker-${at}`)))
  return ends.map((end) => (end.kind === 'taken' ? 'taken' : end.reason))
}

function isSettled({ lastFundingTick }: CoreFunding, { clock }: World): boolean {
  const epochMs = epochSeconds * 1000
  return lastFundingTick >= Math.floor(clock.now() / epochMs) * epochMs
}

test('on the box, an epoch moves every index by rate · price · 2^4, once', async () => {
  const world = await startWorld()
  const keeping = process(world, world.other)
  await anEpoch(world, [keeping])
  const before = await world.coreNow()
  expect(await slotOf([keeping])).toEqual(['settled'])
  world.clock.pass(60_000)
  world.box.makeBlock()
  expect(await slotOf([keeping])).toEqual(['nothing-due'])
  const after = await world.coreNow()
  // More than an epoch passed since the core began, of which one is paid: 0.1 % (contracts.md §5), towards zero.
  expect(after.assets.map(({ fundingIndex }) => fundingIndex)).toEqual(
    before.assets.map(({ price }) => (price * 16n) / 1_000n),
  )
  expect(after.operatorNonce).toBe(before.operatorNonce + 1n)
  expect(isSettled(after, world)).toBe(true)
})

test('on the box, two keepers with one table settle once', async () => {
  const world = await startWorld()
  const first = process(world, world.other)
  const second = process(world, world.other, first.store)
  await anEpoch(world, [first, second])
  const before = await world.coreNow()
  expect((await slotOf([first, second])).toSorted()).toEqual(['settled', 'taken'])
  expect((await world.coreNow()).operatorNonce).toBe(before.operatorNonce + 1n)
})

test('on the box, of two keepers with a table each one settles, and the other finds it settled', async () => {
  const world = await startWorld()
  const first = process(world, world.other)
  const second = process(world, world.governor)
  await anEpoch(world, [first, second])
  const before = await world.coreNow()
  await slotOf([first, second])
  world.clock.pass(60_000)
  world.box.makeBlock()
  await slotOf([first, second])
  const after = await world.coreNow()
  expect(after.assets.map(({ fundingIndex }) => fundingIndex)).toEqual(
    before.assets.map(({ price }) => (price * 16n) / 1_000n),
  )
  expect(isSettled(after, world)).toBe(true)
})

const changes = [
  {
    what: 'retired',
    left: 2,
    change: async ({ send, core }: World) =>
      send([
        {
          kind: 'starknet',
          to: core,
          entrypoint: 'deactivate_synthetic',
          calldata: [sol.assetId],
        },
      ]),
  },
  {
    what: 'activated',
    left: 3,
    change: async ({ push }: World) => push(sol),
  },
] as const

test.for(changes)(
  'on the box, an asset that is $what between reading and sending costs a try, not the epoch',
  async ({ what, left, change }) => {
    const world = await startWorld()
    if (what === 'activated') await addAgain(world)
    const keeping = process(world, world.other)
    await anEpoch(world, [keeping])
    const { engine } = world.other
    const look = await engine.funding?.look()
    if (!look) throw new Error('it has funding')
    await change(world)
    const stale = { ...world.other, engine: { ...engine, funding: { look: async () => look } } }
    const late = process(world, stale, keeping.store)
    await slotOf([late])
    const round = Math.floor(world.clock.now() / 1000 / epochSeconds)
    const id = fundingIntent({ engine: 'dex', round, attempt: 1 })
    expect((await keeping.store.intents.get(id))?.state).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('INVALID_FUNDING_TICK_LEN') as string,
    })
    expect(isSettled(await world.coreNow(), world)).toBe(false)
    world.clock.pass(60_000)
    world.box.makeBlock()
    expect(await slotOf([keeping])).toEqual(['settled'])
    const after = await world.coreNow()
    expect(isSettled(after, world)).toBe(true)
    const moved = after.assets.filter(({ fundingIndex }) => fundingIndex !== 0n)
    expect(moved).toHaveLength(left)
  },
)

/** SOL is retired, and activated again by its next price where the core's administrator says so. */
async function addAgain({ send, core }: World): Promise<void> {
  const call = { kind: 'starknet', to: core, calldata: [sol.assetId] } as const
  await send([{ ...call, entrypoint: 'deactivate_synthetic' }])
  await send([{ ...call, entrypoint: 'reactivate_synthetic' }])
}
