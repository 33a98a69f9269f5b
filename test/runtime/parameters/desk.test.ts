import { hashMessage, recoverAddress } from 'viem'
import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { activeAt } from '../../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { approvalText, governanceDesk } from '../../../lib/runtime/parameters/desk.ts'
import { setOf } from '../../../lib/runtime/parameters/parameters-of.ts'
import { type MovedClock, movedClock } from '../../keepers/lane/lane-in-memory.ts'
import { aNetwork } from '../a-network.ts'
import { keyOf } from './approver-keys.ts'

const deviation = 'markets.BTC-USD.push.deviationBps'
const who = { by: 'ann', why: 'fewer pushes' }
const plain = aNetwork()
const network = {
  ...plain,
  parameters: {
    ...plain.parameters,
    approvals: 1,
    approvers: { ann: keyOf('ann').address, ben: keyOf('ben').address },
  },
}

const known = { venueNames: ['coinbase', 'kraken', 'bitstamp', 'okx'] }

function aDesk(clock: MovedClock = movedClock()) {
  const store = memoryStore({ clock })
  return { clock, store, desk: governanceDesk({ network, known, clock, store }) }
}

describe('an approval', () => {
  test('is signed with the approver’s own key, and says which set of which network', async () => {
    const { desk } = aDesk()
    await desk.propose({ [deviation]: 25 }, who)
    const { candidate } = await desk.approve({ ...who, by: 'ben', key: keyOf('ben') })
    const [approval] = candidate?.approvals ?? []
    const { hash } = setOf(network, { [deviation]: 25 })
    const text = `Starkeep: I approve parameter set 1 of the network sample, whose hash is ${hash}.`
    expect(approvalText('sample', { number: 1, hash })).toBe(text)
    expect(
      await recoverAddress({
        hash: hashMessage(text),
        signature: approval?.signature ?? '0x',
      }),
    ).toBe(keyOf('ben').address)
  })

  test('with another one’s key, or of somebody whom nobody named, is refused', async () => {
    const { desk } = aDesk()
    await desk.propose({ [deviation]: 25 }, who)
    await expect(desk.approve({ ...who, by: 'ben', key: keyOf('ann') })).rejects.toThrow(
      `that is not ben’s key: the network file names the address ${keyOf('ben').address}, and the key’s is ${keyOf('ann').address}`,
    )
    await expect(desk.approve({ ...who, by: 'eve', key: keyOf('eve') })).rejects.toThrow(
      'eve is none of the approvers that the network file names',
    )
    expect((await desk.standing()).stands.candidate?.approvals).toEqual([])
  })

  test('counts for as long as the network file names its key', async () => {
    const { desk, clock, store } = aDesk()
    await desk.propose({ [deviation]: 25 }, who)
    await desk.shadow(who)
    await desk.approve({ ...who, key: keyOf('ann') })
    clock.pass(3_600_000)
    const approvers = { ann: keyOf('ann the younger').address, ben: keyOf('ben').address }
    const changed = { ...network, parameters: { ...network.parameters, approvers } }
    const later = governanceDesk({ network: changed, known, clock, store })
    const activate = { ...who, inMs: 30_000, isForced: true }
    await expect(later.activate(activate)).rejects.toThrow(
      '0 of 1 approvals are there; what ann signed does not count',
    )
    await later.approve({ ...who, key: keyOf('ann the younger') })
    expect((await later.activate(activate)).next).toMatchObject({ set: { number: 1 } })
  })

  test('that stands in the table without a signature of its own is none', async () => {
    const { desk, clock, store } = aDesk()
    await desk.propose({ [deviation]: 25 }, who)
    await desk.shadow(who)
    const stands = await desk.approve({ ...who, key: keyOf('ann') })
    clock.pass(3_600_000)
    for (const [at, signature] of (['0x', `0x${'11'.repeat(65)}`] as const).entries()) {
      const { candidate } = stands
      if (!candidate) throw new TypeError('it was proposed')
      const forged = { by: 'ann', at: clock.now(), signature }
      const before = at === 0 ? stands : await store.governance.read()
      if (!before) throw new TypeError('it was written')
      await store.governance.write(
        {
          ...before,
          candidate: { ...candidate, approvals: [forged] },
          version: before.version + 1,
        },
        before,
      )
      await expect(desk.activate({ ...who, inMs: 30_000, isForced: true })).rejects.toThrow(
        '0 of 1 approvals are there; what ann signed does not count',
      )
    }
  })

  test('of nothing is refused', async () => {
    await expect(aDesk().desk.approve({ ...who, key: keyOf('ann') })).rejects.toThrow(
      'nothing is proposed',
    )
  })
})

