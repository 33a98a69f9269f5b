import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { seeded } from '../../keepers/lane/workers.ts'
import { independentReading } from './independent-reading.ts'
import { largeMutations } from './mutations.ts'
import { bodyOf, hostileBody, parsedBody, wrongQuotes } from './one-body.ts'
import { hostileRounds, type Rounds } from './one-round.ts'
import { now, samples } from './samples.ts'
import { parsed, tokens } from './support.ts'

const seeds = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => 20_261_126 + index)

test('3,000 hostile bodies are read as they say, or refused in the venue’s name', () => {
  const outcomes = new Set<string>()
  for (const seed of seeds(3_000)) {
    const body = bodyOf(seed)
    const { outcome, wrong } = parsedBody(body)
    outcomes.add(outcome)
    expect(wrong, `seed ${seed}, ${body.sample.title}, ${body.kind}`).toBeUndefined()
  }
  expect([...outcomes].toSorted()).toEqual(['no quote in it', 'read as it says', 'refused'])
})

test.each(Object.entries(largeMutations))('so are %s', (kind, mutation) => {
  const random = seeded(kind.length)
  for (const sample of samples.slice(0, 3))
    expect(parsedBody(hostileBody(sample, random, { [kind]: mutation })).wrong).toBeUndefined()
})

describe('over a socket', () => {
  let rounds: Rounds
  beforeAll(async () => {
    rounds = await hostileRounds()
  })
  afterAll(() => rounds.close())

  test('no hostile answer becomes a price, whatever it is packed in', async () => {
    const kinds = new Set<string>()
    for (const seed of seeds(60)) {
      const { delivered, wrong } = await rounds.play(seed)
      for (const { kind } of delivered) kinds.add(kind)
      expect(wrong, `seed ${seed}`).toBeUndefined()
    }
    expect(kinds.size).toBeGreaterThan(10)
  }, 60_000)
})

describe.each(samples.map((sample) => [sample.title, sample] as const))(
  'the reading that %s is compared with',
  (_, sample) => {
    const body = sample.body([tokens(sample)])

    test('is of the numbers that the answer was made of', () => {
      expect(independentReading(sample, body)).toEqual({
        bid: '64000.12',
        ask: '64001',
        last: sample.hasNoLast ? undefined : '63999.987',
        time: sample.timeKind === 'none' ? undefined : (sample.keeps?.(now - 1_500) ?? now - 1_500),
        suspended: false,
      })
    })

    test('would tell of any other price', () => {
      const quotes = parsed(sample.venue, [sample.instrument], body)
      expect(wrongQuotes(sample, body, quotes)).toBeUndefined()
      for (const side of ['bid', 'ask'] as const) {
        const wrong = quotes.map((quote) => ({ ...quote, [side]: quote[side]?.add('1e-15') }))
        expect(wrongQuotes(sample, body, wrong)).toMatch(/^read .* but it says /)
      }
      expect(wrongQuotes(sample, body.slice(1), quotes)).toBe(
        'a quote was made of what says nothing',
      )
    })
  },
)
