import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { advance, type Finding, type Incident } from '../../../lib/domain/incident.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import type { Links } from '../../../lib/domain/watch/causes.ts'
import { correlate } from '../../../lib/domain/watch/correlate.ts'

const now = timestamp(1_764_000_000_000)

const links: Links = {
  engines: { core: 'starknet', dex: 'evm' },
  proving: { appchain: ['evm', 'starknet'], exchange: ['evm'] },
  provers: { appchain: ['atlantic'], exchange: ['atlantic', 'sharp'] },
  systems: {
    mainnet: { chains: { l2: 'mainnet:l2', l1: 'mainnet:l1' }, lanes: [] },
    appchain: { chains: { l2: 'starknet', l1: 'evm' }, lanes: ['appchain'] },
  },
}

function found(rule: string, subject: string, change: Partial<Finding> = {}): Finding {
  return {
    rule,
    subject,
    severity: 'warning',
    summary: `${rule} of ${subject}`,
    since: now,
    afterMs: 0,
    ...change,
  }
}

function heard(findings: readonly Finding[], open: readonly Incident[] = [], at = now) {
  const { findings: told, explained } = correlate(findings, { open, links, now: at })
  return {
    told: told.map(({ rule, subject, symptoms = [] }) => ({
      what: `${rule} ${subject}`,
      with: symptoms.map((one) => `${one.rule} ${one.subject}`),
    })),
    explained: explained.map((one) => `${one.rule} ${one.subject}`),
  }
}

/** An incident that people were told of, as it is after looks that found each of these. */
function incidentOf(...looks: readonly (Finding | undefined)[]): Incident {
  const incident = looks.reduce<Incident | undefined>(
    (before, finding, look) => advance(before, finding, timestamp(now + look * 15_000)),
    undefined,
  )
  if (!incident) throw new TypeError('nothing was found')
  return incident
}