describe('an emergency', () => {
  test('is refused where another set has become active since its values were compared', async () => {
    const clock = movedClock()
    const plainStore = memoryStore({ clock })
    let hasCome = false
    const store = {
      ...plainStore,
      governance: {
        ...plainStore.governance,
        // The last thing before the step: by then the planned set has become active.
        async keepSet(set: Parameters<typeof plainStore.governance.keepSet>[0]) {
          await plainStore.governance.keepSet(set)
          if (hasCome) clock.pass(30_000)
        },
      },
    }
    const free = { ...network, parameters: { ...network.parameters, approvals: 0 } }
    const desk = governanceDesk({ network: free, known, clock, store })
    await desk.propose({ [deviation]: 5 }, who)
    await desk.shadow(who)
    clock.pass(3_600_000)
    await desk.activate({ ...who, inMs: 30_000, isForced: true })
    hasCome = true
    // More careful than 20, which decides yet, and less than 5, which is about to.
    await expect(desk.emergency({ [deviation]: 10 }, { ...who, forMs: 60_000 })).rejects.toThrow(
      'another set has become active meanwhile',
    )
    hasCome = false
    await expect(desk.emergency({ [deviation]: 10 }, { ...who, forMs: 60_000 })).rejects.toThrow(
      'expected lower than 5, found 10',
    )
    const { event } = await desk.emergency({ [deviation]: 4 }, { ...who, forMs: 60_000 })
    expect(event.kind).toBe('emergency')
  })
})

describe('a proposal', () => {
  test('is kept before anybody is told of it, and shows what it has otherwise', async () => {
    const { desk, store } = aDesk()
    await desk.propose({ [deviation]: 25 }, who)
    const set = setOf(network, { [deviation]: 25 })
    expect(await store.governance.set(set.hash)).toEqual(set)
    const { stands, changes, active, values } = await desk.standing()
    expect(stands.candidate).toMatchObject({ ...who, set: { number: 1, hash: set.hash } })
    expect(changes).toEqual([{ path: deviation, from: 20, to: 25 }])
    expect(active).toBeUndefined()
    expect(values).toEqual(setOf(network).values)
  })

  test.each(['guard', 'calendar', 'time'])(
    'by somebody who calls himself %s is refused: so are steps called that nobody took',
    async (by) => {
      const { desk } = aDesk()
      await expect(desk.propose({ [deviation]: 25 }, { ...who, by })).rejects.toThrow(
        `${by} is what steps are called that nobody took`,
      )
      expect((await desk.standing()).stands.candidate).toBeUndefined()
    },
  )

  test('of what is wrong, or holds already, leaves nothing behind', async () => {
    const { desk, store } = aDesk()
    await expect(desk.propose({ [deviation]: 0, 'chains.l1.chainId': 1 }, who)).rejects.toThrow(
      /deviationBps: expected .*\n.*chainId: expected a parameter/,
    )
    await expect(desk.propose({ [deviation]: 20 }, who)).rejects.toThrow(
      'that is what holds already',
    )
    expect(await store.governance.events(9)).toEqual([])
  })

  test('that has been in no round of prices is not activated unless somebody forces it', async () => {
    const { desk, clock, store } = aDesk()
    await desk.propose({ [deviation]: 25 }, who)
    await desk.shadow(who)
    await desk.approve({ ...who, key: keyOf('ann') })
    clock.pass(3_600_000)
    const activate = { ...who, inMs: 30_000 }
    await expect(desk.activate({ ...activate, isForced: false })).rejects.toThrow(
      'its shadow run speaks against it: it was in no round of prices yet',
    )
    const { event, next } = await desk.activate({ ...activate, isForced: true })
    expect(event.why).toBe('fewer pushes (forced, although it was in no round of prices yet)')
    const stands = await store.governance.read()
    const from = next?.from ?? 0
    expect(stands && activeAt(stands, timestamp(from - 1))).toBeUndefined()
    expect(stands && activeAt(stands, timestamp(from))).toMatchObject({ number: 1 })
  })
})

describe('an emergency', () => {
  test('brings more careful values within a second, and ends by itself', async () => {
    const { desk, clock } = aDesk()
    await desk.emergency(
      { [deviation]: 10, 'legs.USDT-USD.haltBelow': '0.97' },
      { ...who, forMs: 600_000 },
    )
    expect((await desk.standing()).active).toBeUndefined()
    clock.pass(1_000)
    expect((await desk.standing()).values).toMatchObject({
      [deviation]: 10,
      'legs.USDT-USD.haltBelow': '0.97',
    })
    clock.pass(599_000)
    const { active, events } = await desk.standing()
    expect(active).toBeUndefined()
    expect(events.map(({ kind }) => kind)).toEqual(['expired', 'emergency'])
  })

  test('towards less careful values is refused, each place told', async () => {
    const { desk, store } = aDesk()
    await expect(
      desk.emergency(
        { [deviation]: 30, 'legs.USDT-USD.haltBelow': '0.5', 'markets.ETH-USD.minSources': 2 },
        { ...who, forMs: 600_000 },
      ),
    ).rejects.toThrow(
      [
        'legs.USDT-USD.haltBelow: expected higher than 0.9, found 0.5',
        `${deviation}: expected lower than 20, found 30`,
        'markets.ETH-USD.minSources: expected higher than 3, found 2',
      ].join('\n'),
    )
    expect(await store.governance.events(9)).toEqual([])
  })
})
