import process from 'node:process'

import { describe, expect, test } from 'vitest'

import { type Course, playScene, type Scene } from './play-scene.ts'
import { crash, depeg, recordedNetwork } from './recorded-network.ts'
import { isRecorded } from './recorded-venues.ts'
import { caught, good, takenBack } from './scenes.ts'

const isThere = [depeg, crash].every(({ play }) => isRecorded(play.file))
if (!isThere) process.stdout.write('skipped: ../shared/data/prices is not there\n')

const patience = 120_000
const mostBps = (scene: Scene) => recordedNetwork(scene.market).parameters.guards.mostBps
const named = (scene: Scene) =>
  [`${scene.proposal.name}, ${scene.market.name}, ${scene.proposedAt}`, scene] as const

/** The one thing that must hold whatever anybody proposes. */
function expectNoWrongPrice({ scene, told }: Course): void {
  expect(told.length).toBeGreaterThan(10)
  // A price of which the set before makes nothing is none that may be told.
  expect(told.filter(({ bps }) => bps === undefined)).toEqual([])
  expect(Math.max(...told.map(({ bps = Infinity }) => bps))).toBeLessThanOrEqual(mostBps(scene))
}

const kindsIn = ({ events }: Course) => events.map(({ kind }) => kind)

describe.runIf(isThere)('on recorded crashes and the depeg', () => {
  test.each(caught.map(named))(
    'a bad proposal is caught in shadow, and nobody is told anything of it: %s',
    async (_, scene) => {
      const course = await playScene(scene)
      expect(course.against).toMatch(
        /has (a|no) price in|bps from the active set’s|further from its price/,
      )
      expect(course.refused).toContain(`its shadow run speaks against it: ${course.against}`)
      expect(kindsIn(course)).toEqual(['propose', 'shadow'])
      expectNoWrongPrice(course)
      // While it was in shadow the exchange was told what the active set makes of the quotes, to the last digit.
      expect(course.told.filter(({ bps }) => bps !== 0)).toEqual([])
    },
    patience,
  )

  test.each(takenBack.map(named))(
    'a bad one that becomes active is taken back by itself: %s',
    async (_, scene) => {
      const course = await playScene(scene)
      expect(kindsIn(course)).toEqual([
        'propose',
        'shadow',
        'activate',
        'activated',
        'roll-back',
        'rolled-back',
      ])
      const [, , , activated, back] = course.events
      expect(back?.by).toBe('guard')
      expect(back?.at).toBeLessThan(activated?.until ?? 0)
      expectNoWrongPrice(course)
    },
    patience,
  )

  test.each(good.map(named))(
    'a good one goes live through all phases and is confirmed: %s',
    async (_, scene) => {
      const course = await playScene(scene)
      expect(course.against).toBeUndefined()
      expect(kindsIn(course)).toEqual(['propose', 'shadow', 'activate', 'activated', 'confirmed'])
      expectNoWrongPrice(course)
    },
    patience,
  )
})
