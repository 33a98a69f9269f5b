import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Counts } from '../../lib/domain/alert-digest.ts'
import { AlertNotTakenError, type Severity } from '../../lib/domain/alert.ts'
import { aFinding, anAlertWorld, type Heard, start, usualRules } from './alert-world.ts'

const severities = ['info', 'warning', 'critical'] as const

const many = (count: number, severityOf: (n: number) => Severity = () => 'warning') =>
  Array.from({ length: count }, (_, n) => aFinding(`market-${n}`, severityOf(n)))

/** The most messages that began within any minute. */
function busiest(heard: readonly Heard[]): number {
  const counts = heard.map(
    ({ at: from }) => heard.filter(({ at }) => at >= from && at < from + 60_000).length,
  )
  return Math.max(0, ...counts)
}

const sum = (counts: Counts): number => counts.info + counts.warning + counts.critical

/** How many alerts that are open, or over, a channel was told of, alone and in digests. */
function toldOf(heard: readonly Heard[]) {
  return heard.reduce(
    (total, { alert, digest }) => ({
      open: total.open + (digest ? sum(digest.open) : Number(alert.state !== 'resolved')),
      over: total.over + (digest ? sum(digest.over) : Number(alert.state === 'resolved')),
    }),
    { open: 0, over: 0 },
  )
}

