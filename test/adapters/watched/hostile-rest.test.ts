import { isDeepStrictEqual } from 'node:util'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { dydxInsuranceFund, dydxWatch } from '../../../lib/adapters/watched/dydx.ts'
import { exchangeMarksWatch } from '../../../lib/adapters/watched/exchange-marks.ts'
import { restPlace } from '../../../lib/adapters/watched/rest-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { aDydx, aProposal, btcTier, delayed, setTier } from './a-dydx.ts'
import { type FaultyRest, faultyRest, type RestReply } from './faulty-rest.ts'
import { nothingBefore, realClock } from './places.ts'
import { dydx, extended, hyperliquid, paradex } from './published-samples.ts'

/** One value of an answer in place of another one: which, and what stands there then. */
const spoiling = fc.record({ at: fc.nat(10_000), value: fc.jsonValue({ maxDepth: 2 }) })

/** Which answers are spoilt, and how. */
const spoilings = fc.array(fc.record({ question: fc.nat(40), spoiling }), {
  minLength: 1,
  maxLength: 4,
})

type Spoiling = { readonly at: number; readonly value: unknown }

function spoilt({ body, ...rest }: RestReply, { at, value }: Spoiling): RestReply {
  const truth: unknown = typeof body === 'string' ? JSON.parse(body) : body
  const places = placesIn(truth, [])
  return { ...rest, body: replacedAt(truth, places[at % places.length] ?? [], value) }
}

function placesIn(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, one]) => placesIn(one, [...path, key]))
  return [path, ...inner]
}

function replacedAt(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  const inner = replacedAt((value as Record<string, unknown>)[key], rest, by)
  if (Array.isArray(value))
    return value.map((one: unknown, at) => (String(at) === key ? inner : one))
  return { ...(value as object), [key]: inner }
}

function spoil(
  servers: readonly FaultyRest[],
  some: readonly { question: number; spoiling: Spoiling }[],
) {
  let asked = 0
  for (const server of servers)
    server.spoil = (_, truth) => {
      const found = some.find(({ question }) => question === asked)
      asked += 1
      return found && spoilt(truth, found.spoiling)
    }
}

/** What is wrong with a sight that no answer may make wrong: it can be stored, and nothing in it is no number. */
function wrongIn(sight: SystemSight): readonly string[] {
  const stored: unknown = JSON.parse(JSON.stringify(sight))
  return [
    ...(isDeepStrictEqual(stored, sight) ? [] : ['it cannot be stored']),
    ...sight.levels.filter(({ value }) => !Number.isFinite(value)).map(({ name }) => name),
    ...sight.progress
      .filter(
        ({ from, through, steps }) =>
          !(
            from <= through &&
            steps.every(({ position }) => from <= position && position <= through)
          ),
      )
      .map(({ name }) => name),
    ...sight.marks
      .filter(({ mark }) => !(/^\d+(?:\.\d+)?$/.test(mark) && Number(mark) > 0))
      .map(({ mark }) => mark),
    ...sight.unseen.filter(({ reason }) => reason === '').map(({ part }) => part),
  ]
}

describe('whatever a server answers,', () => {
  describe('a look at dYdX', () => {
    let world: Awaited<ReturnType<typeof aDydx>>
    beforeAll(async () => {
      world = await aDydx()
      const messages = [setTier(btcTier), delayed(setTier(btcTier), 600)]
      const votingEnd = world.timeOf(world.head()) + 600_000
      world.change({
        proposals: [
          aProposal(1, { status: 'PASSED', messages, votingEnd: world.timeOf(10) }),
          aProposal(2, { status: 'VOTING_PERIOD', messages, votingEnd }),
        ],
      })
      world.goOn(5)
    })
    afterAll(async () => world.stop())

    test('is one that can be told, and never fails', async () => {
      const system = dydxWatch({
        name: 'dydx',
        // One alone: another one would make up for what it spoils.
        nodes: [restPlace({ url: world.nodes[0].url, timeoutMs: 1_000 })],
        indexer: restPlace({ url: world.indexer.url, timeoutMs: 1_000 }),
        chainId: world.chainId,
        markets: ['BTC-USD', 'MOG-USD'],
        insuranceFund: dydxInsuranceFund,
        clock: realClock,
      })
      await fc.assert(
        fc.asyncProperty(spoilings, async (some) => {
          spoil([...world.nodes, world.indexer], some)
          const sight = await system.look(nothingBefore, timestamp(Date.now() + 5_000))
          expect(wrongIn(sight)).toEqual([])
        }),
        { numRuns: 100 },
      )
    })
  })

  test.each([
    ['extended', extended, 'BTC-USD'],
    ['paradex', paradex, 'BTC-USD-PERP'],
    ['dydx-v4', dydx, 'BTC-USD'],
    ['hyperliquid', hyperliquid, 'BTC'],
  ] as const)('a look at the marks of %s is one, too', async (exchange, answers, market) => {
    const numbers = { mark: '68000.1', index: '67999.5', rate: '0.0000125' }
    const rest = await faultyRest((question) => answers(question, numbers))
    const system = exchangeMarksWatch({
      name: exchange,
      exchange,
      baseUrl: rest.url,
      markets: { 'BTC-USD': market },
      clock: realClock,
      timeoutMs: 1_000,
    })
    await fc.assert(
      fc.asyncProperty(spoilings, async (some) => {
        spoil(
          [rest],
          some.map((one) => ({ ...one, question: one.question % 3 })),
        )
        const sight = await system.look(nothingBefore, timestamp(Date.now() + 5_000))
        expect(wrongIn(sight)).toEqual([])
      }),
      { numRuns: 40 },
    )
    await rest.stop()
  })
})
