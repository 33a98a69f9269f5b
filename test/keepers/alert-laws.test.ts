import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { AlertNotTakenError, AlertRefusedError, type Severity } from '../../lib/domain/alert.ts'
import type { ChannelRules } from '../../lib/domain/channel-pace.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { aFinding, anAlertWorld, type Heard } from './alert-world.ts'

/** Few enough that a digest names all that are in it. */
const subjects = ['a', 'b', 'c', 'd', 'e', 'f'] as const

type Fate = 'taken' | 'busy' | 'refused' | 'lost'

const fate = fc.constantFrom<Fate[]>('taken', 'taken', 'busy', 'refused')
const severity = fc.constantFrom<Severity[]>('info', 'warning', 'critical')

const rounds = (fates: fc.Arbitrary<Fate>) =>
  fc.array(
    fc.record({
      pause: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 9_000_000 })),
      found: fc.array(fc.tuple(fc.constantFrom(...subjects), severity), { maxLength: 6 }),
      chat: fc.array(fates, { minLength: 1, maxLength: 5 }),
      pager: fc.array(fates, { minLength: 1, maxLength: 5 }),
      word: fc.constantFrom('none', 'none', 'silence', 'ack'),
    }),
    { minLength: 1, maxLength: 14 },
  )

const manners: fc.Arbitrary<Partial<ChannelRules>> = fc.record({
  mostPerMinute: fc.integer({ min: 3, max: 8 }),
  singlesPerMinute: fc.integer({ min: 1, max: 4 }),
  gapMs: fc.constantFrom(0, 1_000),
  gatherInfoMs: fc.constantFrom(0, 3_600_000),
  remindMs: fc.constantFrom(undefined, 4 * 3_600_000),
  quiet: fc.constantFrom([], [{ days: ['fri' as const], from: '08:00', to: '08:30', zone: 'UTC' }]),
})

const errors: Record<Fate, () => Error | undefined> = {
  taken: () => undefined,
  busy: () => new AlertNotTakenError('chat', 'status 503'),
  refused: () => new AlertRefusedError('chat', 'status 400'),
  lost: () => new Error('ECONNRESET'),
}

type Round = {
  readonly pause: number
  readonly found: readonly (readonly [string, Severity])[]
  readonly chat: readonly Fate[]
  readonly pager: readonly Fate[]
  readonly word: 'none' | 'silence' | 'ack'
}

async function play(history: readonly Round[], rules: Partial<ChannelRules>) {
  const world = anAlertWorld(rules)
  const { look, pass, chat, pager, store, clock } = world
  for (const { pause, found, word, ...fates } of history) {
    for (const [hearer, all] of [
      [chat, fates.chat],
      [pager, fates.pager],
    ] as const) {
      let turn = 0
      hearer.fail(() => errors[all[turn++ % all.length] ?? 'taken']())
    }
    const until = timestamp(clock.now() + 600_000)
    const said = { by: 'ann', until }
    if (word === 'silence')
      await store.desk.silence({
        ...said,
        id: 's',
        match: { subject: 'a' },
        reason: 'r',
        deadlines: false,
      })
    const open = (await store.incidents.open())[0]
    if (word === 'ack' && open) await store.desk.acknowledge({ ...said, ...open, note: '' })
    await look(found.map(([subject, level]) => aFinding(subject, level)))
    pass(pause)
  }
  return world
}

async function heal({ look, pass, chat, pager }: ReturnType<typeof anAlertWorld>) {
  chat.fail(undefined)
  pager.fail(undefined)
  for (let looks = 0; looks < 12; looks += 1) {
    pass(1_000_000)
    await look([])
  }
}

/** What a channel was told of each occurrence, in order, whether alone or in a digest. */
function conversations(heard: readonly Heard[]) {
  const all = heard.flatMap(({ alert, digest }) => (digest ? digest.worst : [alert]))
  return Object.values(Object.groupBy(all, ({ key }) => key)).map((some) =>
    (some ?? []).map(({ state }) => state).join(' '),
  )
}

/** Reminders aside: it opened at most once, was worse at most twice, and was over at most once, at last. */
const orderly = /^(?:opened)?(?: worsened){0,2}(?: ?resolved)?$/

describe('whatever is found, said and broken, at any pace', () => {
  test('each channel hears of a beginning and of an end at most once, and of the end last', async () => {
    await fc.assert(
      fc.asyncProperty(rounds(fate), manners, async (history, rules) => {
        const world = await play(history, rules)
        await heal(world)
        for (const { heard } of [world.chat, world.pager, world.spare]) {
          const told = conversations(heard).map((line) => line.replaceAll(/ ?reminded/g, '').trim())
          expect(told.filter((line) => !orderly.test(line))).toEqual([])
        }
      }),
      { numRuns: 120 },
    )
  }, 60_000)

  test('in the end nothing is owed to anybody', async () => {
    await fc.assert(
      fc.asyncProperty(rounds(fate), manners, async (history, rules) => {
        const world = await play(history, rules)
        await heal(world)
        expect(await world.store.incidents.open()).toEqual([])
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('whoever may have heard of a beginning hears of the end, also after lost answers', async () => {
    const anything = fc.constantFrom<Fate[]>('taken', 'busy', 'lost')
    await fc.assert(
      fc.asyncProperty(rounds(anything), manners, async (history, rules) => {
        const world = await play(history, rules)
        await heal(world)
        for (const { heard } of [world.chat, world.pager, world.spare]) {
          const endless = conversations(heard).filter((line) => !line.endsWith('resolved'))
          expect(endless).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('what is critical and a channel does not take is told by the fallback within a minute', async () => {
    const dead = fc.constantFrom<Fate[]>('busy', 'refused', 'lost')
    await fc.assert(
      fc.asyncProperty(
        fc.array(dead, { minLength: 1, maxLength: 4 }),
        manners,
        async (fates, rules) => {
          const { look, pass, pager, spare } = anAlertWorld(rules)
          let turn = 0
          pager.fail(() => errors[fates[turn++ % fates.length] ?? 'busy']())
          for (let looks = 0; looks < 8; looks += 1) {
            await look([aFinding('a', 'critical')])
            pass(8_000)
          }
          expect(spare.alone().map(({ subject, state }) => `${subject} ${state}`)).toEqual([
            'a opened',
          ])
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)
})
