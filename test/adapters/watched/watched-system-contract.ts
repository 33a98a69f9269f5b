import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import type { WatchedSystem } from '../../../lib/ports.ts'
import type { FaultyNode } from './faulty-node.ts'
import { afterwards, nothingBefore } from './places.ts'

/** A system with some past, and the nodes through which it is seen. */
export type WatchedWorld = {
  /** A process of its own each time. */
  readonly open: () => WatchedSystem
  readonly nodes: readonly Pick<FaultyNode, 'trouble'>[]
  /** All nodes answer every question with this from now on; with the truth again where it is undefined. */
  readonly garble?: (answer: unknown) => void
  /** Something that a look tells as a step of progress, or as other marks where the system has none. */
  readonly goOn: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** What every kind of watched system does. */
export function watchedSystemContract(
  kind: string,
  start: () => Promise<WatchedWorld>,
  // Parts of which nothing can be seen while no node answers.
  blind: readonly string[],
): void {
  describe(`${kind}, as every watched system`, () => {
    let world: WatchedWorld
    beforeAll(async () => {
      world = await start()
    }, 120_000)
    afterAll(async () => world.stop())

    const look = async (before: LookedBefore = nothingBefore, ms = 20_000) =>
      world.open().look(before, timestamp(Date.now() + ms))

    test('shows all of it where nothing is wrong, and the same again while nothing happens', async () => {
      const first = await look()
      expect(first.unseen).toEqual([])
      expect(first.heads.map(({ answer }) => answer.kind)).not.toContain('trouble')
      expect(Object.keys(first.settings)).not.toEqual([])
      const second = await look()
      expect(timeless(second)).toEqual(timeless(first))
    })

    test('goes on where an earlier process left off', async () => {
      const first = await look()
      await world.goOn()
      const second = await look(afterwards(first))
      const whole = await look()
      const name = whole.progress[0]?.name
      const newest = ({ progress, marks }: SystemSight) =>
        name === undefined
          ? marks
          : progress
              .filter((one) => one.name === name)
              .flatMap(({ steps }) => steps)
              .toSorted((one, other) => one.position - other.position)
              .at(-1)
      expect(newest(second)).toEqual(newest(whole))
      expect(newest(second)).not.toEqual(newest(first))
      expect(byId(second.changes)).toEqual(byId(whole.changes))
      expect(second.settings).toEqual(whole.settings)
    })

    test.each(['dead', 'html', 'limit'] as const)(
      'names what it could not see where its nodes are: %s',
      async (trouble) => {
        const before = afterwards(await look())
        for (const node of world.nodes) node.trouble = trouble
        const sight = await look(before)
        for (const node of world.nodes) node.trouble = 'none'
        expect(sight.heads.map(({ answer }) => answer.kind)).not.toContain('head')
        const unseen = sight.unseen.map(({ part }) => part)
        expect(unseen).toEqual(expect.arrayContaining([...blind]))
        expect(sight.unseen.every(({ reason }) => reason.length > 0)).toBe(true)
        expect(sight.cursor).toEqual(before.cursor)
        expect((await look(before)).unseen).toEqual([])
      },
    )

    test.each([null, 0, '0x', '', [], {}, [null], { events: null }, 'nonsense', true, 1e300])(
      'names what it could not see where all that its nodes answer is %j',
      async (answer) => {
        if (!world.garble) return
        const before = afterwards(await look())
        world.garble(answer)
        const sight = await look(before)
        world.garble(undefined)
        expect(sight.heads.map((one) => one.answer.kind)).not.toContain('head')
        expect(sight.unseen.map(({ part }) => part)).toEqual(expect.arrayContaining([...blind]))
        expect(sight.cursor).toEqual(before.cursor)
      },
    )

    test('is not misled by a cursor that is none of its own', async () => {
      const { cursor } = await look()
      const strange = Object.fromEntries(Object.keys(cursor).map((key) => [key, '{"?": [1]}']))
      const sight = await look({ cursor: strange, heads: {} })
      expect(sight.unseen).toEqual([])
      expect(sight.settings).toEqual((await look()).settings)
    })

    test('ends by its time where its nodes never answer', async () => {
      const before = afterwards(await look())
      for (const node of world.nodes) node.trouble = 'hangs'
      const startedAt = Date.now()
      const sight = await look(before, 300)
      const lasted = Date.now() - startedAt
      for (const node of world.nodes) node.trouble = 'none'
      expect(lasted).toBeLessThan(1_500)
      expect(sight.unseen.map(({ part }) => part)).toEqual(expect.arrayContaining([...blind]))
      expect(sight.cursor).toEqual(before.cursor)
    })

    test('shows nothing where it has no time at all', async () => {
      const sight = await look(nothingBefore, -1_000)
      expect(sight.unseen.map(({ part }) => part)).toEqual(expect.arrayContaining([...blind]))
    })
  })
}

function timeless({ at: _at, levels, ...rest }: SystemSight) {
  // Ages grow by themselves.
  return { ...rest, levels: levels.map(({ name, unit }) => ({ name, unit })) }
}

function byId(changes: SystemSight['changes']) {
  return changes.toSorted((one, other) => one.id.localeCompare(other.id))
}
