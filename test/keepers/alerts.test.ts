import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Digest } from '../../lib/domain/alert-digest.ts'
import { type Alert, AlertNotTakenError, AlertRefusedError } from '../../lib/domain/alert.ts'
import type { Finding } from '../../lib/domain/incident.ts'
import { deliverAlerts, type Messenger } from '../../lib/keepers/deliver-alerts.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import { raiseIncidents } from '../../lib/keepers/raise-incidents.ts'
import type { AlertChannel, Incidents } from '../../lib/ports.ts'
import { movedClock } from './lane/lane-in-memory.ts'

/** A channel that keeps what it is given, or throws what it is told to. */
function aChannel(name: string) {
  const heard: Alert[] = []
  const digests: Digest[] = []
  let broken: (() => Error) | undefined
  const channel: AlertChannel = {
    name,
    async deliver(alert) {
      if (broken) throw broken()
      heard.push(alert)
    },
    async digest(digest) {
      if (broken) throw broken()
      digests.push(digest)
    },
  }
  return {
    channel,
    heard,
    digests,
    states: () => heard.map(({ state }) => state),
    fail(as: (() => Error) | undefined) {
      broken = as
    },
  }
}

function aWorld(
  wrap: (incidents: Incidents) => Incidents = (incidents) => incidents,
  rules: Messenger['rules'] = {},
) {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const incidents = wrap(store.incidents)
  const pager = aChannel('pager')
  const chat = aChannel('chat')
  const notices: Notice[] = []
  const messenger: Messenger = {
    clock,
    incidents,
    desk: store.desk,
    rules,
    channels: { pager: pager.channel, chat: chat.channel },
    routing: {
      network: 'sample',
      routes: { critical: ['pager'], warning: ['chat'], info: [] },
      fallback: ['chat'],
    },
    notify: (notice) => notices.push(notice),
  }
  const look = async (findings: readonly Finding[], unseen: readonly Finding[] = []) => {
    await raiseIncidents(messenger, { findings, unseen })
    await deliverAlerts(messenger)
    clock.pass(15_000)
  }
  const told = () => notices.flatMap((one) => (one.kind === 'incident' ? [one.state] : []))
  return { clock, store, incidents: store.incidents, messenger, pager, chat, notices, look, told }
}

const late: Finding = {
  rule: 'price-late',
  subject: 'dex:BTC-USD',
  severity: 'critical',
  summary: 'the price is late',
  since: 1_764_000_000_000 as Finding['since'],
  afterMs: 0,
}

describe('an incident', () => {
  test('is opened once, told once, and resolved where it was told', async () => {
    const { look, pager, chat, told, incidents } = aWorld()
    for (let looks = 0; looks < 3; looks += 1) await look([late])
    expect(pager.states()).toEqual(['opened'])
    for (let looks = 0; looks < 5; looks += 1) await look([])
    expect(pager.states()).toEqual(['opened', 'resolved'])
    expect(new Set(pager.heard.map(({ key }) => key)).size).toBe(1)
    expect(chat.heard).toEqual([])
    expect(told()).toEqual(['opened', 'resolved'])
    expect(await incidents.open()).toEqual([])
  })

  test('that has not lasted long enough is told to nobody', async () => {
    const { look, pager, told } = aWorld()
    await look([{ ...late, since: (late.since + 1) as Finding['since'], afterMs: 60_000 }])
    await look([])
    expect(pager.heard).toEqual([])
    expect(told()).toEqual([])
  })

  test('that worsens is told again, to those who hear of the worse', async () => {
    const { look, pager, chat, told } = aWorld()
    await look([{ ...late, severity: 'warning' }])
    expect([chat.states(), pager.states()]).toEqual([['opened'], []])
    await look([late])
    expect([chat.states(), pager.states()]).toEqual([['opened', 'worsened'], ['opened']])
    expect(told()).toEqual(['opened', 'worsened'])
  })

  test('that could not be looked for stands as it is', async () => {
    const { look, pager, incidents } = aWorld()
    await look([late])
    for (let looks = 0; looks < 6; looks += 1) await look([], [late])
    expect(pager.states()).toEqual(['opened'])
    expect(await incidents.open()).toMatchObject([{ state: 'open', goneLooks: 0 }])
  })

  test('found twice in one look is one', async () => {
    const { look, pager } = aWorld()
    await look([late, late])
    expect(pager.states()).toEqual(['opened'])
  })

  test('of one subject says nothing of another', async () => {
    const { look, pager } = aWorld()
    const other = { ...late, subject: 'dex:ETH-USD' }
    await look([late, other])
    for (let looks = 0; looks < 5; looks += 1) await look([other])
    expect(pager.heard.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
      'dex:BTC-USD opened',
      'dex:ETH-USD opened',
      'dex:BTC-USD resolved',
    ])
  })

  test('that two watchers find at once is one, opened once', async () => {
    const { messenger, incidents, told } = aWorld()
    const found = { findings: [late], unseen: [] }
    await Promise.all([raiseIncidents(messenger, found), raiseIncidents(messenger, found)])
    expect(await incidents.open()).toHaveLength(1)
    expect(told()).toEqual(['opened'])
  })

  test('whose row another worker has changed is read again', async () => {
    let stale = 2
    const { look, pager } = aWorld((incidents) => ({
      ...incidents,
      async write(incident) {
        stale -= 1
        return stale >= 0 ? 'stale' : incidents.write(incident)
      },
    }))
    await look([late])
    expect(pager.states()).toEqual(['opened'])
  })
})

