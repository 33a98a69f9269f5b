import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Severity } from '../../lib/domain/alert.ts'
import {
  advance,
  type Finding,
  type Incident,
  incidentPolicy,
  type IncidentPolicy,
} from '../../lib/domain/incident.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = (seconds: number) => timestamp(1_700_000_000_000 + seconds * 1000)

const late = (change: Partial<Finding> = {}): Finding => ({
  rule: 'price-late',
  subject: 'core:BTC-USD',
  severity: 'warning',
  summary: 'core was last told a price long ago',
  since: at(0),
  afterMs: 30_000,
  ...change,
})

const policy: IncidentPolicy = {
  resolveAfterMs: 60_000,
  resolveAfterLooks: 2,
  maxResolveAfterMs: 600_000,
  flapWindowMs: 3_600_000,
}

type Look = readonly [seconds: number, finding: Finding | undefined]

/** It goes and comes back so often, every twenty seconds. */
function flaps(times: number): Look[] {
  return Array.from({ length: times }, (_, i): Look[] => [
    [40 + 20 * i, undefined],
    [50 + 20 * i, late()],
  ]).flat()
}

/** How long one that came back so often must stay away. */
function quietSeconds(times: number): number | undefined {
  const gone = 40 + 20 * times
  const past: Look[] = [[30, late()], ...flaps(times), [gone, undefined]]
  return [60, 120, 240, 480, 600].find(
    (seconds) => after([...past, [gone + seconds, undefined]])?.state === 'resolved',
  )
}

/** The incident after looks at these times. */
function after(looks: readonly Look[], rules: IncidentPolicy = policy): Incident | undefined {
  return looks.reduce<Incident | undefined>(
    (incident, [seconds, finding]) => advance(incident, finding, at(seconds), rules),
    undefined,
  )
}

describe('an incident begins', () => {
  test('as pending while its finding has not lasted long enough', () => {
    const incident = after([[0, late()]])
    expect(incident).toMatchObject({ state: 'pending', version: 1, since: at(0) })
    expect(incident?.openedAt).toBeUndefined()
  })

  test('open, in the look in which its finding has lasted just long enough', () => {
    expect(
      after([
        [0, late()],
        [29.999, late()],
      ])?.state,
    ).toBe('pending')
    expect(
      after([
        [0, late()],
        [30, late()],
      ]),
    ).toMatchObject({ state: 'open', openedAt: at(30) })
  })

  test('open at first sight where the finding itself says that it has lasted', () => {
    expect(after([[100, late({ since: at(70) })]])).toMatchObject({
      state: 'open',
      openedAt: at(100),
      since: at(70),
    })
  })

  test('at its first sight where the finding says that it began just now, in every look', () => {
    const looks = [0, 10, 20, 30].map((s): Look => [s, late({ since: at(s) })])
    expect(after(looks)).toMatchObject({ state: 'open', since: at(0) })
  })

  test('no later than now where the finding comes from a clock that is ahead', () => {
    expect(after([[0, late({ since: at(5) })]])?.since).toBe(at(0))
    expect(
      after([
        [0, late({ since: at(5) })],
        [30, late({ since: at(35) })],
      ])?.state,
    ).toBe('open')
  })

  test('never, where there is no finding', () => {
    expect(after([[0, undefined]])).toBeUndefined()
  })

  test('named after its rule, its subject and its first sight', () => {
    expect(after([[0, late()]])?.key).toBe('price-late:core:BTC-USD:1700000000000')
  })
})

describe('a pending incident', () => {
  test('whose finding goes is over at once and was never open', () => {
    expect(
      after([
        [0, late()],
        [10, undefined],
      ]),
    ).toMatchObject({
      state: 'resolved',
      openedAt: undefined,
      resolvedAt: at(10),
      version: 2,
    })
  })

  test('starts anew when its finding comes back: the former time does not count', () => {
    const incident = after([
      [0, late()],
      [10, undefined],
      [20, late({ since: at(20) })],
      [40, late({ since: at(40) })],
    ])
    expect(incident).toMatchObject({ state: 'pending', since: at(20), comebacks: 0 })
  })

  test('has the severity of its newest finding, since nobody was told another one', () => {
    expect(
      after([
        [0, late({ severity: 'critical' })],
        [10, late()],
      ])?.severity,
    ).toBe('warning')
  })
})

describe('an open incident', () => {
  const open: Look = [30, late()]

  test('worsens, and does not get better', () => {
    const worse = after([
      open,
      [40, late({ severity: 'critical' })],
      [50, late({ severity: 'info' })],
    ])
    expect(worse).toMatchObject({ severity: 'critical', worsenedAt: at(40), state: 'open' })
  })

  test('takes over a new sentence, and is otherwise left alone by the same finding', () => {
    const first = after([open])
    const same = advance(first, late(), at(45), policy)
    expect(same).toBe(first)
    expect(advance(first, late({ summary: 'worse' }), at(45), policy)).toMatchObject({
      summary: 'worse',
      version: 2,
    })
  })

  test('refuses the finding of something else', () => {
    expect(() => advance(after([open]), late({ subject: 'core:ETH-USD' }), at(40), policy)).toThrow(
      'price-late of core:ETH-USD is not the incident price-late:core:BTC-USD',
    )
  })

  test('is not over when its finding is gone once, however long ago the look before was', () => {
    expect(after([open, [5000, undefined]])?.state).toBe('open')
  })

  test('is not over after enough looks that came too quickly', () => {
    expect(after([open, [40, undefined], [41, undefined], [99.999, undefined]])?.state).toBe('open')
  })

  test('is not over before as many looks in a row missed it as the policy says', () => {
    const thrice = { ...policy, resolveAfterLooks: 3 }
    const looks: readonly Look[] = [open, [40, undefined], [200, undefined]]
    expect(after(looks, thrice)?.state).toBe('open')
    expect(after([...looks, [201, undefined]], thrice)?.state).toBe('resolved')
  })

  test('is over when its finding has stayed away for long enough', () => {
    expect(after([open, [40, undefined], [100, undefined]])).toMatchObject({
      state: 'resolved',
      resolvedAt: at(100),
    })
  })

  test('that keeps coming back must stay away twice as long each time, up to the cap', () => {
    expect([0, 1, 2, 3, 4, 50].map(quietSeconds)).toEqual([60, 120, 240, 480, 600, 600])
  })
})