describe('a storm', () => {
  test('of 10,000 alerts is ten messages and a digest a minute that counts the rest, the worst first', async () => {
    const { look, deliver, pass, chat, pager } = anAlertWorld()
    await look(many(10_000, (n) => (n === 7_777 ? 'critical' : n % 2 === 0 ? 'info' : 'warning')))
    expect(chat.heard).toHaveLength(11)
    expect(chat.alone()[0]).toMatchObject({ subject: 'market-7777', severity: 'critical' })
    expect(pager.heard).toHaveLength(1)
    const [digest] = chat.digests()
    // As many as are written in one turn; 1 + 4,999 + 5,000 less the ten alone are known.
    expect(digest?.open).toEqual({ critical: 0, warning: 2_000, info: 0 })
    expect(digest?.worst.map(({ severity }) => severity)).toEqual(Array(10).fill('warning'))
    expect([digest?.more, digest?.later]).toEqual([1_990, 7_990])
    for (let minute = 0; minute < 6; minute += 1) {
      pass(60_000)
      await deliver()
    }
    expect(toldOf(chat.heard)).toEqual({ open: 10_000, over: 0 })
    // Ten alone and 2,000 together each minute.
    expect(chat.digests().map(({ later }) => later)).toEqual([7_990, 5_980, 3_970, 1_960, 0])
  }, 120_000)

  test('that is over is told so in one digest more', async () => {
    const { look, pass, chat } = anAlertWorld()
    await look(many(300))
    for (let looks = 0; looks < 6; looks += 1) {
      pass(30_000)
      await look([])
    }
    expect(toldOf(chat.heard)).toEqual({ open: 300, over: 300 })
    expect(chat.digests().map(({ state, over }) => [state, over.warning])).toEqual([
      ['opened', 0],
      ['resolved', 290],
    ])
  })

  test('does not delay what is critical and comes after it', async () => {
    const { look, clock, pass, pager, chat } = anAlertWorld()
    await look(many(500, (n) => (n % 2 === 0 ? 'info' : 'warning')))
    pass(1_000)
    const before = clock.now()
    await look([...many(500), aFinding('dex', 'critical')])
    expect(pager.heard.map(({ at }) => at)).toEqual([before])
    expect(chat.alone().at(-1)).toMatchObject({ subject: 'dex', severity: 'critical' })
    expect((chat.heard.at(-1)?.at ?? 0) - before).toBeLessThan(2_000)
  })

  test('is as bounded where each message is sent by a process that has just begun', async () => {
    const { look, messenger, deliver, pass, chat } = anAlertWorld()
    for (let round = 0; round < 12; round += 1) {
      await look(many(20 * (round + 1)), messenger())
      await deliver(messenger())
      pass(5_000)
    }
    expect(busiest(chat.heard)).toBeLessThanOrEqual(12)
    pass(60_000)
    await deliver()
    expect(toldOf(chat.heard).open).toBe(240)
  })

  test('is told once where two workers deliver it at once', async () => {
    const { look, messenger, run, chat } = anAlertWorld()
    const mute = messenger({ channels: {} })
    await look(many(100), mute)
    const { deliverAlerts } = await import('../../lib/keepers/deliver-alerts.ts')
    await run(Promise.all([deliverAlerts(messenger()), deliverAlerts(messenger())]))
    expect(busiest(chat.heard)).toBeLessThanOrEqual(usualRules.mostPerMinute)
    const alone = chat.alone().map(({ key }) => key)
    expect(new Set(alone).size).toBe(alone.length)
  })

  test('tells what is critical before it writes the rows of a large digest', async () => {
    const { look, messenger, store, chat, pager } = anAlertWorld()
    let writes = 0
    const incidents: typeof store.incidents = {
      ...store.incidents,
      async write(incident) {
        writes += 1
        // The time of the function is over.
        if (writes > 100) throw new Error('the table is gone')
        return await store.incidents.write(incident)
      },
    }
    const all = [...many(500), aFinding('dex', 'critical')]
    await look(all, messenger({ channels: {} }))
    await expect(look(all, messenger({ incidents }))).rejects.toThrow('the table is gone')
    expect(pager.alone()).toMatchObject([{ subject: 'dex' }])
    expect(chat.alone()).toHaveLength(10)
  })

  test('of any kind, with a channel that fails, stays within what the service takes, and nothing is lost', async () => {
    const story = fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 90_000 }),
        found: fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...severities)), { maxLength: 80 }),
        fails: fc.constantFrom('not', 'not', 'all', 'half'),
      }),
      { minLength: 1, maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(story, async (rounds) => {
        const { look, pass, chat, deliver, store } = anAlertWorld()
        let tries = 0
        for (const { pause, found, fails } of rounds) {
          chat.fail(() => {
            tries += 1
            const failing = fails === 'all' || (fails === 'half' && tries % 2 === 0)
            return failing ? new AlertNotTakenError('chat', 'status 503') : undefined
          })
          await look(found.map(([n, severity]) => aFinding(`market-${n}`, severity)))
          pass(pause)
        }
        chat.fail(undefined)
        for (let looks = 0; looks < 8; looks += 1) {
          pass(301_000)
          await look([])
          await deliver()
        }
        expect(busiest(chat.heard)).toBeLessThanOrEqual(usualRules.mostPerMinute)
        expect(await store.incidents.open()).toEqual([])
        // Who heard of a beginning alone heard of the end alone.
        const ends = Object.groupBy(chat.alone(), ({ key }) => key)
        for (const alerts of Object.values(ends)) {
          const states = (alerts ?? []).map(({ state }) => state)
          expect(states.filter((state) => state === 'opened').length).toBeLessThanOrEqual(1)
          expect(states.filter((state) => state === 'resolved').length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})

describe('infos', () => {
  test('are gathered until the hour, also those that are over by then', async () => {
    const { look, pass, chat } = anAlertWorld({ gatherInfoMs: 3_600_000 })
    await look([aFinding('a', 'info'), aFinding('b', 'info')])
    for (let looks = 0; looks < 4; looks += 1) {
      pass(60_000)
      await look([aFinding('b', 'info')])
    }
    expect(chat.heard).toEqual([])
    pass(3_600_000 - 4 * 60_000)
    await look([aFinding('b', 'info')])
    const [digest] = chat.digests()
    expect(chat.heard).toHaveLength(1)
    expect(digest?.worst.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
      'b opened',
      'a resolved',
    ])
  })
})

describe('quiet hours', () => {
  const quiet = [{ days: ['fri'], from: '08:00', to: '09:00', zone: 'UTC' }] as const

  test('let what is critical through, and tell the rest in one digest when they end', async () => {
    const { look, clock, pass, chat } = anAlertWorld({ quiet })
    await look([aFinding('a'), aFinding('b'), aFinding('c', 'critical')])
    expect(chat.alone()).toMatchObject([{ subject: 'c' }])
    for (let looks = 0; looks < 4; looks += 1) {
      pass(60_000)
      await look([aFinding('b')])
    }
    expect(chat.alone().map(({ state }) => state)).toEqual(['opened', 'resolved'])
    pass(start + 3_600_000 - clock.now())
    await look([aFinding('b')])
    const [digest] = chat.digests()
    expect([digest?.open.warning, digest?.over.warning]).toEqual([1, 1])
    expect(digest?.worst.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
      'b opened',
      'a resolved',
    ])
  })
})

describe('a service that asks for patience', () => {
  test('is left alone with everything, and what is critical goes to the fallback', async () => {
    const { look, pass, chat, spare } = anAlertWorld()
    let tries = 0
    chat.fail(() => {
      tries += 1
      return new AlertNotTakenError('chat', 'status 429', 120_000)
    })
    await look([aFinding('a')])
    pass(1_000)
    await look([aFinding('a'), aFinding('b'), aFinding('c', 'critical')])
    expect(tries).toBe(1)
    expect(spare.alone()).toMatchObject([{ subject: 'c', state: 'opened' }])
    chat.fail(undefined)
    pass(120_000)
    await look([aFinding('a'), aFinding('b'), aFinding('c', 'critical')])
    expect(toldOf(chat.heard).open).toBe(3)
  })
})