describe('a message', () => {
  test('that does not get through is tried again, and told as trouble', async () => {
    const { look, pager, notices } = aWorld()
    pager.fail(() => new AlertNotTakenError('pager', 'status 503'))
    await look([late])
    expect(notices.filter(({ kind }) => kind === 'trouble')).toMatchObject([
      { where: 'alert channel pager', message: 'pager did not take the alert: status 503' },
    ])
    pager.fail(undefined)
    await look([late])
    expect(pager.states()).toEqual(['opened'])
  })

  test('that the receiver refuses goes to the fallback, and is not tried there again', async () => {
    const { look, pager, chat } = aWorld()
    pager.fail(() => new AlertRefusedError('pager', 'unknown key'))
    for (let looks = 0; looks < 3; looks += 1) await look([late])
    expect(chat.states()).toEqual(['opened'])
    pager.fail(undefined)
    await look([late])
    expect(pager.heard).toEqual([])
  })

  test('of a dead channel goes to the fallback, and both hear of the end', async () => {
    const { look, pager, chat } = aWorld()
    pager.fail(() => new AlertNotTakenError('pager', 'status 503'))
    for (let looks = 0; looks < 6; looks += 1) await look([late])
    expect(chat.states()).toEqual(['opened'])
    pager.fail(undefined)
    await look([late])
    expect(pager.states()).toEqual(['opened'])
    for (let looks = 0; looks < 5; looks += 1) await look([])
    expect([chat.states().at(-1), pager.states().at(-1)]).toEqual(['resolved', 'resolved'])
  })

  test('is sent by one of two workers', async () => {
    const { messenger, pager } = aWorld()
    await raiseIncidents(messenger, { findings: [late], unseen: [] })
    await Promise.all([deliverAlerts(messenger), deliverAlerts(messenger)])
    expect(pager.states()).toEqual(['opened'])
  })

  test('whose end could not be stored is sent again when its lease is over', async () => {
    let down = false
    const { clock, messenger, pager } = aWorld((incidents) => ({
      ...incidents,
      async write(incident) {
        if (down) throw new Error('the table is gone')
        return incidents.write(incident)
      },
    }))
    await raiseIncidents(messenger, { findings: [late], unseen: [] })
    const { channel } = pager
    const cutting: AlertChannel = {
      ...channel,
      async deliver(alert) {
        await channel.deliver(alert)
        down = true
      },
    }
    const channels = { ...messenger.channels, pager: cutting }
    await expect(deliverAlerts({ ...messenger, channels })).rejects.toThrow('the table is gone')
    down = false
    await deliverAlerts(messenger)
    expect(pager.states()).toEqual(['opened'])
    clock.pass(30_000)
    await deliverAlerts(messenger)
    expect(pager.states()).toEqual(['opened', 'opened'])
  })

  test('of one incident is brought to its end where the store fails for another', async () => {
    const { messenger, pager, incidents } = aWorld((rows) => ({
      ...rows,
      async write(incident) {
        if (incident.subject === 'broken') throw new Error('the table is gone')
        return rows.write(incident)
      },
    }))
    await incidents.write(await openOf('broken'))
    await incidents.write(await openOf('whole'))
    await expect(deliverAlerts(messenger)).rejects.toThrow('the table is gone')
    expect(pager.heard.map(({ subject }) => subject)).toEqual(['whole'])
    expect(await incidents.read('price-late', 'whole')).toMatchObject({
      channels: { pager: { told: 'opened', trying: false } },
    })
  })

  test('that is owed to a channel which is no longer in the network file keeps nothing open', async () => {
    const { look, messenger, incidents } = aWorld()
    await look([late])
    const { pager: _gone, ...channels } = messenger.channels
    const routes = { critical: ['chat'], warning: ['chat'], info: [] }
    const after = { ...messenger, channels, routing: { ...messenger.routing, routes } }
    for (let looks = 0; looks < 5; looks += 1) {
      await raiseIncidents(after, { findings: [], unseen: [] })
      await deliverAlerts(after)
      await messenger.clock.sleep(15_000)
    }
    expect(await incidents.open()).toEqual([])
  })

  test('is left to others where this process has no such channel', async () => {
    const { messenger, incidents } = aWorld()
    await raiseIncidents(messenger, { findings: [late], unseen: [] })
    await deliverAlerts({ ...messenger, channels: {} })
    expect(await incidents.read(late.rule, late.subject)).toMatchObject({
      version: 1,
      channels: {},
    })
  })
})

