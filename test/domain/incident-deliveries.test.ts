import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type Alert,
  AlertNotTakenError,
  type AlertOutcome,
  AlertRefusedError,
  outcomeOfError,
  type Severity,
} from '../../lib/domain/alert.ts'
import {
  begun,
  deliveries,
  type Delivery,
  namedChannels,
  type Routing,
  told,
} from '../../lib/domain/incident-deliveries.ts'
import {
  advance,
  type Finding,
  type Incident,
  type IncidentPolicy,
  isFinished,
} from '../../lib/domain/incident.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = (seconds: number) => timestamp(1_700_000_000_000 + seconds * 1000)

const routing: Routing = {
  network: 'test',
  routes: { info: [], warning: ['chat'], critical: ['chat', 'pager'] },
  fallback: ['spare'],
}

const policy: IncidentPolicy = {
  resolveAfterMs: 0,
  resolveAfterLooks: 1,
  maxResolveAfterMs: 0,
  flapWindowMs: 0,
}

const delivered: AlertOutcome = { kind: 'delivered' }
const failed: AlertOutcome = { kind: 'failed', retryAfterMs: undefined }
const unsure: AlertOutcome = { kind: 'unsure' }
const refused: AlertOutcome = { kind: 'refused' }

function found(severity: Severity, change: Partial<Finding> = {}): Finding {
  return {
    rule: 'price-late',
    subject: 'core:BTC-USD',
    severity,
    summary: 'no price for long',
    since: at(0),
    afterMs: 0,
    ...change,
  }
}

function look(incident: Incident | undefined, finding: Finding | undefined, seconds: number) {
  const next = advance(incident, finding, at(seconds), policy)
  if (!next) throw new Error('there is no incident to look at')
  return next
}

const opened = (severity: Severity) => look(undefined, found(severity), 0)

/** Everything due at that time ends so, channel by channel. */
function tell(
  incident: Incident,
  outcomes: Readonly<Record<string, AlertOutcome>>,
  seconds: number,
) {
  const now = deliveries(incident, routing, at(seconds))
  const tried = begun(incident, now, at(seconds))
  const ends = now.map((delivery) => ({
    ...delivery,
    outcome: outcomes[delivery.channel] ?? delivered,
  }))
  return told(tried, ends, at(seconds))
}

/** Chat was told nothing, and asks for so much time. */
function asks(retryAfterMs: number): Incident {
  return tell(opened('warning'), { chat: { kind: 'failed', retryAfterMs } }, 0)
}

/** `channel state severity`, in order. */
function due(incident: Incident, seconds: number): readonly string[] {
  return deliveries(incident, routing, at(seconds)).map(
    ({ channel, alert }) => `${channel} ${alert.state} ${alert.severity}`,
  )
}

