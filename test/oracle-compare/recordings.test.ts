import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { beforeAll, describe, expect, test } from 'vitest'

import { recordingTable } from './compare-report.ts'
import { loadRecording } from './load-recording.ts'
import { type Measure, measureAll } from './measure.ts'
import { lackingIn, type Recording, recordings, sharedRecordings } from './recordings.ts'
import { covers } from './rule.ts'
import { allRules } from './rules/all-rules.ts'
import { behindIn } from './standing.ts'

const lacking = lackingIn(sharedRecordings)
const skipped = lacking === '' ? '' : ' (skipped: the shared recordings are not here)'

/** The month of the depeg takes a quarter of a minute twice: here it is the weekend. */
const weekend = { from: Date.UTC(2023, 2, 10, 18), to: Date.UTC(2023, 2, 12, 18) }
const isMonth = ({ file }: Recording) => file.startsWith('usdc_depeg')

async function measuresOf(recording: Recording): Promise<readonly Measure[]> {
  const loaded = await loadRecording(recording, sharedRecordings)
  const rules = allRules.filter((rule) => covers(rule, loaded.setup))
  return measureAll(rules, loaded, recording)
}

const of = (measures: readonly Measure[], name: string): Measure => {
  const one = measures.find(({ rule }) => rule === name)
  if (!one) throw new RangeError(`${name} was not measured`)
  return one
}

describe.skipIf(lacking !== '')(`recordings of real venues${skipped}`, () => {
  describe.each(recordings.filter((one) => !isMonth(one)))('$name', (recording) => {
    let measures: readonly Measure[] = []
    beforeAll(async () => {
      measures = await measuresOf(recording)
    })

    test('sound venues agreed most of the time, and moved', () => {
      const [ours] = measures
      expect(ours?.judgedMs).toBeGreaterThan(400_000)
      expect(ours?.moves.all).toBeGreaterThan(3)
    })

    test('ours is never wrong', () => {
      expect(of(measures, 'Starkeep').wrongMs).toBe(0)
    })

    test('each column in which ours is not the best has a reason, and no other has', () => {
      const behind = behindIn(measures, recording)
      expect(behind.map(({ column }) => column).toSorted()).toEqual(
        Object.keys(recording.reasons).toSorted(),
      )
      const table = recordingTable(recording, measures)
      for (const { reason } of behind) expect(table).toContain(reason)
      expect(table).not.toContain('NOBODY')
    })
  })

  describe('the weekend on which USDC lost its peg', () => {
    let measures: readonly Measure[] = []
    let frozen: readonly Measure[] = []
    beforeAll(async () => {
      const [plain, withFreeze] = recordings.filter(isMonth)
      if (!plain || !withFreeze) throw new RangeError('there is no depeg')
      measures = await measuresOf({ ...plain, ...weekend })
      frozen = await measuresOf({ ...withFreeze, ...weekend })
    }, 180_000)

    test('ours follows every move without an error; the mean and who takes stablecoins for dollars do not', () => {
      const ours = of(measures, 'Starkeep')
      expect(ours).toMatchObject({ wrongMs: 0, silentMs: 0 })
      expect(ours.moves.all).toBeGreaterThan(10)
      expect(ours.moves.followed).toBe(ours.moves.all)
      expect(of(measures, 'plain mean').wrongMs).toBeGreaterThan(3_600_000)
      expect(of(measures, 'Hyperliquid oracle').wrongMs).toBeGreaterThan(3_600_000)
    })

    test('where most books repeat old numbers, ours is wrong for less than half as long as any other', () => {
      const ours = of(frozen, 'Starkeep')
      const others = frozen.filter((one) => one !== ours)
      expect(others).toHaveLength(allRules.length - 1)
      for (const { wrongMs } of others) expect(ours.wrongMs).toBeLessThan(wrongMs / 2)
      // A bar of a minute each: a freeze shows after ten, of thirty.
      expect(ours.silentMs).toBeGreaterThan(ours.wrongMs)
    })
  })
})

test('without the recordings the command plays the scenarios and says what it lacks', async () => {
  const command = fileURLToPath(new URL('compare.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    command,
    '--recordings',
    '/nowhere',
  ])
  expect(stdout).toMatch(/Starkeep .*\b26\/26\b/)
  expect(stdout).toMatch(/\/nowhere has no usdc_depeg_\S+, bitmex_coinbase_\S+, /)
  expect(stdout).not.toContain('All together')
})
