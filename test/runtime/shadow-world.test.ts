import { describe, expect, test } from 'vitest'

import { instrumentName } from '../../lib/domain/instrument.ts'
import type { ParameterValue } from '../../lib/domain/parameters/parameter-set.ts'
import type { ShadowNote } from '../../lib/domain/parameters/shadow-note.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import type { SlotRecord } from '../../lib/ports.ts'
import { governanceDesk } from '../../lib/runtime/parameters/desk.ts'
import { parametersHash, setOf } from '../../lib/runtime/parameters/parameters-of.ts'
import { workersOf } from '../../lib/runtime/world/workers.ts'
import { type MovedClock, movedClock } from '../keepers/lane/lane-in-memory.ts'
import { aWorld } from './a-world.ts'

type Changes = Readonly<Record<string, ParameterValue>>

const known = { venueNames: ['coinbase', 'kraken', 'bitstamp', 'okx'] }
const who = { by: 'ann', why: 'to see' }

const stricter = { 'markets.BTC-USD.minSources': 4, 'markets.ETH-USD.push.deviationBps': 5 }
const otherSource = {
  'markets.ETH-USD.sources': [
    'coinbase:ETH-USD',
    'kraken:ETH-USD',
    'bitstamp:ETH-USD',
    'okx:ETH-USDT',
  ],
}

/** A network in memory in which every call that reaches a chain is counted, and what venues are asked for is noted. */
function aCountedWorld(clock: MovedClock = movedClock()) {
  const { world, chain, heard } = aWorld({ clock })
  const calls: string[] = []
  const asked: string[] = []
  const counted = new Proxy(chain, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      return (...args: readonly unknown[]): unknown => {
        calls.push(`${String(key)} ${key === 'broadcast' ? String(args[0]) : ''}`)
        return Reflect.apply(member, target, args)
      }
    },
  })
  const { quotes } = world.ports
  const ports = {
    ...world.ports,
    chains: { ...world.ports.chains, l1: counted },
    quotes: {
      ...quotes,
      async latest(...args: Parameters<typeof quotes.latest>) {
        const [wanted] = args
        asked.push(
          ...wanted.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`),
        )
        return await quotes.latest(...args)
      },
    },
  }
  const notices: Notice[] = []
  const workers = workersOf(
    { ...world, ports },
    { notify: (one) => notices.push(one), worker: 'w' },
  )
  const { network } = world
  const { store } = ports
  return {
    clock,
    network,
    store,
    chain,
    calls,
    asked,
    heard,
    notices,
    desk: governanceDesk({ network, known, clock, store }),
    /** Prices and pushes of so many rounds, block by block. */
    async rounds(count: number) {
      for (let round = 0; round < count; round += 1) {
        const slot = Math.floor(clock.now() / 10_000)
        const until = timestamp(clock.now() + 9_000)
        await workers.work({ job: 'publish-prices', subject: 'oracle-1', slot }, until)
        await workers.work({ job: 'push-prices', subject: 'evm', slot }, until)
        chain.mine()
        clock.pass((slot + 1) * 10_000 - clock.now())
      }
    },
  }
}

type Counted = ReturnType<typeof aCountedWorld>

async function recordsOf(
  { store, clock }: Counted,
  keeper: string,
): Promise<readonly SlotRecord[]> {
  const subject = keeper === 'push-prices' ? 'evm' : 'oracle-1'
  const found: SlotRecord[] = []
  for await (const record of store.history.kept(keeper, subject, timestamp(0), clock.now()))
    found.push(record)
  return found
}

function outcomesIn({ notices }: Counted) {
  return notices.flatMap((one) => (one.kind === 'tick' ? [[one.job, one.outcome]] : []))
}

async function played(changes: Changes | undefined): Promise<Counted> {
  const world = aCountedWorld()
  if (changes) {
    await world.desk.propose(changes, who)
    await world.desk.shadow(who)
  }
  world.clock.pass(10_000)
  await world.rounds(12)
  return world
}

describe('a candidate in shadow', () => {
  test('reaches no chain with any call, and changes nothing that is decided, told or said', async () => {
    const [alone, beside] = await Promise.all([played(undefined), played(stricter)])
    expect(alone.chain.broadcasts.length).toBeGreaterThan(0)
    expect(beside.calls).toEqual(alone.calls)
    expect(beside.chain.effects()).toEqual(alone.chain.effects())
    for (const keeper of ['publish-prices', 'push-prices']) {
      const [own, other] = await Promise.all([recordsOf(alone, keeper), recordsOf(beside, keeper)])
      expect(own).toHaveLength(12)
      expect(other.map(({ shadow: _shadow, ...record }) => record)).toEqual(own)
    }
    expect(outcomesIn(beside)).toEqual(outcomesIn(alone))
  })

  test('is in each slot’s note and record, with its hash and all that it decided', async () => {
    const world = await played(stricter)
    const { hash } = setOf(world.network, stricter)
    const own = parametersHash(world.network)
    const entries = await world.store.history.recent('publish-prices', 'oracle-1', 99)
    expect(entries).toHaveLength(12)
    for (const { parameters, shadow } of entries) {
      const note = JSON.parse(shadow ?? '{}') as ShadowNote
      expect(parameters).toBe(own)
      expect(note).toMatchObject({ kind: 'candidate', parameters: hash })
      expect(note.prices?.same).toBe(2)
    }
    for (const keeper of ['publish-prices', 'push-prices'])
      for (const { shadow, parameters } of await recordsOf(world, keeper)) {
        expect([parameters, shadow?.parameters]).toEqual([own, hash])
        expect(shadow?.decided).toContain('"outcome"')
      }
  })

  test('with sources of its own has these asked too, and they count in its prices alone', async () => {
    const world = await played(otherSource)
    expect(world.asked.filter((source) => source === 'okx:ETH-USDT')).toHaveLength(12)
    // Each once, though both want it.
    expect(world.asked.filter((source) => source === 'kraken:ETH-USD')).toHaveLength(12)
    for (const { decided, shadow } of await recordsOf(world, 'publish-prices')) {
      expect(decided).not.toContain('ETH-USDT')
      expect(shadow?.decided).toContain('ETH-USDT')
    }
  })

  test('whose values are gone harms nothing, and that is said once', async () => {
    const alone = await played(undefined)
    const world = aCountedWorld()
    await world.desk.propose(stricter, who)
    await world.desk.shadow(who)
    world.store.governance.set = async () => undefined
    world.clock.pass(10_000)
    await world.rounds(12)
    expect(world.chain.effects()).toEqual(alone.chain.effects())
    const said = world.notices.flatMap((one) => (one.kind === 'trouble' ? [one.message] : []))
    expect(said).toEqual([
      expect.stringMatching(
        /^set 1 \(.*\) is not in shadow: the table has no parameters of the hash/,
      ),
    ])
  })

  test('that can make no price of anything harms nothing', async () => {
    const alone = await played(undefined)
    const world = aCountedWorld()
    await world.desk.propose(stricter, who)
    await world.desk.shadow(who)
    const { hash } = setOf(world.network, stricter)
    await world.store.governance.keepSet({ hash, values: { 'markets.BTC-USD.sources': [] } })
    world.clock.pass(10_000)
    await world.rounds(12)
    expect(world.chain.effects()).toEqual(alone.chain.effects())
    expect(world.notices.filter(({ kind }) => kind === 'trouble')).toEqual([])
  })
})