describe('who is told what', () => {
  test('nobody hears of a pending incident, nor of one that went before it opened', () => {
    const pending = look(undefined, found('critical', { since: at(0), afterMs: 10_000 }), 0)
    expect(due(pending, 0)).toEqual([])
    expect(due(look(pending, undefined, 5), 5)).toEqual([])
  })

  test('the channels of its severity hear that it opened, and only once', () => {
    const incident = opened('critical')
    expect(due(incident, 0)).toEqual(['chat opened critical', 'pager opened critical'])
    expect(due(tell(incident, {}, 0), 1000)).toEqual([])
  })

  test('a severity without channels wakes nobody, not even the fallback', () => {
    expect(due(opened('info'), 0)).toEqual([])
  })

  test('when it worsens, those who know hear so and those of the new severity hear that it opened', () => {
    const worse = look(tell(opened('warning'), {}, 0), found('critical'), 60)
    expect(due(worse, 60)).toEqual(['chat worsened critical', 'pager opened critical'])
  })

  test('one whom the new severity is not routed to hears of it too, if it knows of the incident', () => {
    const onlyPager = { ...routing, routes: { ...routing.routes, critical: ['pager'] } }
    const worse = look(tell(opened('warning'), {}, 0), found('critical'), 60)
    const channels = deliveries(worse, onlyPager, at(60)).map(({ channel }) => channel)
    expect(channels).toEqual(['pager', 'chat'])
  })

  test('what the first match says counts, and elsewhere the usual routes', () => {
    const own = {
      ...routing,
      subjects: [
        { match: { rule: 'no-*' }, routes: { warning: ['spare'] } },
        { match: { subject: 'core:*' }, routes: { warning: ['desk', 'pager'], info: ['desk'] } },
        { match: { rule: 'price-*' }, routes: { warning: ['spare'], critical: ['spare'] } },
      ],
    }
    const heard = (severity: Severity) =>
      deliveries(opened(severity), own, at(0)).map(({ channel }) => channel)
    expect(heard('warning')).toEqual(['desk', 'pager'])
    expect(heard('info')).toEqual(['desk'])
    // The match that counts says nothing of it.
    expect(heard('critical')).toEqual(['chat', 'pager'])
    expect(namedChannels(own)).toEqual(new Set(['chat', 'pager', 'spare', 'desk']))
  })

  test('its end is told where it was raised and only there', () => {
    const half = tell(opened('critical'), { pager: failed }, 0)
    expect(due(look(half, undefined, 60), 60)).toEqual(['chat resolved critical'])
  })

  test('its end is told where it may have been heard', () => {
    const half = tell(opened('critical'), { chat: unsure, pager: failed }, 0)
    expect(due(look(half, undefined, 60), 60)).toEqual(['chat resolved critical'])
  })

  test('its end is told where a try was begun of which nobody knows the end', () => {
    const incident = opened('critical')
    const crashed = begun(incident, deliveries(incident, routing, at(0)), at(0))
    const over = look(crashed, undefined, 10)
    expect(due(over, 29)).toEqual([])
    expect(due(over, 30)).toEqual(['chat resolved critical', 'pager resolved critical'])
  })

  test('a message carries what a person needs, and is the same in each try', () => {
    const incident = tell(opened('critical'), { chat: failed }, 0)
    const expected: Alert = {
      key: 'price-late:core:BTC-USD:1700000000000',
      state: 'opened',
      severity: 'critical',
      rule: 'price-late',
      subject: 'core:BTC-USD',
      summary: 'no price for long',
      network: 'test',
      since: at(0),
      at: at(0),
    }
    expect(deliveries(incident, routing, at(20))).toEqual([{ channel: 'chat', alert: expected }])
  })

  test('a worsening and an end carry their own times', () => {
    const worse = look(tell(opened('warning'), {}, 0), found('critical'), 60)
    expect(deliveries(worse, routing, at(99))[0]?.alert.at).toBe(at(60))
    const over = look(tell(worse, {}, 99), undefined, 120)
    expect(deliveries(over, routing, at(150))[0]?.alert.at).toBe(at(120))
  })

  test('a channel may be named like a property that every object has', () => {
    const odd = { ...routing, routes: { ...routing.routes, warning: ['constructor', '__proto__'] } }
    const incident = opened('warning')
    const first = deliveries(incident, odd, at(0))
    expect(first.map(({ channel }) => channel)).toEqual(['constructor', '__proto__'])
    const after = told(
      incident,
      first.map((one) => ({ ...one, outcome: delivered })),
      at(0),
    )
    expect(deliveries(after, odd, at(9))).toEqual([])
  })
})

