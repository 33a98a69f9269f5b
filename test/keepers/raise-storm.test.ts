import { expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Severity } from '../../lib/domain/alert.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import { raiseIncidents } from '../../lib/keepers/raise-incidents.ts'
import type { Incidents } from '../../lib/ports.ts'
import { aFinding, anAlertWorld } from './alert-world.ts'

/** A store that answers each write after so many turns of the loop, another number for each, and counts those at once. */
function aSlowStore(turnsOf: (subject: string) => number, fails: (subject: string) => boolean) {
  const world = anAlertWorld()
  const { incidents } = memoryStore({ clock: world.clock })
  let [now, most] = [0, 0]
  const slow: Incidents = {
    ...incidents,
    async write(incident) {
      now += 1
      most = Math.max(most, now)
      for (let turn = 0; turn < turnsOf(incident.subject); turn += 1)
        await new Promise((resolve) => setImmediate(resolve))
      now -= 1
      if (fails(incident.subject)) throw new Error(`no answer for ${incident.subject}`)
      return incidents.write(incident)
    },
  }
  const notices: Notice[] = []
  const notify = (notice: Notice): void => void notices.push(notice)
  const messenger = world.messenger({ incidents: slow, notify })
  const told = () =>
    notices.flatMap((one) =>
      one.kind === 'incident' ? [`${one.state} ${one.incident.subject}`] : [],
    )
  return { ...world, incidents, messenger, told, most: () => most }
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `market-${n}`)
const number = (subject: string) => Number(subject.split('-')[1])

test('a storm is written many at once and no more, and told in the order in which it was found', async () => {
  // The later ones of each turn are written first.
  const { incidents, messenger, told, most } = aSlowStore(
    (subject) => 10 - (number(subject) % 10),
    () => false,
  )
  const subjects = names(1_000)
  const findings = subjects.map((subject) => aFinding(subject))
  await raiseIncidents(messenger, { findings, unseen: [] })
  expect(told()).toEqual(subjects.map((subject) => `opened ${subject}`))
  expect(await incidents.open()).toHaveLength(1_000)
  expect(most()).toBe(50)
})

test('what is critical is written and told before the rest', async () => {
  const { messenger, told } = aSlowStore(
    () => 0,
    () => false,
  )
  const severities: readonly Severity[] = ['info', 'warning', 'critical', 'warning', 'critical']
  const findings = severities.map((severity, n) => aFinding(`market-${n}`, severity))
  await raiseIncidents(messenger, { findings, unseen: [] })
  expect(told().map((text) => number(text))).toEqual([2, 4, 1, 3, 0])
})

test('where the store fails for one, the others are written and told, and the next look takes it up', async () => {
  let isBroken = true
  const { incidents, messenger, told } = aSlowStore(
    () => 0,
    (subject) => isBroken && subject === 'market-3',
  )
  const findings = names(120).map((subject) => aFinding(subject))
  const raising = raiseIncidents(messenger, { findings, unseen: [] })
  await expect(raising).rejects.toThrow('no answer for market-3')
  expect(await incidents.open()).toHaveLength(119)
  expect(told()).toHaveLength(119)
  isBroken = false
  await raiseIncidents(messenger, { findings, unseen: [] })
  expect(told().slice(119)).toEqual(['opened market-3'])
})

test('a storm that stands is read once and written no more', async () => {
  const { messenger } = aSlowStore(
    () => 0,
    () => false,
  )
  const asked: string[] = []
  const counted: Incidents = {
    ...messenger.incidents,
    read: async (rule, subject) => {
      asked.push(`read ${subject}`)
      return messenger.incidents.read(rule, subject)
    },
    write: async (incident) => {
      asked.push(`write ${incident.subject}`)
      return messenger.incidents.write(incident)
    },
  }
  const findings = names(200).map((subject) => aFinding(subject))
  await raiseIncidents({ ...messenger, incidents: counted }, { findings, unseen: [] })
  expect(asked).toHaveLength(400)
  asked.length = 0
  await raiseIncidents({ ...messenger, incidents: counted }, { findings, unseen: [] })
  expect(asked).toEqual([])
})

test('what another worker has changed meanwhile is looked at as it is then', async () => {
  const { incidents, messenger, told, pass } = aSlowStore(
    () => 0,
    () => false,
  )
  const finding = aFinding('market-0')
  await raiseIncidents(messenger, { findings: [finding], unseen: [] })
  const [before] = await incidents.open()
  if (!before) throw new Error('it is open')
  // Another worker writes between the look at all that are open and this one's own write.
  const stale: Incidents = { ...messenger.incidents, open: async () => [before] }
  await incidents.write({ ...before, summary: 'by another worker', version: before.version + 1 })
  pass(1_000)
  const worse = { ...finding, severity: 'critical' as const }
  await raiseIncidents({ ...messenger, incidents: stale }, { findings: [worse], unseen: [] })
  expect(told()).toEqual(['opened market-0', 'worsened market-0'])
  expect(await incidents.read('price-late', 'market-0')).toMatchObject({
    severity: 'critical',
    version: before.version + 2,
  })
})
