import { afterEach, describe, expect, test } from 'vitest'

import { genesis, owner, updater } from '../../infra/contracts/uptime-feed/feed-on-anvil.ts'
import { startTelling, type Telling } from './telling-on-anvil-world.ts'

let it: Telling
afterEach(async () => it.stop())

describe('a change', () => {
  test('is told once each way, with the time when the watch saw it', async () => {
    it = await startTelling()
    await it.says('up', 20)
    expect(await it.told()).toBe('told')
    expect(await it.feed.latest()).toMatchObject({ round: 1, answer: 0, startedAt: 20 })

    for (const state of ['up', 'degraded', 'up'] as const) {
      await it.says(state, 20)
      expect(await it.told()).toBe('nothing-due')
    }

    const down = it.now() - 5
    await it.says('down', down)
    expect(await it.told()).toBe('told')
    expect(await it.feed.latest()).toMatchObject({ round: 2, answer: 1, startedAt: down })
    await it.says('down', down)
    expect(await it.told()).toBe('nothing-due')

    const back = it.now() - 5
    await it.says('recovering', back)
    expect(await it.told()).toBe('told')
    await it.says('up', back)
    expect(await it.told()).toBe('nothing-due')
    expect(await it.feed.latest()).toMatchObject({ round: 3, answer: 0, startedAt: back })
    expect(await it.sent()).toBe(3)
    expect((await it.work()).map(({ id }) => id).toSorted()).toEqual([
      `tell-uptime:l1-feed:down-${genesis + down}`,
      `tell-uptime:l1-feed:up-${genesis + 20}`,
      `tell-uptime:l1-feed:up-${genesis + back}`,
    ])
  })

  test('that is taken back while it is on its way is told both ways, in order', async () => {
    it = await startTelling()
    await it.says('up', 20)
    await it.told()
    const down = it.now()
    await it.says('down', down)
    await it.slot()
    it.wait(5)
    const back = it.now()
    await it.says('recovering', back)
    // What the feed shows is still what is so.
    expect(await it.slot()).toMatchObject({ reason: 'nothing-due' })
    await it.pass()
    expect(await it.feed.latest()).toMatchObject({ answer: 1, startedAt: down })
    expect(await it.told()).toBe('told')
    expect(await it.feed.latest()).toMatchObject({ round: 3, answer: 0, startedAt: back })
    expect(await it.feed.round(2n)).toMatchObject({ answer: 1, startedAt: down })
  })

  test('is sent once where two workers decide it at once, or one after the other', async () => {
    it = await startTelling()
    await it.says('down', 20)
    const ends = await Promise.all([it.slot('one'), it.slot('two')])
    expect(ends.map(({ kind }) => kind)).toEqual(['done', 'done'])
    expect(await it.slot('three')).toMatchObject({ reason: 'in-flight' })
    await it.pass()
    await it.pass()
    expect(await it.sent()).toBe(1)
    expect(await it.feed.latest()).toEqual({
      round: 1,
      answer: 1,
      startedAt: 20,
      updatedAt: it.now() - 12,
    })
    expect(await it.work()).toHaveLength(1)
  })

  test('is sent once where the node’s answer was lost', async () => {
    it = await startTelling()
    it.faults.losesAnswers = 2
    await it.says('down', 20)
    await it.slot()
    await it.pass()
    await it.pass()
    expect(await it.told()).toBe('nothing-due')
    expect(await it.sent()).toBe(1)
    expect(await it.feed.latest()).toMatchObject({ round: 1, answer: 1, startedAt: 20 })
  })

  test('that a reorganisation took off the chain comes back with its own time', async () => {
    it = await startTelling()
    const before = await it.feed.node.rpc('evm_snapshot')
    await it.says('down', 20)
    await it.told()
    expect(await it.feed.latest()).toMatchObject({ round: 1, answer: 1 })
    await it.feed.node.rpc('evm_revert', before)
    await expect(it.feed.latest()).rejects.toThrow('NoDataPresent()')
    for (let block = 0; block < 6; block += 1) {
      await it.says('down', 20)
      await it.slot()
      await it.pass()
    }
    expect(await it.feed.latest()).toMatchObject({ round: 1, answer: 1, startedAt: 20 })
    expect(await it.sent()).toBe(1)
  })
})

describe('what has not changed', () => {
  test('is told again after an hour, from when it was told last, and startedAt stays', async () => {
    it = await startTelling()
    await it.says('up', 20)
    await it.told()
    const { updatedAt } = await it.feed.latest()
    await it.pass(updatedAt + 3_599 - it.now())
    await it.says('up', 20)
    expect(await it.slot()).toMatchObject({ reason: 'nothing-due' })
    it.wait(1)
    await it.says('up', 20)
    expect(await it.told()).toBe('told')
    expect(await it.feed.latest()).toEqual({
      round: 1,
      answer: 0,
      startedAt: 20,
      updatedAt: it.now(),
    })
    await it.says('up', 20)
    expect(await it.told()).toBe('nothing-due')
    expect(await it.sent()).toBe(2)
  })

  test('is told again of a chain that is down, whose grace period has not begun', async () => {
    it = await startTelling({ refreshSeconds: 60 })
    const mayLiquidate = await consumerOf(it)
    await it.says('down', 20)
    await it.told()
    for (let time = 0; time < 5; time += 1) {
      await it.pass(60)
      await it.says('down', 20)
      await it.told()
    }
    await expect(mayLiquidate()).rejects.toThrow('ChainIsDown()')
    const back = it.now()
    await it.says('recovering', back)
    await it.told()
    // Told again each minute, and the grace period still ends where it would have.
    while (it.now() < back + 3_600) {
      await expect(mayLiquidate()).rejects.toThrow(`GraceRuns(${genesis + back + 3_600})`)
      await it.pass(300)
      await it.says('up', back)
      await it.told()
    }
    expect(await mayLiquidate()).toBe(true)
  })
})

