import { describe, expect, test } from 'vitest'

import { AlertRefusedError } from '../../lib/domain/alert.ts'
import type { Silence } from '../../lib/domain/attention.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { acknowledge } from '../../lib/tools/attend.ts'
import { aFinding, anAlertWorld, start } from './alert-world.ts'

const hourMs = 3_600_000

const aSilence = (change: Partial<Silence> = {}): Silence => ({
  id: 's',
  match: { rule: 'price-*' },
  until: timestamp(start + hourMs),
  by: 'ann',
  reason: 'maintenance',
  deadlines: false,
  ...change,
})

const expires = (subject: string) => ({ ...aFinding(subject), rule: 'batch-expires' })

const states = (heard: ReturnType<typeof anAlertWorld>['chat']) =>
  heard.alone().map(({ subject, state }) => `${subject} ${state}`)

describe('a silence', () => {
  test('is kept until it is over, and then what is still open is told', async () => {
    const { look, pass, store, chat } = anAlertWorld()
    await store.desk.silence(aSilence())
    await look([aFinding('a'), { ...aFinding('b'), rule: 'no-price' }])
    expect(states(chat)).toEqual(['b opened'])
    pass(hourMs - 1)
    await look([aFinding('a'), { ...aFinding('b'), rule: 'no-price' }])
    expect(states(chat)).toEqual(['b opened'])
    pass(1)
    await look([aFinding('a'), { ...aFinding('b'), rule: 'no-price' }])
    expect(states(chat)).toEqual(['b opened', 'a opened'])
  })

  test('of what came and went meanwhile nobody ever hears', async () => {
    const { look, pass, store, chat } = anAlertWorld()
    await store.desk.silence(aSilence())
    await look([aFinding('a')])
    for (let looks = 0; looks < 5; looks += 1) {
      pass(60_000)
      await look([])
    }
    pass(2 * hourMs)
    await look([])
    expect(chat.heard).toEqual([])
    expect(await store.incidents.open()).toEqual([])
  })

  test('does not keep the end from whoever heard the beginning', async () => {
    const { look, pass, store, chat } = anAlertWorld()
    await look([aFinding('a')])
    await store.desk.silence(aSilence())
    for (let looks = 0; looks < 5; looks += 1) {
      pass(60_000)
      await look([])
    }
    expect(states(chat)).toEqual(['a opened', 'a resolved'])
  })

  test('means a deadline only where it says so', async () => {
    const { look, store, chat } = anAlertWorld()
    await store.desk.silence(aSilence({ match: { subject: '*' } }))
    await look([aFinding('a'), expires('b')])
    expect(states(chat)).toEqual(['b opened'])
    await store.desk.silence(aSilence({ match: { subject: '*' }, deadlines: true }))
    await look([aFinding('a'), expires('b'), expires('c')])
    expect(states(chat)).toEqual(['b opened'])
  })
})

describe('an alert that stays open', () => {
  const remindMs = 4 * hourMs
  const open = [aFinding('a')]

  test('is said again after four hours, and again after eight', async () => {
    const { look, pass, chat } = anAlertWorld({ remindMs })
    await look(open)
    pass(remindMs - 1)
    await look(open)
    expect(states(chat)).toEqual(['a opened'])
    pass(1)
    for (let looks = 0; looks < 3; looks += 1) await look(open)
    expect(states(chat)).toEqual(['a opened', 'a reminded'])
    pass(remindMs)
    for (let looks = 0; looks < 3; looks += 1) await look(open)
    expect(states(chat)).toEqual(['a opened', 'a reminded', 'a reminded'])
    expect(new Set(chat.alone().map(({ at }) => at)).size).toBe(3)
  })

  test('ends once, however often it was said', async () => {
    const { look, pass, chat } = anAlertWorld({ remindMs })
    await look(open)
    pass(remindMs)
    await look(open)
    for (let looks = 0; looks < 5; looks += 1) {
      pass(60_000)
      await look([])
    }
    expect(states(chat)).toEqual(['a opened', 'a reminded', 'a resolved'])
  })

  test('is not repeated where it is only news, nor by a channel that is not reminded', async () => {
    const { look, pass, chat, messenger } = anAlertWorld({ remindMs })
    await look([aFinding('a', 'info')])
    pass(remindMs)
    await look([aFinding('a', 'info')])
    expect(states(chat)).toEqual(['a opened'])
    await look(open)
    pass(remindMs)
    const { rules } = messenger()
    const never = Object.fromEntries(
      Object.entries(rules).map(([name, own]) => [name, { ...own, remindMs: undefined }]),
    )
    await look(open, messenger({ rules: never }))
    expect(states(chat)).toEqual(['a opened', 'a worsened'])
  })

  test('is not repeated for ever to a channel that refuses to hear it again', async () => {
    const { look, pass, chat } = anAlertWorld({ remindMs })
    await look(open)
    pass(remindMs)
    let tries = 0
    chat.fail(() => {
      tries += 1
      return new AlertRefusedError('chat', 'no')
    })
    for (let looks = 0; looks < 4; looks += 1) await look(open)
    expect(tries).toBe(1)
  })

  test('is not repeated while somebody has it in hand, and is again after that', async () => {
    const { look, pass, chat, store, clock } = anAlertWorld({ remindMs })
    await look(open)
    const mine = { rule: 'price-late', subject: 'a', by: 'ann', note: 'on it' }
    await acknowledge(store, { ...mine, now: clock.now(), forMs: 6 * hourMs })
    pass(6 * hourMs - 1)
    await look(open)
    expect(states(chat)).toEqual(['a opened'])
    pass(1)
    await look(open)
    expect(states(chat)).toEqual(['a opened', 'a reminded'])
  })

  test('that is in hand and worsens is told all the same, also to the pager', async () => {
    const { look, chat, pager, store, clock } = anAlertWorld({ remindMs })
    await look(open)
    const mine = { rule: 'price-late', subject: 'a', by: 'ann', note: '' }
    await acknowledge(store, { ...mine, now: clock.now(), forMs: hourMs })
    await look([aFinding('a', 'critical')])
    expect(states(chat)).toEqual(['a opened', 'a worsened'])
    expect(states(pager)).toEqual(['a opened'])
  })

  test('that comes again is nobody’s', async () => {
    const { look, pass, chat, store, clock } = anAlertWorld({ remindMs })
    await look(open)
    const mine = { rule: 'price-late', subject: 'a', by: 'ann', note: '' }
    await acknowledge(store, { ...mine, now: clock.now(), forMs: 24 * hourMs })
    for (let looks = 0; looks < 5; looks += 1) {
      pass(60_000)
      await look([])
    }
    await look(open)
    pass(remindMs)
    await look(open)
    expect(states(chat)).toEqual(['a opened', 'a resolved', 'a opened', 'a reminded'])
  })
})