describe('what has one cause is told once', () => {
  test('a chain that stalls makes prices, transactions, batches and the settlement late', () => {
    expect(
      heard([
        found('price-late', 'core:BTC-USD', { severity: 'critical' }),
        found('price-late', 'core:ETH-USD'),
        found('transaction-stuck', 'starknet/0xabc'),
        found('batch-late', 'appchain:12'),
        found('chain-stalled', 'starknet'),
        found('progress-stalled', 'appchain:state-update'),
      ]),
    ).toEqual({
      told: [
        {
          what: 'chain-stalled starknet',
          with: [
            'price-late core:BTC-USD',
            'price-late core:ETH-USD',
            'transaction-stuck starknet/0xabc',
            'batch-late appchain:12',
            'progress-stalled appchain:state-update',
          ],
        },
      ],
      explained: [
        'price-late core:BTC-USD',
        'price-late core:ETH-USD',
        'transaction-stuck starknet/0xabc',
        'batch-late appchain:12',
        'progress-stalled appchain:state-update',
      ],
    })
  })

  test('and is as bad as the worst of it', () => {
    const { findings } = correlate(
      [
        found('chain-stalled', 'starknet'),
        found('price-late', 'core:BTC-USD', { severity: 'critical' }),
      ],
      { open: [], links, now },
    )
    expect(findings[0]).toMatchObject({
      severity: 'critical',
      summary: 'chain-stalled of starknet; with it price-late of core:BTC-USD',
    })
  })

  test('what stands on another chain stands for itself', () => {
    expect(
      heard([found('chain-stalled', 'starknet'), found('price-late', 'dex:BTC-USD')]).told,
    ).toEqual([
      { what: 'chain-stalled starknet', with: [] },
      { what: 'price-late dex:BTC-USD', with: [] },
    ])
  })

  test('an exchange and a chain of one name are two things', () => {
    const own: Links = { ...links, engines: { evm: 'starknet' } }
    const { findings } = correlate(
      [found('chain-stalled', 'evm'), found('price-late', 'evm:BTC-USD')],
      { open: [], links: own, now },
    )
    expect(findings).toHaveLength(2)
  })

  test('our own chain and a watched system on it stall as one', () => {
    expect(
      heard([found('chain-stalled', 'appchain:l1'), found('chain-stalled', 'evm')]).told,
    ).toEqual([{ what: 'chain-stalled evm', with: ['chain-stalled appchain:l1'] }])
  })

  test('nodes that disagree come before the stall that one of them shows', () => {
    expect(
      heard([
        found('chain-stalled', 'mainnet:l2'),
        found('nodes-disagree', 'mainnet:l2'),
        found('progress-stalled', 'mainnet:state-update'),
      ]).told,
    ).toEqual([
      {
        what: 'nodes-disagree mainnet:l2',
        with: ['chain-stalled mainnet:l2', 'progress-stalled mainnet:state-update'],
      },
    ])
  })

  test('undone blocks explain what comes within five minutes, and no stall that comes after them', () => {
    const undone = found('head-went-back', 'starknet')
    const late = (ms: number) => found('price-late', 'core:BTC-USD', { since: timestamp(now + ms) })
    expect(heard([undone, late(300_000)]).told).toHaveLength(1)
    expect(heard([undone, late(300_001)]).told).toHaveLength(2)
    const stalled = (ms: number) =>
      found('chain-stalled', 'starknet', { since: timestamp(now + ms) })
    expect(heard([undone, stalled(0)]).told).toHaveLength(1)
    expect(heard([undone, stalled(1)]).told).toHaveLength(2)
  })

  test('of batches that a prover keeps waiting the oldest is told, with the settlement that waits for it', () => {
    expect(
      heard([
        found('batch-late', 'exchange:14'),
        found('batch-late', 'exchange:9'),
        found('settlement-late', 'exchange'),
        found('batch-late', 'appchain:3'),
      ]).told,
    ).toEqual([
      {
        what: 'batch-late exchange:9',
        with: ['batch-late exchange:14', 'settlement-late exchange'],
      },
      { what: 'batch-late appchain:3', with: [] },
    ])
  })

  test('a prover that does not answer is why batches of all its lanes are late', () => {
    expect(
      heard([
        found('batch-late', 'exchange:9'),
        found('prover-unreachable', 'atlantic'),
        found('batch-late', 'appchain:3'),
        found('settlement-late', 'appchain'),
        found('prover-unreachable', 'sharp'),
      ]).told,
    ).toEqual([
      {
        what: 'prover-unreachable atlantic',
        with: ['batch-late exchange:9', 'batch-late appchain:3', 'settlement-late appchain'],
      },
      { what: 'prover-unreachable sharp', with: [] },
    ])
  })

  test('a refused proof is why its batches wait, and undone blocks are another matter', () => {
    expect(
      heard([
        found('batch-waits', 'appchain:8'),
        found('batch-rejected', 'appchain:7'),
        found('settlement-late', 'appchain'),
      ]).told,
    ).toEqual([
      {
        what: 'batch-rejected appchain:7',
        with: ['batch-waits appchain:8', 'settlement-late appchain'],
      },
    ])
  })

  test('venues that freeze together are one thing, with the markets that lack a price', () => {
    expect(
      heard([
        found('venue-frozen', 'okx'),
        found('venue-frozen', 'bybit'),
        found('no-price', 'BTC-USD'),
        found('prices-stalled', 'venues'),
        found('price-late', 'core:BTC-USD'),
        found('price-late', 'dex:BTC-USD'),
      ]).told.map(({ what }) => what),
    ).toEqual(['prices-stalled venues'])
  })

  test('settings of one system that change at once are one change, and later ones another', () => {
    const later = timestamp(now + 15_000)
    expect(
      heard([
        found('setting-changed', 'mainnet:programHash'),
        found('setting-changed', 'mainnet:implementation'),
        found('setting-changed', 'mainnet:verifier', { since: later }),
        found('setting-changed', 'appchain:verifier'),
      ]).told.map(({ what }) => what),
    ).toEqual([
      'setting-changed mainnet:implementation',
      'setting-changed mainnet:verifier',
      'setting-changed appchain:verifier',
    ])
  })

  test('clocks of contracts run whatever is wrong: they are never explained away', () => {
    const clocks = [
      found('deadline-near', 'mainnet:system-time'),
      found('batch-expires', 'appchain:7'),
      found('funding-late', 'core'),
      found('exchange-time-late', 'core'),
    ]
    const { told: all } = heard([
      found('chain-stalled', 'starknet'),
      found('chain-stalled', 'mainnet:l2'),
      found('chain-unreachable', 'evm'),
      ...clocks,
    ])
    for (const { rule, subject } of clocks)
      expect(all).toContainEqual({ what: `${rule} ${subject}`, with: [] })
  })

  test('whatever is found is told or explained by something told, once, in whatever order it was found', () => {
    const rules = [
      'chain-stalled',
      'chain-unreachable',
      'nodes-disagree',
      'price-late',
      'batch-late',
    ]
    const more = ['settlement-late', 'venue-down', 'prices-stalled', 'funding-late', 'watch-blind']
    const subjects = ['starknet', 'evm', 'core:BTC-USD', 'appchain:3', 'mainnet:l2', 'okx']
    const one = fc
      .tuple(fc.constantFrom(...rules, ...more), fc.constantFrom(...subjects))
      .map(([rule, subject]) => found(rule, subject))
    const several = fc.uniqueArray(one, {
      maxLength: 20,
      selector: ({ rule, subject }) => `${rule} ${subject}`,
    })
    fc.assert(
      fc.property(several, fc.infiniteStream(fc.nat()), (all, shuffle) => {
        const { told: first, explained } = heard(all)
        const names = all.map(({ rule, subject }) => `${rule} ${subject}`)
        const everything = first.flatMap(({ what, with: symptoms }) => [what, ...symptoms])
        expect(everything.toSorted()).toEqual(names.toSorted())
        expect([...first.map(({ what }) => what), ...explained].toSorted()).toEqual(
          names.toSorted(),
        )
        const keys = new Map(all.map((finding) => [finding, shuffle.next().value ?? 0]))
        const other = heard(all.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0)))
        expect(new Set(other.told.map(({ what }) => what))).toEqual(
          new Set(first.map(({ what }) => what)),
        )
      }),
    )
  })
})