describe('a channel that fails', () => {
  test('is tried again after 1, 2, 4, … seconds, at most five minutes', () => {
    let incident = opened('warning')
    let seconds = 0
    const waits = Array.from({ length: 11 }, () => {
      incident = tell(incident, { chat: failed, spare: delivered }, seconds)
      const wait = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].find((s) =>
        due(incident, seconds + s).includes('chat opened warning'),
      )
      expect(due(incident, seconds + (wait ?? 0) - 0.001)).not.toContain('chat opened warning')
      seconds += wait ?? 0
      return wait
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  })

  test('is given the time that it asks for, but not more than five minutes', () => {
    expect(due(asks(30_000), 29.9)).toEqual([])
    expect(due(asks(30_000), 30)).toEqual(['chat opened warning'])
    expect(due(asks(86_400_000), 300)).toEqual(['chat opened warning'])
  })

  test('is tried at once where the clock turns out to have been wrong by far', () => {
    expect(due(tell(opened('warning'), { chat: failed }, 5000), 0)).toEqual(['chat opened warning'])
  })

  test('is replaced by the fallback after three tries, and still tried', () => {
    const twice = [0, 1].reduce((one, s) => tell(one, { chat: failed }, s), opened('warning'))
    expect(due(twice, 3)).toEqual(['chat opened warning'])
    const thrice = tell(twice, { chat: failed }, 3)
    expect(due(thrice, 3)).toEqual(['spare opened warning'])
    expect(due(thrice, 7)).toEqual(['chat opened warning', 'spare opened warning'])
  })

  test('is replaced after half a minute where somebody must get up, however rarely it is tried', () => {
    const once = tell(opened('critical'), { chat: failed }, 0)
    expect(due(once, 29.9)).toEqual(['chat opened critical'])
    expect(due(once, 30)).toEqual(['chat opened critical', 'spare opened critical'])
    const mild = tell(opened('warning'), { chat: failed }, 0)
    expect(due(mild, 30)).toEqual(['chat opened warning'])
  })

  test('is replaced at once when it refuses, and not tried with the same message again', () => {
    const incident = tell(opened('warning'), { chat: refused }, 0)
    expect(due(incident, 1000)).toEqual(['spare opened warning'])
    const covered = tell(incident, {}, 1)
    expect(due(covered, 1000)).toEqual([])
    expect(due(look(covered, found('critical'), 60), 60)).toEqual([
      'chat opened critical',
      'pager opened critical',
      'spare worsened critical',
    ])
  })

  test('does not keep the incident alive when it refuses to hear its end', () => {
    const over = look(tell(opened('warning'), {}, 0), undefined, 60)
    expect(isFinished(over)).toBe(false)
    expect(isFinished(tell(over, { chat: refused }, 60))).toBe(true)
  })

  test('hears the end for a day, and is then left alone', () => {
    let incident = look(tell(opened('warning'), {}, 0), undefined, 60)
    let seconds = 60
    let tries = 0
    while (!isFinished(incident) && tries < 1000) {
      incident = tell(incident, { chat: failed }, seconds)
      seconds += 300
      tries += 1
    }
    expect(tries).toBe(300)
    expect(seconds).toBeGreaterThan(24 * 3600)
  })
})

describe('two workers', () => {
  test('do not send one message twice: what one has begun is not due for the other', () => {
    const incident = opened('warning')
    const claimed = begun(incident, deliveries(incident, routing, at(0)), at(0))
    expect(claimed.version).toBe(incident.version + 1)
    expect(due(claimed, 29.9)).toEqual([])
    expect(due(claimed, 30)).toEqual(['chat opened warning'])
  })

  test('an outcome that comes late is kept although the incident moved on', () => {
    const incident = opened('warning')
    const sent = deliveries(incident, routing, at(0))
    const over = look(begun(incident, sent, at(0)), undefined, 5)
    const after = told(
      over,
      sent.map((one) => ({ ...one, outcome: delivered })),
      at(6),
    )
    expect(due(after, 6)).toEqual(['chat resolved warning'])
  })

  test('an outcome that comes late never takes back what was told since', () => {
    const incident = opened('warning')
    const sent = deliveries(incident, routing, at(0))
    const over = tell(look(tell(incident, {}, 0), undefined, 5), {}, 5)
    const after = told(
      over,
      sent.map((one) => ({ ...one, outcome: delivered })),
      at(6),
    )
    expect(after.channels['chat']?.told).toBe('resolved')
    expect(due(after, 1000)).toEqual([])
  })

  test('an outcome of an occurrence that nobody knows any more changes nothing', () => {
    const incident = opened('warning')
    const [one] = deliveries(incident, routing, at(0))
    const other = {
      channel: 'chat',
      alert: { ...one?.alert, key: 'other' } as Alert,
      outcome: failed,
    }
    expect(told(incident, [other], at(1))).toBe(incident)
  })
})

describe('a new occurrence', () => {
  const over = look(tell(opened('warning'), {}, 0), undefined, 60)
  const next = look(tell(over, { chat: failed }, 60), found('warning', { since: at(90) }), 90)

  test('does not swallow the end of the former one, which is told first', () => {
    expect(due(next, 100)).toEqual(['chat resolved warning', 'chat opened warning'])
    const keys = deliveries(next, routing, at(100)).map(({ alert }) => alert.key)
    expect(keys).toEqual([over.key, next.key])
  })

  test('forgets the former one once its end was told', () => {
    expect(next.earlier).toHaveLength(1)
    expect(tell(next, {}, 100).earlier).toEqual([])
  })

  test('is not finished before the former one is', () => {
    const both = look(tell(next, { chat: failed }, 100), undefined, 101)
    expect(isFinished(both)).toBe(false)
    expect(isFinished(tell(both, {}, 500))).toBe(true)
  })
})

test('what a channel throws says whether the message may have been taken', () => {
  expect(outcomeOfError(new AlertRefusedError('chat', 'no'))).toEqual({ kind: 'refused' })
  expect(outcomeOfError(new AlertNotTakenError('chat', 'later', 5000))).toEqual({
    kind: 'failed',
    retryAfterMs: 5000,
  })
  expect(outcomeOfError(new TypeError('anything else'))).toEqual({ kind: 'unsure' })
})

/** What one try does: to the receiver, and to what we know of it. */
type Fate = 'delivered' | 'failed' | 'refused' | 'lost-answer' | 'lost-message' | 'crash'

type Step = {
  readonly pause: number
  readonly severity: Severity | undefined
  readonly fates: Readonly<Record<string, Fate>>
}

const channels = ['chat', 'pager', 'spare']

function steps(fates: readonly Fate[]): fc.Arbitrary<Step[]> {
  const fate = fc.constantFrom(...fates)
  return fc.array(
    fc.record({
      pause: fc.integer({ min: 0, max: 400 }),
      severity: fc.constantFrom(
        'info' as const,
        'warning' as const,
        'critical' as const,
        undefined,
      ),
      fates: fc.record({ chat: fate, pager: fate, spare: fate }),
    }),
    { maxLength: 40 },
  )
}

/** A watch and its receivers: what each really got, and the versions that were written. */
function world() {
  const inboxes = new Map(channels.map((channel) => [channel, [] as Alert[]]))
  const refusals = new Set<string>()
  const growths: number[] = []
  let incident: Incident | undefined
  let seconds = 0

  const write = (next: Incident | undefined) => {
    if (next === incident) return
    growths.push((next?.version ?? 0) - (incident?.version ?? 0))
    incident = next
  }
  const attempt = (delivery: Delivery, fate: Fate) => {
    const { channel, alert } = delivery
    if (['delivered', 'lost-answer', 'crash'].includes(fate)) inboxes.get(channel)?.push(alert)
    if (fate === 'refused') refusals.add(`${channel} ${alert.key} ${alert.state} ${alert.severity}`)
    const known = { delivered, failed, refused, 'lost-answer': unsure, 'lost-message': unsure }
    return fate === 'crash' ? [] : [{ ...delivery, outcome: known[fate] }]
  }
  const step = ({ pause, severity, fates }: Step) => {
    seconds += pause
    write(
      advance(incident, severity && found(severity, { since: at(seconds) }), at(seconds), policy),
    )
    if (!incident) return
    const now = deliveries(incident, routing, at(seconds))
    if (now.length === 0) return
    write(begun(incident, now, at(seconds)))
    const ends = now.flatMap((one) => attempt(one, fates[one.channel] ?? 'delivered'))
    if (ends.length > 0) write(told(incident, ends, at(seconds)))
  }
  /** All is well with the channels from here on; the finding stays, or not. */
  const heal = (severity: Severity | undefined) => {
    for (let i = 0; i < 5; i += 1) step({ pause: 301, severity, fates: {} })
  }
  return { inboxes, refusals, growths, step, heal, incident: () => incident }
}

/** What each channel got about each occurrence, in order. */
function conversations({ inboxes }: ReturnType<typeof world>) {
  return [...inboxes].flatMap(([channel, inbox]) =>
    Object.entries(Object.groupBy(inbox, ({ key }) => key)).map(([key, alerts = []]) => ({
      channel,
      key,
      heard: alerts.map(({ state, severity }) => `${state} ${severity}`),
    })),
  )
}

function run(history: readonly Step[], last: Severity | undefined) {
  const one = world()
  for (const step of history) one.step(step)
  one.heal(last)
  return one
}

const definite: readonly Fate[] = ['delivered', 'failed', 'refused']
const anything: readonly Fate[] = [...definite, 'lost-answer', 'lost-message', 'crash']

/** Opened once at some level, then each worse level at most once, then its end. */
const orderly =
  /^opened (info|warning|critical)(?<!critical)(, worsened critical)?(, resolved (warning|critical))?$|^opened critical(, resolved critical)?$/

describe('whatever is found, and however channels fail', () => {
  test('each channel hears each level of an occurrence at most once, in order, and its end last', () => {
    fc.assert(
      fc.property(steps(definite), (history) => {
        const heard = conversations(run(history, undefined)).map((one) => one.heard.join(', '))
        expect(heard.filter((line) => !orderly.test(line))).toEqual([])
      }),
    )
  })

  test('each channel hears the end exactly where it heard the beginning, or refused it', () => {
    fc.assert(
      fc.property(steps(definite), (history) => {
        const one = run(history, undefined)
        const wrong = conversations(one).filter(({ channel, key, heard }) => {
          const refusedEnd = ['info', 'warning', 'critical'].some((severity) =>
            one.refusals.has(`${channel} ${key} resolved ${severity}`),
          )
          const opens = heard.some((line) => line.startsWith('opened'))
          const ends = heard.some((line) => line.startsWith('resolved'))
          return opens ? !ends && !refusedEnd : true
        })
        expect(wrong).toEqual([])
      }),
    )
  })

  test('nothing is lost while a channel recovers: in the end all of the severity know it', () => {
    fc.assert(
      fc.property(
        steps(['delivered', 'failed']),
        fc.constantFrom('warning' as const, 'critical' as const),
        (history, last) => {
          const one = run(history, last)
          const incident = one.incident()
          const severity = incident?.severity ?? last
          const know = routing.routes[severity].filter((channel) =>
            one.inboxes
              .get(channel)
              ?.some((alert) => alert.key === incident?.key && alert.severity === severity),
          )
          expect(know).toEqual(routing.routes[severity])
        },
      ),
    )
  })

  test('whoever may have heard the beginning hears the end, also after lost answers and crashes', () => {
    fc.assert(
      fc.property(steps(anything.filter((fate) => fate !== 'refused')), (history) => {
        const one = run(history, undefined)
        const open = conversations(one).filter(({ heard }) => !heard.at(-1)?.startsWith('resolved'))
        expect(open).toEqual([])
      }),
    )
  })

  test('all versions grow by one, and every history ends finished once the channels are well', () => {
    fc.assert(
      fc.property(steps(anything), (history) => {
        const one = run(history, undefined)
        const incident = one.incident()
        expect(incident === undefined || isFinished(incident)).toBe(true)
        expect(one.growths.filter((growth) => growth !== 1)).toEqual([])
      }),
    )
  })
})
