import { encodeAbiParameters, parseAbiParameters, concatHex } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { compiledL1Contract } from '../../../infra/contracts/l1/compiled-l1.ts'
import { placeAdapter } from '../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { readUpdateStateCall } from '../../../lib/adapters/settlement/stark-perpetual/update-state-call.ts'
import { starkPerpetualWatch } from '../../../lib/adapters/watched/stark-perpetual.ts'
import { perpetualTopics } from '../../../lib/adapters/watched/stark-perpetual/perpetual-logs.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import {
  aStarkPerpetual,
  btcAsset,
  ownerKey,
  perpetualUpgradeDelaySeconds,
} from './a-stark-perpetual.ts'
import { garbling } from './faulty-node.ts'
import { afterwards, nothingBefore, placesOf, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

const day = 86_400_000

let world: Awaited<ReturnType<typeof aStarkPerpetual>>

const open = () =>
  starkPerpetualWatch({
    name: 'perps',
    l1: placesOf(...world.l1.map(({ url }) => url)),
    perpetual: world.perpetual,
    assets: [`0x${btcAsset.toString(16)}`],
    operators: [world.governor],
    windowMs: 30 * day,
    clock: realClock,
    systemTimeIn: (calldata) => readUpdateStateCall(calldata)?.output.next.systemTime,
  })
const look = async (before: LookedBefore = nothingBefore) =>
  open().look(before, timestamp(Date.now() + 20_000))
const change = ({ changes }: SystemSight, id: string) =>
  changes.find((one) => one.id.startsWith(id))
const forced = ({ deadlines }: SystemSight) =>
  deadlines.filter(({ name }) => name.startsWith('forced-request:'))
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}` as const

watchedSystemContract(
  'a StarkEx exchange',
  async () => {
    world = await aStarkPerpetual()
    await world.settle(await world.now())
    return {
      nodes: world.l1,
      garble: garbling(world.l1),
      open,
      goOn: async () => void (await world.settle(await world.now())),
      stop: world.stop,
    }
  },
  [
    'settings',
    'progress:state-update',
    'deadlines:forced-request',
    'deadlines:system-time',
    'changes',
  ],
)

test('it is read by the topics that the contract has', () => {
  // StarkEx's own contracts, as recorded in the reference.
  expect(perpetualTopics.slice(0, 12)).toEqual([
    '0x2672b53d25204094519f7b0fba8d2b5cd0cc1e426f49554c89461cdb9dcec08f',
    '0x5f3a3d7d7c2b8cc20fa315d7504580e81d5f74ea46e1b3dc2985281df08e204d',
    '0x79acb9227c98b68d7628d2c99a7719926eff77e8c2275f6ffe7cf255b32772be',
    '0xfae91148d75f3789f216345abe08b5415e0e727d51cab9f4e41efc23f71193f7',
    '0x215e2cbb35cc7dd3f085fdb4ede08d32f4619001c73f5b10419389e7949c28ba',
    '0x21e13101b7a52038b3abfab6f17d3a3d091c620b978b98c9de7f3aa91e7ac063',
    '0xfbe49fc520438bdf956c8964ba0394d2da4fa3f34686e826a2ded762fa687c2d',
    '0x617a24590fcf7d5a2650aa9c10572915cb4bf853b1ef135cc1918460946a7a2f',
    '0xbedb78be82c75282d73923c8287b6b3e3ef57379cdc69f7fbd3d227a9969b48e',
    '0xaa7f29c97c6763919ef56006f07fbf5c1ac734b0414665df43cecdbce9010c9b',
    '0xa98ac1f696177f16ca482653307aa4a02b68cf03b14409a546de5adf946484fc',
    '0x35b176cf4f09df896aa55e10eec90bb4c4689ea1d076135a8de3138d829d0142',
  ])
})

describe('a StarkEx exchange', () => {
  beforeAll(async () => {
    world = await aStarkPerpetual()
    await world.settle(await world.now())
  }, 60_000)
  afterAll(async () => world.stop())
  afterEach(() => {
    for (const node of world.l1) {
      node.trouble = 'none'
      node.lie = () => undefined
    }
  })

  test('shows its settings', async () => {
    expect((await look()).settings).toEqual({
      isFrozen: 'false',
      implementation: world.dispatcher.toLowerCase(),
      upgradeDelaySeconds: String(perpetualUpgradeDelaySeconds),
      configurationDelaySeconds: '0',
      globalConfigurationHash: word(11n),
      [`configuration:0x${btcAsset.toString(16)}`]: word(12n),
      [`verifier:${world.adapter.toLowerCase()}`]: 'registered',
      [`availability-verifier:${world.committee.toLowerCase()}`]: 'registered',
      [`operator:${world.governor.toLowerCase()}`]: 'true',
    })
  })

  test('shows each batch, and until when the one after it must be settled', async () => {
    const before = await look()
    const systemTime = (await world.now()) - 5_000n
    const batch = await world.settle(systemTime)
    const sight = await look(afterwards(before))
    const steps = sight.progress.flatMap((one) => one.steps)
    expect(steps.at(-1)).toMatchObject({
      what: `batch ${batch}`,
      at: Number(await world.now()) * 1000,
    })
    expect(sight.deadlines).toEqual([
      expect.objectContaining({
        name: 'system-time',
        from: Number(systemTime) * 1000,
        until: Number(systemTime) * 1000 + 7 * day,
      }),
    ])
    // Known from then on: the transaction is not asked for again.
    for (const node of world.l1) node.asked.length = 0
    const again = await look(afterwards(sight))
    expect(again.deadlines).toEqual(sight.deadlines)
    const asked = world.l1.flatMap((node) => node.asked.map(({ method }) => method))
    expect(asked).not.toContain('eth_getTransactionByHash')
  })

  test('shows a forced request until it is served', async () => {
    await world.request('forcedWithdrawalRequest', [ownerKey, 12n, 500n, false])
    const requestedAt = Number(await world.now()) * 1000
    const key = `0x${ownerKey.toString(16)}`
    const first = await look()
    const name = `forced-request:withdrawal:${key}:12:500`
    expect(forced(first)).toEqual([
      expect.objectContaining({ name, from: requestedAt, until: requestedAt + 7 * day }),
    ])
    expect(forced(first)[0]?.text).toContain('a forced withdrawal of 500 from position 12')

    // Long after its event was read, and by one node only.
    await world.mine(150)
    world.l1[0].lie = ({ method, params }) =>
      method === 'eth_call' && JSON.stringify(params).includes('0x260e96dd')
        ? `0x${'0'.repeat(64)}`
        : undefined
    const later = await look(afterwards(first))
    expect(forced(later)).toEqual(forced(first))
    world.l1[0].lie = () => undefined

    await world.settle(await world.now(), [
      { kind: 'withdrawal', starkKey: ownerKey, position: 12n, amount: 500n },
    ])
    const served = await look(afterwards(later))
    expect(forced(served)).toEqual([])
    // Served long ago, it is not asked for any more; made anew, it is there with its new time.
    for (const node of world.l1) node.asked.length = 0
    await look(afterwards(served))
    expect(JSON.stringify(world.l1.flatMap(({ asked }) => asked))).not.toContain('0x260e96dd')
    await world.request('forcedWithdrawalRequest', [ownerKey, 12n, 500n, false])
    const anew = await look(afterwards(served))
    expect(forced(anew)).toEqual([
      expect.objectContaining({ name, from: Number(await world.now()) * 1000 }),
    ])
  })

  test('says where it cannot ask for requests, and forgets none', async () => {
    const before = await look()
    expect(forced(before)).toHaveLength(1)
    for (const node of world.l1)
      node.lie = ({ method, params }) =>
        method === 'eth_call' && JSON.stringify(params).includes('0x260e96dd') ? 'yes' : undefined
    const blind = await look(afterwards(before))
    expect(blind.unseen.map(({ part }) => part)).toEqual(['deadlines:forced-request'])
    for (const node of world.l1) node.lie = () => undefined
    expect(forced(await look(afterwards(blind)))).toEqual(forced(before))
  })

  test('shows each registered configuration as one that may come at once', async () => {
    await world.call('registerGlobalConfigurationChange', [word(21n)])
    const registeredAt = Number(await world.now()) * 1000
    const asset = `0x${btcAsset.toString(16)}`
    await world.call('registerAssetConfigurationChange', [btcAsset, word(22n)])
    const first = await look()
    expect(change(first, `configuration:global:${word(21n)}`)).toMatchObject({
      state: 'announced',
      kind: 'parameters',
      announcedAt: registeredAt,
      effectiveAt: registeredAt,
      announces: { globalConfigurationHash: word(21n) },
    })
    expect(change(first, `configuration:${asset}:${word(22n)}`)).toMatchObject({
      state: 'announced',
      touches: ['margin', 'oracle', `asset:${asset}`],
    })
    await world.call('applyGlobalConfigurationChange', [word(21n)])
    const applied = await look(afterwards(first))
    // Applied as soon as it was registered, it was announced to nobody.
    expect(change(applied, `configuration:global:${word(21n)}`)).toMatchObject({
      state: 'done',
      announces: {},
    })
    // The one before is registered still.
    expect(change(applied, `configuration:global:${word(11n)}`)?.state).toBe('announced')
    await world.call('applyGlobalConfigurationChange', [word(11n)])
    await world.call('removeGlobalConfigurationChange', [word(21n)])
    const back = await look(afterwards(applied))
    expect(change(back, `configuration:global:${word(11n)}`)?.state).toBe('done')
    expect(change(back, `configuration:global:${word(21n)}`)?.state).toBe('dropped')
  })

  test('shows a verifier that is added, one that is to leave, and one that has left', async () => {
    const sender = await world.sender()
    const adapter = await placeAdapter(sender, world.gps, 78n)
    await world.call('registerVerifier', [adapter, 'StarkWare_GpsFactRegistryAdapter_2020_1'])
    const two = await look()
    const setting = `verifier:${adapter.toLowerCase()}`
    expect(two.settings[setting]).toBe('registered')
    expect(change(two, setting)).toMatchObject({
      state: 'done',
      announces: {},
    })
    await world.call('announceVerifierRemovalIntent', [adapter])
    const saidAt = Number(await world.now()) * 1000
    const leaving = await look(afterwards(two))
    expect(change(leaving, 'verifier-removal:')).toMatchObject({
      state: 'announced',
      effectiveAt: saidAt + 28 * day,
      announces: { [setting]: 'removed' },
    })
    const snapshot = await world.ask('evm_snapshot')
    await world.wait(28 * 86_400)
    await world.call('removeVerifier', [adapter])
    const left = await look(afterwards(leaving))
    expect(left.settings[setting]).toBe('removed')
    expect(change(left, 'verifier-removal:')).toMatchObject({ state: 'done' })
    expect(change(left, 'verifier-removal:')?.announces).toMatchObject({ [setting]: 'removed' })
    await world.ask('evm_revert', snapshot)
  })

  test('shows who may operate it, and that somebody new may', async () => {
    await world.call('registerOperator', [world.committee])
    expect(
      change(await look(), `role:operator-added:${world.committee.toLowerCase()}`),
    ).toMatchObject({
      kind: 'roles',
      state: 'done',
      title: `${world.committee.toLowerCase()} is an operator`,
    })
  })

  test('shows an implementation that is announced', async () => {
    const sender = await world.sender()
    const next = await sender.deploy(compiledL1Contract('stark-perpetual', 'StarkPerpetual'), [])
    const parts = encodeAbiParameters(parseAbiParameters('address[5]'), [
      Array.from({ length: 5 }, () => world.dispatcher) as never,
    ])
    await world.proxy('addImplementation', [next, concatHex([parts, word(0n)]), false])
    const at = Number(await world.now()) * 1000
    expect(change(await look(), `implementation:${next.toLowerCase()}`)).toMatchObject({
      state: 'announced',
      effectiveAt: at + perpetualUpgradeDelaySeconds * 1000,
    })
  })

  test('shows that it is frozen, and a request that may freeze it', async () => {
    const [waiting] = forced(await look())
    expect(waiting).toBeDefined()
    await world.wait(7 * 86_400)
    await world.request('freezeRequest', [ownerKey, 12n, 500n])
    const frozen = await look()
    expect(frozen.settings['isFrozen']).toBe('true')
    expect(forced(frozen)).toEqual([waiting])
  })
})