describe('a resolved incident', () => {
  const over: readonly Look[] = [
    [30, late()],
    [40, undefined],
    [100, undefined],
  ]

  test('stays as it is while nothing is found', () => {
    const incident = after(over)
    expect(advance(incident, undefined, at(500), policy)).toBe(incident)
  })

  test('is followed by another one with its own key, which counts as a comeback if it is soon', () => {
    const next = after([...over, [200, late({ since: at(200) })]])
    expect(next).toMatchObject({ state: 'pending', since: at(200), comebacks: 1, channels: {} })
    expect(next?.key).toBe('price-late:core:BTC-USD:1700000200000')
    expect(after([...over, [100 + 3601, late()]])?.comebacks).toBe(0)
  })

  test('is followed by another key even where the clock stood still or went back', () => {
    const atOnce = { ...policy, resolveAfterMs: 0, resolveAfterLooks: 1 }
    const looks: Look[] = [
      [30, late()],
      [30, undefined],
      [30, late()],
      [30, undefined],
      [10, late()],
    ]
    const keys = looks.map((_, i) => after(looks.slice(0, i + 1), atOnce)?.key)
    expect(new Set(keys).size).toBe(3)
  })
})

const severities = ['info', 'warning', 'critical'] as const satisfies Severity[]
const history = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 90 }),
    fc.option(fc.constantFrom(...severities), { nil: undefined }),
  ),
  { maxLength: 60 },
)

/** Looks at growing times, each with what it found. */
function looksOf(steps: readonly (readonly [number, Severity | undefined])[]): Look[] {
  let seconds = 1000
  return steps.map(([pause, severity]) => {
    seconds += pause
    return [seconds, severity && late({ severity, since: at(seconds) })]
  })
}

/** The incident before and after each look. */
function stepsOf(looks: readonly Look[], rules: IncidentPolicy) {
  return looks.map((_, i) => ({
    before: after(looks.slice(0, i), rules),
    next: after(looks.slice(0, i + 1), rules),
  }))
}

describe('whatever is found and not found', () => {
  test('a look either changes nothing at all or makes the next version', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let incident: Incident | undefined
        const growths = looksOf(steps).map(([seconds, finding]) => {
          const before = incident
          incident = advance(before, finding, at(seconds), incidentPolicy)
          return incident === before ? 0 : (incident?.version ?? 0) - (before?.version ?? 0)
        })
        expect(growths.filter((growth) => growth !== 0 && growth !== 1)).toEqual([])
      }),
    )
  })

  test('it is open exactly from when it was found without a gap for long enough, until it stayed away', () => {
    const plain = { ...policy, maxResolveAfterMs: policy.resolveAfterMs }
    fc.assert(
      fc.property(history, (steps) => {
        const looks = looksOf(steps)
        // Told anew from the whole past at each look, by the sentence above.
        let open = false
        const expected = looks.map(([seconds, finding], i) => {
          const past = looks.slice(0, i + 1)
          const lastOther = past.findLastIndex(([, found]) => Boolean(found) !== Boolean(finding))
          const run = past.slice(lastOther + 1)
          const lastedMs = (seconds - (run[0]?.[0] ?? seconds)) * 1000
          if (!open && finding && lastedMs >= finding.afterMs) open = true
          if (open && !finding && lastedMs >= plain.resolveAfterMs && run.length >= 2) open = false
          return open
        })
        const states = looks.map((_, i) => after(looks.slice(0, i + 1), plain)?.state === 'open')
        expect(states).toEqual(expected)
      }),
    )
  })

  test('a new key comes only after a resolved incident, and no key comes twice', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const changes = stepsOf(looksOf(steps), policy).filter(
          ({ before, next }) => before?.key !== next?.key,
        )
        const keys = changes.map(({ next }) => next?.key)
        expect(new Set(keys).size).toBe(keys.length)
        const former = changes.map(({ before }) => before?.state ?? 'resolved')
        expect(former.filter((state) => state !== 'resolved')).toEqual([])
      }),
    )
  })

  test('what is resolved stays as it was, and nothing gets younger', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const same = stepsOf(looksOf(steps), policy).filter(
          ({ before, next }) => before?.key === next?.key,
        )
        const younger = same.filter(({ before, next }) => (next?.since ?? 0) > (before?.since ?? 0))
        expect(younger).toEqual([])
        const over = same.filter(({ before }) => before?.state === 'resolved')
        expect(over.map(({ next }) => next)).toEqual(over.map(({ before }) => before))
      }),
    )
  })
})
