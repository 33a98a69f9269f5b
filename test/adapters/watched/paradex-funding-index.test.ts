import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { exchangeMarksWatch } from '../../../lib/adapters/watched/exchange-marks.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import { type FaultyRest, faultyRest } from './faulty-rest.ts'
import { nothingBefore, realClock } from './places.ts'
import { type Numbers, paradex } from './published-samples.ts'

const calm: Numbers = { mark: '68000', index: '67990', rate: '0.0001' }

/** The morning of 19 January 2026, an hour before its funding indices were zeroed. */
const morning = Date.parse('2026-01-19T03:00:00Z')

let rest: FaultyRest
let numbers: Numbers
let now: number
let memory: SystemMemory | undefined
beforeEach(async () => {
  numbers = calm
  now = morning
  memory = undefined
  rest = await faultyRest((question) => paradex(question, numbers))
})
afterEach(async () => rest.stop())

/** At that second of the morning, with this index, written two seconds before. */
async function look(second: number, fundingIndex: string, writtenSecond = second - 2) {
  now = morning + second * 1_000
  numbers = { ...numbers, funding: { index: fundingIndex, at: morning + writtenSecond * 1_000 } }
  const system = exchangeMarksWatch({
    name: 'paradex',
    exchange: 'paradex',
    baseUrl: rest.url,
    markets: { 'BTC-USD': 'BTC-USD-PERP' },
    clock: { ...realClock, now: () => timestamp(now) },
    timeoutMs: 1_000,
  })
  const sight = await system.look(nothingBefore, timestamp(now + 10_000))
  memory = remember('paradex', memory, sight, watchNumbers)
  return sight
}

const jump = () => memory?.levels['funding-index:BTC-USD']?.jumped

describe('Paradex’ funding index', () => {
  test('is the newest that it tells, with the highest rate of its market as its bound', async () => {
    const { levels, unseen } = await look(0, '1204.500000000000000001')
    expect(unseen).toEqual([])
    expect(levels).toEqual([
      {
        name: 'funding-index:BTC-USD',
        value: 1_204.5,
        unit: 'USD',
        writtenAt: morning - 2_000,
        // 5 % in eight hours of the higher price.
        mostPerHour: 425,
      },
      { name: 'insurance-fund', value: 1_250_000.75, unit: 'USD', pays: true },
    ])
    const [asked] = rest.asked.filter(({ path }) => path === '/funding/data')
    expect(asked?.query.get('market')).toBe('BTC-USD-PERP')
    expect(asked?.query.get('end_at')).toBe(String(morning))
  })

  test('may grow all the time by what that allows', async () => {
    await look(0, '1204.5')
    // 425 USD an hour are 1.77 in a quarter of a minute.
    await look(15, '1206.2')
    await look(30, '1204.5')
    expect(jump()).toBeUndefined()
    await look(45, '1206.5')
    expect(jump()).toMatchObject({ from: 1_204.5, to: 1_206.5 })
  })

  test('jumps where it is zeroed, though its prices are none at that time', async () => {
    await look(0, '1204.5')
    numbers = { ...numbers, mark: '0', index: '0' }
    const sight = await look(3_600, '0')
    expect(sight.marks).toEqual([])
    // In an hour 425 USD at the price of before, and a tenth more.
    expect(jump()).toEqual({ at: now, from: 1_204.5, to: 0, most: 467.5 })
  })

  test('is not made of what it was ten minutes ago', async () => {
    const { levels, unseen } = await look(0, '1204.5', -900)
    expect(levels.map(({ name }) => name)).toEqual(['insurance-fund'])
    expect(unseen).toEqual([
      {
        part: 'level:funding-index:BTC-USD',
        reason: expect.stringContaining('no funding data of the last 10 min') as string,
      },
    ])
  })

  test.each(['', 'null', 'NaN', '1,204.5', '0x4b4'])('is not made of %j', async (text) => {
    const { levels } = await look(0, text)
    expect(levels.map(({ name }) => name)).toEqual(['insurance-fund'])
  })

  test('has no bound where its market tells no highest rate', async () => {
    rest.spoil = ({ path }, truth) =>
      path === '/markets'
        ? { body: JSON.parse(JSON.stringify(truth.body).replace('"0.05"', 'null')) as unknown }
        : undefined
    const { levels } = await look(0, '1204.5')
    expect(levels[0]).toEqual({
      name: 'funding-index:BTC-USD',
      value: 1_204.5,
      unit: 'USD',
      writtenAt: morning - 2_000,
    })
  })

  test('stays what it was while marks cannot be seen, and the other way round', async () => {
    rest.spoil = ({ path }) => (path === '/funding/data' ? { status: 500, body: '' } : undefined)
    const { marks, unseen } = await look(0, '1204.5')
    expect(marks).toHaveLength(1)
    expect(unseen.map(({ part }) => part)).toEqual(['level:funding-index:BTC-USD'])
  })
})
