import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { govern, settled, ungoverned } from '../../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Store } from '../../../lib/ports.ts'
import { parameterProblems } from '../../../lib/runtime/parameters/check-parameters.ts'
import {
  parametersHash,
  parametersOf,
  setOf,
  underParameters,
  UnknownParameterError,
} from '../../../lib/runtime/parameters/parameters-of.ts'
import { differsHere, setsInUse } from '../../../lib/runtime/parameters/sets-in-use.ts'
import { movedClock } from '../../keepers/lane/lane-in-memory.ts'
import { aNetwork } from '../a-network.ts'

const network = aNetwork()
const known = { venueNames: ['coinbase', 'kraken', 'bitstamp', 'okx'] }
const deviation = 'markets.BTC-USD.push.deviationBps'
const values = parametersOf(network)

describe('the parameters of a network', () => {
  test('put into it they are the network again, with the same hash', () => {
    const again = underParameters(network, values)
    expect(again).toEqual(network)
    expect(parametersHash(again)).toBe(parametersHash(network))
  })

  test('any of them put in makes the network that has it, and another hash', () => {
    const numbers = Object.entries(values).filter(([, value]) => typeof value === 'number')
    expect(numbers.length).toBeGreaterThan(30)
    for (const [path, value] of numbers) {
      const under = underParameters(network, { [path]: Number(value) + 1 })
      expect(parametersOf(under)).toEqual({ ...values, [path]: Number(value) + 1 })
      expect(parametersHash(under)).not.toBe(parametersHash(network))
      expect(parametersHash(underParameters(under, { [path]: value }))).toBe(
        parametersHash(network),
      )
    }
  })

  test('in whatever order they are put in, the hash is one', () => {
    const changes = {
      [deviation]: 25,
      'markets.BTC-USD.sources': ['kraken:BTC-USD', 'okx:BTC-USDT', 'coinbase:BTC-USD'],
      'legs.USDT-USD.haltBelow': '0.95',
      'alerts.noPriceSeconds': 99,
    }
    const { hash } = setOf(network, changes)
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(changes), { minLength: Object.keys(changes).length }),
        (order) => {
          expect(setOf(network, Object.fromEntries(order)).hash).toBe(hash)
        },
      ),
    )
  })

  test('of what is no parameter the hash knows only what prices are made of and who is told', () => {
    const { hash } = setOf(network)
    expect(setOf({ ...network, network: 'another' }).hash).toBe(hash)
    expect(setOf({ ...network, venues: { kraken: { disabled: true } } }).hash).not.toBe(hash)
    expect(setOf({ ...network, families: { one: ['kraken', 'coinbase'] } }).hash).not.toBe(hash)
  })

  test('a place that has gone from the file is passed over; one that is none is told', () => {
    expect(underParameters(network, { 'markets.DOGE-USD.minSources': 3 })).toEqual(network)
    expect(() => underParameters(network, { 'chains.l1.chainId': 1 })).toThrow(
      UnknownParameterError,
    )
  })
})

describe('a proposal that cannot be', () => {
  test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['is told of nothing', {}, ['nothing is proposed; name a parameter and its value']],
    [
      'is told its bounds, all at once',
      { [deviation]: 0, 'markets.BTC-USD.minSources': 1.5 },
      [`${deviation}: expected more than 0`, 'markets.BTC-USD.minSources: expected a whole number'],
    ],
    [
      'is told what it may have meant',
      { 'markets.BTC-USD.deviationBps': 25 },
      [
        'markets.BTC-USD.deviationBps: expected a parameter that changes in phases, such as markets.*.push.deviationBps',
      ],
    ],
    [
      'is told what is not in the file',
      { 'markets.DOGE-USD.minSources': 3 },
      ['markets.DOGE-USD.minSources: expected a place that the network file has'],
    ],
    [
      'is told where a list is wrong',
      { 'markets.BTC-USD.sources': ['kraken:BTC-USD', 'kraken'] },
      [
        'markets.BTC-USD.sources[1]: expected venue:BASE-QUOTE or venue:BASE-QUOTE-PERP, such as okx:BTC-USDT-PERP',
      ],
    ],
    [
      'is told what its sources cannot do',
      { 'markets.BTC-USD.minSources': 5 },
      [
        'markets.BTC-USD.minSources: expected at most 4, for its enabled sources have 4 in all, not 5',
      ],
    ],
    [
      'is told which leg its sources would need',
      { 'markets.ETH-USD.sources': ['kraken:ETH-USD', 'coinbase:ETH-USD', 'okx:ETH-USDC'] },
      ['expected a leg USDC-USD under legs, since this source is quoted in USDC'],
    ],
  ])('%s', (_name, change, sentences) => {
    const found = parameterProblems(network, change, known)
    expect(found).toHaveLength(sentences.length)
    for (const [index, sentence] of sentences.entries()) expect(found[index]).toContain(sentence)
  })

  test('what was wrong with the file before is no matter of the proposal', () => {
    const narrow = { venueNames: ['coinbase', 'kraken', 'bitstamp'] }
    expect(parameterProblems(network, { [deviation]: 25 }, narrow)).toEqual([])
  })
})

