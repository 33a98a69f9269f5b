import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { piltoverWatch } from '../../../lib/adapters/watched/piltover.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { deployedOnDevnet, devnetAbsent, hostedOnBox } from '../../infra/contracts/cairo-node.ts'
import { anAppchain } from './an-appchain.ts'
import { garbling } from './faulty-node.ts'
import { afterwards, nothingBefore, placesOf, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

let world: Awaited<ReturnType<typeof anAppchain>>

const open = () =>
  piltoverWatch({
    name: 'appchain',
    l1: placesOf(...world.l1.map(({ url }) => url)),
    l2: placesOf(...world.l2.map(({ url }) => url)),
    contract: world.node.appchain,
    windowMs: 30 * 86_400_000,
    clock: realClock,
  })
const look = async (before: LookedBefore = nothingBefore) =>
  open().look(before, timestamp(Date.now() + 20_000))
const level = ({ levels }: SystemSight, name: string) => levels.find((one) => one.name === name)
const hex = (value: bigint | string) => `0x${BigInt(value).toString(16)}`

watchedSystemContract(
  'an appchain',
  async () => {
    world = await anAppchain(hostedOnBox)
    return {
      nodes: [...world.l1, ...world.l2],
      garble: garbling([...world.l1, ...world.l2]),
      open,
      goOn: world.settleNext,
      stop: world.stop,
    }
  },
  ['settings', 'level:l1-lag', 'progress:state-update', 'changes'],
)

describe.each([
  ['the rules of Starknet', '', hostedOnBox],
  ['a real node', devnetAbsent, deployedOnDevnet],
] as const)('an appchain on %s', (_where, absent, start) => {
  describe.skipIf(absent !== '')(`is seen${absent}`, () => {
    beforeAll(async () => {
      world = await anAppchain(start)
    }, 240_000)
    afterAll(async () => world.stop())
    afterEach(() => {
      for (const node of [...world.l1, ...world.l2]) node.lie = () => undefined
    })

    test('with its settings', async () => {
      const { settings, unseen } = await look()
      expect(unseen).toEqual([])
      expect(settings).toEqual({
        classHash: expect.stringMatching(/^0x[0-9a-f]+$/) as string,
        bootloaderProgramHash: '0xb007',
        snosConfigHash: '0xc0f16',
        snosProgramHash: '0x5005',
        layoutBridgeProgramHash: '0xb41d6e',
        factsRegistry: hex(world.node.registry),
        owner: hex(world.node.who.owner),
      })
    })

    test('with each update of its state, and how far that is behind', async () => {
      const before = await look()
      await world.settleNext()
      world.box.advanceSeconds(30)
      world.box.makeBlock()
      const after = await look(afterwards(before))
      const steps = after.progress.flatMap((one) => one.steps)
      expect(steps.at(-1)?.what).toBe(`block ${world.newest()}`)
      expect(level(after, 'l1-lag')).toMatchObject({ value: 1, drains: true })
      expect(level(after, 'settled-age')?.value).toBeGreaterThanOrEqual(30)
      expect(level(after, 'settled-mismatch')).toMatchObject({ value: 0, ceiling: 0 })
    })

    test('with a node of its own that has another block', async () => {
      world.l2[1].lie = ({ method, params }, truth) =>
        method === 'starknet_getBlockWithTxHashes' &&
        JSON.stringify(params).includes('block_number')
          ? { ...(truth as object), block_hash: '0xbad' }
          : undefined
      expect(level(await look(), 'settled-mismatch')?.value).toBe(1)
    })

    test('with a program that is another one from one block to the next', async () => {
      const before = await look()
      const { appchain } = world.node
      await world.node.send('owner', appchain, [
        'set_program_info',
        0xb007n,
        0xc0f16n,
        9n,
        0xb41d6en,
      ])
      const after = await look(afterwards(before))
      const changes = after.changes.filter(({ id }) => id.startsWith('snosProgramHash:0x9'))
      expect(changes).toEqual([
        expect.objectContaining({
          title: 'snosProgramHash was 0x5005 and is 0x9',
          state: 'done',
          announces: {},
        }),
      ])
      expect(after.settings['snosProgramHash']).toBe('0x9')
    })
  })
})