/** An incident that is open and that nobody was told of. */
async function openOf(subject: string) {
  const { messenger, incidents } = aWorld()
  await raiseIncidents(messenger, { findings: [{ ...late, subject }], unseen: [] })
  const incident = await incidents.read(late.rule, subject)
  if (!incident) throw new TypeError('it was not raised')
  return incident
}

/** A chat that calls its messages 1, 2, 3, … */
function aNamingWorld() {
  const world = aWorld()
  const heard: Alert[] = []
  const chat: AlertChannel = {
    ...world.chat.channel,
    async deliver(alert) {
      heard.push(alert)
      return Promise.resolve(String(heard.length))
    },
  }
  const { pager } = world.messenger.channels
  const channels = { ...world.messenger.channels, ...(pager && { pager: chat }), chat }
  const messenger = { ...world.messenger, channels }
  const look = async (findings: readonly Finding[]) => {
    await raiseIncidents(messenger, { findings, unseen: [] })
    await deliverAlerts(messenger)
    world.clock.pass(15_000)
  }
  return { look, after: () => heard.map(({ state, after }) => [state, after]) }
}

describe('a channel whose receiver names its messages', () => {
  test('is told which of them an alert began with, and of the next occurrence none', async () => {
    const { look, after } = aNamingWorld()
    const warning: Finding = { ...late, severity: 'warning' }
    await look([warning])
    for (let looks = 0; looks < 6; looks += 1) await look([])
    expect(after()).toEqual([
      ['opened', undefined],
      ['resolved', '1'],
    ])
    await look([{ ...warning, since: (late.since + 600_000) as Finding['since'] }])
    for (let looks = 0; looks < 20; looks += 1) await look([])
    expect(after().slice(2)).toEqual([
      ['opened', undefined],
      ['resolved', '3'],
    ])
  })

  test('each on its own: who hears of it later knows nothing of another one’s', async () => {
    const { look, after } = aNamingWorld()
    await look([{ ...late, severity: 'warning' }])
    await look([late])
    // The chat is told that it worsens, and the pager for the first time.
    expect(
      after()
        .map((one) => one.join(' '))
        .toSorted(),
    ).toEqual(['opened ', 'opened ', 'worsened 1'])
  })
})