const who = { by: 'ann', why: 'fewer pushes' }
const rules = {
  minShadowMs: 0,
  leadMs: 0,
  probationMs: 60_000,
  approvals: 0,
  approvers: [],
  emergencyMs: 0,
}

/** Set 1, proposed and active from then on. */
async function activated(store: Store, change: Readonly<Record<string, number>>, at: number) {
  const set = setOf(network, change)
  await store.governance.keepSet(set)
  const now = timestamp(at)
  const commands = [
    { ...who, kind: 'propose', hash: set.hash },
    { ...who, kind: 'shadow' },
    {
      ...who,
      kind: 'activate',
      from: now,
      approvedBy: [],
      against: undefined,
      isForced: false,
      frozenBy: undefined,
    },
  ] as const
  let stands = ungoverned
  for (const command of commands) {
    const next = govern(stands, command, { now, rules })
    await store.governance.write(next, stands)
    stands = next
  }
  await store.governance.write(settled(stands, now, rules), stands)
  return set
}

describe('which parameters hold', () => {
  test('by default the file’s own, kept so that what is decided by them can be decided again', async () => {
    const clock = movedClock()
    const store = memoryStore({ clock })
    const using = await setsInUse(network, store).at(clock.now())
    expect(using).toEqual({
      active: { network, hash: setOf(network).hash, set: undefined },
      isOnProbation: false,
    })
    expect(await store.governance.set(using.active.hash)).toEqual(setOf(network))
  })

  test('from its moment on the active set, beside which the one before decides while it is on probation', async () => {
    const clock = movedClock()
    const store = memoryStore({ clock })
    const sets = setsInUse(network, store)
    const set = await activated(store, { [deviation]: 25 }, clock.now())
    const before = await sets.at(timestamp(clock.now() - 1))
    expect(before.active.hash).toBe(setOf(network).hash)
    const using = await sets.at(clock.now())
    expect(using.active).toMatchObject({ hash: set.hash, set: { number: 1, hash: set.hash } })
    expect(using.active.network).toEqual(underParameters(network, { [deviation]: 25 }))
    expect(using.shadow).toMatchObject({ kind: 'previous', set: undefined, network })
    expect(using.isOnProbation).toBe(true)
    const later = await sets.at(timestamp(clock.now() + 60_000))
    expect([later.isOnProbation, later.shadow]).toEqual([false, undefined])
  })

  test('a file with another market says that the set does not say everything of it', async () => {
    const clock = movedClock()
    const store = memoryStore({ clock })
    await activated(store, { [deviation]: 25 }, clock.now())
    const here = await setsInUse(network, store).at(clock.now())
    expect(differsHere(here.active)).toBeUndefined()
    const { [parseMarket('ETH-USD')]: _, ...markets } = network.markets
    const there = await setsInUse({ ...network, markets }, store).at(clock.now())
    expect(differsHere(there.active)).toContain(
      'the network file has other markets, legs or exchanges than the one that it was proposed with',
    )
  })

  test('a set whose values are gone is an error that says how to go back', async () => {
    const clock = movedClock()
    const store = memoryStore({ clock })
    await activated(store, { [deviation]: 25 }, clock.now())
    const governance = { ...store.governance, set: async () => undefined }
    await expect(setsInUse(network, { governance }).at(clock.now())).rejects.toThrow(
      /has no parameters of the hash .* `starkeep govern roll-back`/,
    )
  })
})
