import { describe, expect, test } from 'vitest'

import type { Notice } from '../../lib/keepers/notice.ts'
import { runNetwork, runOnce } from '../../lib/runtime/run.ts'
import { handClock } from '../adapters/queue/hand-clock.ts'
import { movedClock } from '../keepers/lane/lane-in-memory.ts'
import { aWorld } from './a-world.ts'

function passWorld() {
  const clock = movedClock()
  const it = aWorld({ clock })
  clock.onSleep = () => it.chain.mine()
  const notices: Notice[] = []
  return { clock, ...it, notices, notify: (notice: Notice) => notices.push(notice) }
}

async function down(): Promise<never> {
  throw new Error('the store is down')
}

function ended(notices: readonly Notice[]): readonly string[] {
  return notices.flatMap((one) =>
    one.kind === 'tick' ? [`${one.job.job} ${one.outcome.kind} ${one.outcome.reason}`] : [],
  )
}

function troubles(notices: readonly Notice[]): readonly string[] {
  return notices.flatMap((one) => (one.kind === 'trouble' ? [`${one.where}: ${one.message}`] : []))
}

describe('one pass', () => {
  test('publishes, pushes what it has published, and watches', async () => {
    const { world, chain, notices, notify } = passWorld()
    expect(await runOnce({ world, jobs: 'all', notify })).toEqual({ ok: true })
    expect(ended(notices)).toEqual([
      'publish-prices done published',
      'push-prices done pushed',
      'watch-liveness done all-well',
    ])
    const [told] = chain.effects()
    expect(told?.data).toContain('["BTC-USD","97000"')
    expect(told?.data).toContain('["ETH-USD","97000"')
  })

  test.for([0, 1_000, 3_999, 4_000, 9_000])(
    'pushes wherever in a round it begins: %i ms into it',
    async (ms) => {
      const { clock, world, notices, notify } = passWorld()
      clock.pass(ms)
      expect(await runOnce({ world, jobs: ['publish-prices', 'push-prices'], notify })).toEqual({
        ok: true,
      })
      expect(ended(notices)[1]).toBe('push-prices done pushed')
    },
  )

  test('does only the jobs that were asked for', async () => {
    const { world, chain, notices, notify } = passWorld()
    await runOnce({ world, jobs: ['publish-prices'], notify })
    expect(ended(notices)).toEqual(['publish-prices done published'])
    expect(chain.broadcasts).toEqual([])
  })

  test('tells of a slot that was done already, and when the next one begins', async () => {
    const { world, notices, notify } = passWorld()
    const publish = { world, jobs: ['publish-prices'], notify } as const
    await runOnce(publish)
    expect(troubles(notices)).toEqual([])
    expect(await runOnce(publish)).toEqual({ ok: true })
    // A round is 10 s long, and the clock stands at the beginning of one.
    expect(troubles(notices)).toEqual([
      "publish-prices oracle-1: this slot is another worker's, or done already; the next one begins at 2025-11-24T16:00:10.000Z",
    ])
    expect(ended(notices)).toEqual(['publish-prices done published'])
  })

  test('sends nothing that waits where it was not asked to push', async () => {
    const { world, chain, notify } = passWorld()
    chain.stalled = true
    await runOnce({ world, jobs: ['publish-prices', 'push-prices'], notify })
    const sent = chain.broadcasts.length
    chain.evict()
    await runOnce({ world, jobs: ['watch-liveness'], notify })
    expect(chain.broadcasts).toHaveLength(sent)
  })

  test('is not ok while a transaction is in no block', async () => {
    const { world, chain, notify } = passWorld()
    chain.stalled = true
    expect(await runOnce({ world, jobs: 'all', notify })).toEqual({ ok: false })
  })

  test('is not ok where the work was reverted', async () => {
    const { world, chain, notify } = passWorld()
    chain.revertsLater = () => 'stale'
    expect(await runOnce({ world, jobs: 'all', notify })).toEqual({ ok: false })
  })

  test('is not ok where a job was refused', async () => {
    const { world, engine, notices, notify } = passWorld()
    const paused = { ...engine, state: async () => ({ ...(await engine.state()), paused: true }) }
    const ports = { ...world.ports, engines: { evm: paused } }
    expect(await runOnce({ world: { ...world, ports }, jobs: 'all', notify })).toEqual({
      ok: false,
    })
    expect(ended(notices)[1]).toBe('push-prices refused paused')
  })

  test('is not ok where a job failed, and the others are done', async () => {
    const { world, chain, notices, notify } = passWorld()
    chain.head = async () => {
      throw new Error('no node answers')
    }
    expect(await runOnce({ world, jobs: 'all', notify })).toEqual({ ok: false })
    expect(ended(notices)).toEqual([
      'publish-prices done published',
      'push-prices failed Error',
      'watch-liveness done found',
    ])
  })

  test('is not ok where the store does not answer', async () => {
    const { world, notify } = passWorld()
    const { store } = world.ports
    const broken = {
      ...store,
      ticks: { ...store.ticks, claim: down },
      lanes: { read: down, ids: down, write: down },
    }
    const ports = { ...world.ports, store: broken }
    expect(await runOnce({ world: { ...world, ports }, jobs: 'all', notify })).toEqual({
      ok: false,
    })
  })
})

describe('a network that runs', () => {
  test('does every slot of every job once, and nothing after it was stopped', async () => {
    const clock = handClock()
    const { world, chain } = aWorld({ clock, nodes: ['oracle-1', 'oracle-2'] })
    const notices: Notice[] = []
    const run = runNetwork({ world, jobs: 'all', notify: (notice) => notices.push(notice) })
    for (let second = 0; second < 61; second += 1) {
      await clock.pass(1_000)
      chain.mine()
    }
    const stopped = run.stop()
    await clock.pass(30_000)
    await stopped
    const count = notices.length
    await clock.pass(60_000)
    expect(notices).toHaveLength(count)

    const slots = notices.flatMap((one) =>
      one.kind === 'tick' ? [`${one.job.job} ${one.job.subject} ${one.job.slot}`] : [],
    )
    expect(new Set(slots).size).toBe(slots.length)
    const per = (job: string) => slots.filter((slot) => slot.startsWith(`${job} `)).length
    // 61 seconds: rounds at 0, 10, … 60; pushes four seconds later; looks at 0, 15, … 60.
    expect([per('publish-prices oracle-1'), per('publish-prices oracle-2')]).toEqual([7, 7])
    expect([per('push-prices'), per('watch-liveness')]).toEqual([6, 5])
    const failures = notices.filter((one) => one.kind === 'tick' && one.outcome.kind === 'failed')
    expect(failures).toEqual([])
    // The first push, and the heartbeat of a minute is not yet due.
    expect(chain.effects()).toHaveLength(1)
  })

  test('never begins a slot before its time', async () => {
    const clock = handClock()
    const { world, chain } = aWorld({ clock })
    const early: string[] = []
    const run = runNetwork({
      world,
      jobs: ['publish-prices', 'push-prices'],
      notify(notice) {
        if (notice.kind === 'tick' && notice.at < notice.slotAt) early.push(notice.job.job)
      },
    })
    for (let second = 0; second < 30; second += 1) {
      await clock.pass(1_000)
      chain.mine()
    }
    const stopped = run.stop()
    await clock.pass(30_000)
    await stopped
    expect(early).toEqual([])
  })
})
