import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { type Market, parseMarket } from '../../../lib/domain/market.ts'
import type { FeedOutcome, FeedResult } from '../../../lib/domain/price-round.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { decisionText } from '../../../lib/keepers/decision-text.ts'
import type { Decision, Keeper } from '../../../lib/keepers/keeper.ts'
import { publishPrices, type PublishView } from '../../../lib/keepers/publish-prices.ts'
import { decidedBeside, type Gate } from '../../../lib/keepers/shadow/decide-beside.ts'
import { aFeed, aQuote, start, theFeeds } from '../../domain/quotes.ts'
import { movedClock } from '../lane/lane-in-memory.ts'

const feed = parseMarket('BTC-USD')
const at = timestamp(1_764_000_000_000)

const priced = (text: string): FeedOutcome => ({
  kind: 'price',
  price: new Decimal(text),
  confidence: new Decimal(0),
  oldestInputAt: at,
  sources: 3,
})
const held = (text: string): FeedOutcome => ({
  kind: 'hold',
  reason: 'jump',
  detail: 'a jump',
  median: new Decimal(text),
  rounds: 1,
})
const refused: FeedOutcome = { kind: 'refused', reason: 'too-few-agree', detail: '1 of 3 agree' }

/** Of one market, and where `also` says another one of that, which both sets price alike. */
function decisionOf(outcome: FeedOutcome, also?: Market): Decision {
  const results: readonly FeedResult[] = [
    { feed, role: 'market', outcome, sources: [] },
    ...(also ? [{ feed: also, role: 'market', outcome: priced('5'), sources: [] } as const] : []),
  ]
  const reports = results.flatMap((result) =>
    result.outcome.kind === 'price'
      ? [
          {
            feed: result.feed,
            round: 7,
            price: result.outcome.price,
            observedAt: at,
            oldestInputAt: at,
            sources: 3,
            configHash: '0x01' as const,
          },
        ]
      : [],
  )
  return {
    actions: [
      { kind: 'publish-reports', node: 'a', round: 7, reports, snapshot: '', qualities: [] },
    ],
    outcome: { kind: 'done', reason: 'published', detail: '' },
    recorded: { feeds: results },
  }
}

let unlike = 0

/** No two go by the same, unless they are said to. */
function deciding(
  decide: () => Decision,
  settings: unknown = { unlike: (unlike += 1) },
): Keeper<undefined> {
  return {
    job: 'publish-prices',
    settings,
    observe: async () => undefined,
    decide,
    recorded: () => ({}),
  }
}

const gate: Gate = { mostBps: 100, tripped: async () => undefined }

function beside(
  own: FeedOutcome,
  before: FeedOutcome,
  { also, ...of }: { readonly gate?: Gate; readonly also?: Market } = { gate },
) {
  const shadow = {
    kind: 'previous',
    parameters: 'bb',
    keeper: deciding(() => decisionOf(before, also)),
  } as const
  const made = decidedBeside(
    movedClock(),
    deciding(() => decisionOf(own, also)),
    undefined,
    { shadow, ...of },
  )
  return { ...made, ...made.written() }
}

function told({ actions }: Decision): readonly string[] {
  return actions.flatMap((one) =>
    one.kind === 'publish-reports' ? one.reports.map((report) => report.feed) : [],
  )
}

function someSettings(): unknown {
  return { windowMs: new Decimal('1.5'), of: new Set(['a']) }
}

function keeperOf(minSources: number): Keeper<PublishView> {
  const feeds = theFeeds(aFeed(['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USD'], { minSources }))
  const world = { clock: movedClock(), feeds, configHashes: { 'BTC-USD': '0x01' } as const }
  return publishPrices({ ...world, quotes: undefined as never, store: undefined as never })
}