describe('an end is the end of one thing', () => {
  const stall = found('chain-stalled', 'starknet')
  const late = found('price-late', 'core:BTC-USD')
  const withLate = correlate([stall, late], { open: [], links, now }).findings[0] as Finding

  test('what a stall made late stays with it after the chain has come back', () => {
    const open = incidentOf(withLate, withLate)
    expect(heard([late], [open])).toEqual({
      told: [{ what: 'chain-stalled starknet', with: ['price-late core:BTC-USD'] }],
      explained: ['price-late core:BTC-USD'],
    })
    const [still] = correlate([late], { open: [open], links, now }).findings
    expect(still?.summary).toBe(
      'chain-stalled of starknet is over; there is still price-late of core:BTC-USD',
    )
  })

  test('for ten minutes: then it stands for itself, and the stall is over', () => {
    const over = correlate([late], { open: [incidentOf(withLate)], links, now }).findings[0]
    const open = incidentOf(withLate, over, over)
    expect(open.causeGoneAt).toBe(now + 15_000)
    const at = (minutes: number): Timestamp => timestamp(now + 15_000 + minutes * 60_000)
    expect(heard([late], [open], at(10)).told).toEqual([
      { what: 'chain-stalled starknet', with: ['price-late core:BTC-USD'] },
    ])
    expect(heard([late], [open], timestamp(at(10) + 1)).told).toEqual([
      { what: 'price-late core:BTC-USD', with: [] },
    ])
  })

  test('its history says what came with it, when the cause was over and when all was', () => {
    const over = correlate([late], { open: [incidentOf(withLate)], links, now }).findings[0]
    const looks = [stall, withLate, over, undefined, undefined, undefined]
    expect(incidentOf(...looks).timeline?.map(({ what }) => what)).toEqual([
      'first seen: chain-stalled of starknet',
      'it was told',
      'with it price-late of core:BTC-USD',
      'its cause is over',
      'it is resolved',
    ])
  })

  test('a history of any length keeps its beginning and its end', () => {
    const looks = Array.from({ length: 200 }, (_, look) => (look % 2 === 0 ? stall : withLate))
    const timeline = incidentOf(...looks).timeline ?? []
    expect(timeline).toHaveLength(40)
    expect(timeline[0]?.what).toBe('first seen: chain-stalled of starknet')
    expect(timeline.at(-1)?.at).toBe(now + 199 * 15_000)
  })
})