test('that a chain is down is told over another deployment’s later word that it is up, once', async () => {
  it = await startTelling()
  const seenAt = it.now() + 1
  await it.feed.node.rpc('evm_setAutomine', true)
  await it.feed.send(seenAt + 1, 'setUpdater', [owner.address, true], owner)
  await it.feed.send(seenAt + 2, 'updateStatus', [false, BigInt(genesis + seenAt)], owner)
  await it.feed.node.rpc('evm_setAutomine', false)
  await it.pass()
  const lookedAt = it.now()
  await it.says('down', seenAt - 30)
  expect(await it.told()).toBe('told')
  expect(await it.feed.latest()).toMatchObject({ round: 2, answer: 1, startedAt: lookedAt })
  await it.says('down', seenAt - 30)
  expect(await it.told()).toBe('nothing-due')
  expect((await it.work()).map(({ id }) => id)).toEqual([
    `tell-uptime:l1-feed:down-after-${genesis + seenAt}`,
  ])
})

describe('nothing is told', () => {
  test('by a word that is older than two minutes, whatever it says', async () => {
    it = await startTelling()
    expect(await it.slot()).toMatchObject({ kind: 'refused', reason: 'no-word' })
    await it.says('down', 20)
    await it.pass(121)
    expect(await it.slot()).toMatchObject({ kind: 'refused', reason: 'old-word' })
    expect(await it.sent()).toBe(0)
  })

  test('of a time before what somebody else has told the feed', async () => {
    it = await startTelling()
    const seenAt = it.now() + 1
    await it.feed.node.rpc('evm_setAutomine', true)
    await it.feed.send(seenAt + 1, 'setUpdater', [owner.address, true], owner)
    await it.feed.send(seenAt + 2, 'updateStatus', [true, BigInt(genesis + seenAt)], owner)
    await it.feed.node.rpc('evm_setAutomine', false)
    await it.pass()
    await it.says('up', seenAt - 1)
    expect(await it.slot()).toMatchObject({ kind: 'refused', reason: 'told-later' })
    it.wait(1)
    await it.says('recovering', seenAt)
    expect(await it.told()).toBe('told')
    expect(await it.feed.latest()).toMatchObject({ round: 2, answer: 0, startedAt: seenAt })
  })

  test('while the feed’s own chain stands still', async () => {
    it = await startTelling()
    it.wait(61)
    await it.says('down', 20)
    expect(await it.slot()).toMatchObject({ kind: 'refused', reason: 'chain-stalled' })
    await it.pass(1)
    expect(await it.told()).toBe('told')
  })
})

test('a feed that does not take our word is tried in each slot, and told as soon as it does', async () => {
  it = await startTelling()
  await it.feed.node.rpc('evm_setAutomine', true)
  await it.feed.send(it.now() + 1, 'setUpdater', [updater.address, false], owner)
  await it.feed.node.rpc('evm_setAutomine', false)
  expect(await it.uptimeFeed.check()).toEqual([
    `${updater.address} is no updater of ${it.feed.address}; its owner makes it one with setUpdater`,
  ])
  for (let time = 0; time < 5; time += 1) {
    await it.says('down', 20)
    await it.told()
  }
  expect(await it.sent()).toBe(0)
  const tried = await it.work()
  expect(tried.map(({ id }) => id).toSorted()).toEqual([
    `tell-uptime:l1-feed:down-${genesis + 20}`,
    ...[2, 3, 4, 5].map((attempt) => `tell-uptime:l1-feed:down-${genesis + 20}:try-${attempt}`),
  ])
  for (const { state } of tried)
    expect(state).toMatchObject({
      kind: 'failed',
      why: 'refused',
      reason: `it would be reverted: NotUpdater(${updater.address})`,
    })
  await it.feed.node.rpc('evm_setAutomine', true)
  await it.feed.send(it.now() + 1, 'setUpdater', [updater.address, true], owner)
  await it.feed.node.rpc('evm_setAutomine', false)
  await it.pass()
  await it.says('down', 20)
  await it.told()
  expect(await it.feed.latest()).toMatchObject({ round: 1, answer: 1, startedAt: 20 })
})

async function consumerOf({ feed }: Telling) {
  await feed.node.rpc('evm_setAutomine', true)
  const ask = await feed.consumer(3_600, 7_200)
  await feed.node.rpc('evm_setAutomine', false)
  return ask
}