describe('on probation', () => {
  test('a price as far from the set before’s as is allowed is told, and one a little further is not', () => {
    for (const near of ['10100', '9900', '10000']) {
      const { own, decision, tripped, note } = beside(priced(near), priced('10000'))
      expect(decision).toBe(own)
      expect([tripped, note?.withheld]).toEqual([undefined, undefined])
    }
    for (const [far, percent] of [
      ['10100.01', '1 %'],
      ['9899.99', '1 %'],
      ['10300', '3 %'],
    ] as const) {
      const { decision, tripped, note } = beside(priced(far), priced('10000'))
      expect(decision).toEqual(decisionOf(priced('10000')))
      expect(tripped).toContain(`is ${percent} from 10000, which the set before makes`)
      expect(note?.withheld).toBe(tripped)
    }
  })

  test('where the set before holds its median, that is what a price is measured by', () => {
    expect(beside(priced('10050'), held('10000')).tripped).toBeUndefined()
    expect(beside(priced('10200'), held('10000')).tripped).toContain('2 % from 10000')
  })

  test('where the set before has no price none is told, which alone takes nothing back', () => {
    const { decision, tripped, note } = beside(priced('10000'), refused)
    const why = 'BTC-USD: the set before has no price (too-few-agree), and this one has 10000'
    expect(decision.actions).toMatchObject([{ kind: 'publish-reports', reports: [] }])
    expect(decision.outcome).toEqual({ kind: 'refused', reason: 'withheld', detail: why })
    expect(tripped).toBeUndefined()
    expect(note?.withheld).toBe(why)
  })

  test('a market of which the set before has no price is withheld alone: the others are told', () => {
    const other = parseMarket('ETH-USD')
    const { decision, own, tripped } = beside(priced('10000'), refused, { gate, also: other })
    expect(told(own)).toEqual([feed, other])
    expect(told(decision)).toEqual([other])
    expect(decision.outcome).toMatchObject({
      kind: 'done',
      detail: expect.stringContaining('; not told: BTC-USD: the set before has no price') as string,
    })
    expect(tripped).toBeUndefined()
  })

  test('what the set itself refuses is not told by the set before either', () => {
    const { own, decision, tripped } = beside(refused, priced('10000'))
    expect(decision).toBe(own)
    expect(tripped).toBeUndefined()
  })
})

describe('in shadow', () => {
  test('no distance withholds anything: the candidate is only recorded', () => {
    const { own, decision, tripped, note, shadow } = beside(priced('1'), priced('10000'), {})
    expect(decision).toBe(own)
    expect([tripped, note?.withheld]).toEqual([undefined, undefined])
    expect(note?.prices?.apart).toEqual([
      { feed, own: { kind: 'price', price: '1' }, shadow: { kind: 'price', price: '10000' } },
    ])
    expect(shadow?.parameters).toBe('bb')
  })

  test('a candidate is asked only when what is done has begun', () => {
    let asked = 0
    const keeper = deciding(() => {
      asked += 1
      return decisionOf(priced('2'))
    })
    const own = deciding(() => decisionOf(priced('1')))
    const made = decidedBeside(movedClock(), own, undefined, {
      shadow: { kind: 'candidate', parameters: 'bb', keeper },
    })
    expect(asked).toBe(0)
    expect(made.written().note).toMatchObject({ isSame: false, prices: { same: 0 } })
    expect(asked).toBe(1)
  })

  test('a candidate that goes by the same in this job is not asked again: it decides the same', () => {
    let asked = 0
    const count = () => {
      asked += 1
      return decisionOf(priced('1'))
    }
    const { written } = decidedBeside(movedClock(), deciding(count, someSettings()), undefined, {
      shadow: { kind: 'candidate', parameters: 'bb', keeper: deciding(count, someSettings()) },
    })
    const { decided, note, shadow } = written()
    expect(asked).toBe(1)
    expect(note).toMatchObject({ isSame: true, prices: { same: 1, apart: [] } })
    expect(shadow).toEqual({ parameters: 'bb', decided })
  })

  test('where what it goes by has no text both decide, and the live decision is not harmed', () => {
    let asked = 0
    const count = () => {
      asked += 1
      return decisionOf(priced('1'))
    }
    const endless = { waitMs: Infinity }
    const { own, written } = decidedBeside(movedClock(), deciding(count, endless), undefined, {
      shadow: { kind: 'candidate', parameters: 'bb', keeper: deciding(count, endless) },
    })
    expect(own).toEqual(decisionOf(priced('1')))
    expect(written().note).toMatchObject({ isSame: true })
    expect(asked).toBe(2)
  })

  test('what both make alike of one view is made once, and what both write is the same text', () => {
    const quotes = ['a', 'b', 'c'].map((venue) => aQuote(`${venue}:BTC-USD`, '100'))
    const view = { node: 'a', round: 1, now: start, quotes, failures: [], memory: undefined }
    const [own, other] = [keeperOf(2), keeperOf(3)]
    const of = { ...view, feeds: undefined as never, configHashes: {} }
    const { written } = decidedBeside(movedClock(), own, of, {
      shadow: { kind: 'candidate', parameters: 'bb', keeper: other },
    })
    expect(written().decided).toBe(decisionText(own.decide(of)))
    expect(written().shadow?.decided).toBe(decisionText(other.decide(of)))
  })

  test('one that throws leaves what is decided as it is, and says why', () => {
    const keeper = deciding(() => {
      throw new RangeError('no such leg')
    })
    const own = deciding(() => decisionOf(priced('1')))
    const made = decidedBeside(movedClock(), own, undefined, {
      shadow: { kind: 'candidate', parameters: 'bb', keeper },
    })
    expect(made.decision).toEqual(decisionOf(priced('1')))
    expect(made.written().note).toEqual({
      kind: 'candidate',
      parameters: 'bb',
      ownMs: 0,
      shadowMs: 0,
      failed: 'no such leg',
    })
    expect(made.written().shadow).toBeUndefined()
  })
})
