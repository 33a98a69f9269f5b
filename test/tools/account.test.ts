import { describe, expect, test } from 'vitest'

import type { Notice } from '../../lib/keepers/notice.ts'
import { openAccount } from '../../lib/tools/account.ts'
import { startTally } from '../../lib/tools/summary.ts'
import { anIncident, anInclusion, anIntent, at, aTick, start } from './notices.ts'

function told(
  notices: readonly Notice[],
  options: {
    json?: boolean
    verbose?: boolean
    everything?: boolean
    isTTY?: boolean
    noColour?: boolean
  } = {},
): readonly string[] {
  let text = ''
  const { json = false, verbose = false, isTTY = false, noColour = false } = options
  const { everything = verbose } = options
  const output = {
    isTTY,
    write(part: string) {
      text += part
    },
  }
  const account = openAccount({ output, json, verbose, everything, noColour })
  for (const notice of notices) account.notice(notice)
  return text.split('\n').slice(0, -1)
}

/** Without the time of day, which is the machine's own. */
const words = (line: string | undefined) => line?.replace(/^\d\d:\d\d:\d\d {2}/, '')

const incident = (state: 'opened' | 'resolved'): Notice => ({
  kind: 'incident',
  at: at(9),
  state,
  incident: anIncident({ severity: 'critical' }),
})

describe('an account for people', () => {
  test('has one line per tick, with why', () => {
    const lines = told([
      aTick(1),
      aTick(6, { kind: 'refused', reason: 'no-quorum', detail: '1 of 2' }),
    ])
    expect(lines.map(words)).toEqual([
      'push-prices     evm        pushed',
      'push-prices     evm        refused, no-quorum: 1 of 2',
    ])
  })

  test('leaves out a slot in which nothing was to do, unless everything is asked for', () => {
    const nobody = aTick(1, { kind: 'done', reason: 'nobody', detail: '0 of 0' })
    expect(told([nobody])).toEqual([])
    expect(told([nobody], { everything: true }).map(words)).toEqual([
      'push-prices     evm        nobody: 0 of 0',
    ])
  })

  test('tells a transaction when it is in a block', () => {
    const hash = `0x${'ab'.repeat(32)}` as const
    expect(words(told([anInclusion({ hash, afterMs: 1_400 })])[0])).toBe(
      'included        evm        1 market in 0xabababab…, block 7, 1.4 s after its slot',
    )
  })

  test('tells the other steps of a transaction only when asked for more', () => {
    const waiting: Notice = { ...anInclusion(), intent: anIntent({ kind: 'waiting' }) }
    expect(told([waiting])).toEqual([])
    expect(told([waiting], { verbose: true })).toHaveLength(1)
  })

  test('tells a revert with its reason, on one line whatever the contract said', () => {
    const [line, ...rest] = told([
      anInclusion({ hash: '0xbb', reverted: 'STALE\n\u001b[31mPRICE' }),
    ])
    expect(words(line)).toBe('reverted        evm        0xbb: STALE [31mPRICE')
    expect(rest).toEqual([])
  })

  test('has one line per incident and for its end', () => {
    expect(told([incident('opened'), incident('resolved')]).map(words)).toEqual([
      'alert opened    critical   venue-down kraken: kraken does not answer',
      'alert resolved  critical   venue-down kraken: it is over',
    ])
  })

  test('is in colour on a terminal, and never where that is not wanted', () => {
    const escape = '\u001b['
    expect(told([incident('opened')], { isTTY: true })[0]).toContain(escape)
    expect(told([incident('opened')], { isTTY: true, noColour: true })[0]).not.toContain(escape)
    expect(told([incident('opened')])[0]).not.toContain(escape)
  })
})

describe('an account for programs', () => {
  const trouble: Notice = { kind: 'trouble', at: at(3), where: 'evm', message: 'no answer' }
  const planned: Notice = { kind: 'planned', at: at(0), jobs: [] }
  const all = [planned, aTick(1), anInclusion(), incident('opened'), trouble]

  test('is one JSON object per line, each with a kind and a time', () => {
    const lines = told(all, { json: true }).map((line) => JSON.parse(line) as object)
    expect(lines.map((line) => 'kind' in line && line.kind)).toEqual(all.map(({ kind }) => kind))
    for (const line of lines)
      expect(line).toHaveProperty('at', expect.stringMatching(/^2027-01-15T08:00:0\d\.000Z$/))
  })

  test('names the parameters that a slot was decided under, where there were any', () => {
    const [plain = '', named = ''] = told([aTick(1), { ...aTick(2), parameters: 'aa11' }], {
      json: true,
    })
    expect(JSON.parse(plain)).not.toHaveProperty('parameters')
    expect(JSON.parse(named)).toHaveProperty('parameters', 'aa11')
  })

  test('tells all of an inclusion', () => {
    const [line = ''] = told([anInclusion({ afterMs: 1_400 })], { json: true })
    expect(JSON.parse(line)).toEqual({
      kind: 'transaction',
      at: '2027-01-15T08:00:01.400Z',
      chain: 'evm',
      intent: 'push-prices:evm:0xaa',
      markets: ['BTC-USD'],
      slotAt: '2027-01-15T08:00:00.000Z',
      state: 'included',
      hash: '0xaa',
      nonce: 1,
      block: 7,
      slotToInclusionMs: 1_400,
    })
  })
})

describe('a summary', () => {
  const tally = startTally({
    begunAt: at(0),
    slotAt: ({ slot }) => start + slot * 1000,
    chainOf: { evm: 'evm', core: 'starknet' },
    batched: [],
    sends: true,
  })
  for (const notice of [aTick(1), anInclusion(), aTick(2, { kind: 'refused', reason: 'paused' })])
    tally.add(notice)
  const summary = tally.summary({
    at: at(60),
    openIntents: [],
    openIncidents: [anIncident({ severity: 'critical' })],
  })

  test('says for people what was broken', () => {
    let text = ''
    const output = { write: (part: string) => (text += part) }
    openAccount({ output, json: false, verbose: false, noColour: false }).summary(summary)
    expect(text).toBe(`
Ran for 60 s.
  ticks      1 done of 0 planned, 1 refused (1 paused)
  evm        1 transaction included, 0 reverted; slot to inclusion 1 s in the middle, 1 s at the 99th percentile
  starknet   0 transactions included, 0 reverted
  incidents  0 opened, 0 resolved
  Broken:
    venue-down is not resolved: kraken does not answer
`)
  })

  test('is one line of JSON for programs', () => {
    let text = ''
    const output = { write: (part: string) => (text += part) }
    openAccount({ output, json: true, verbose: false, noColour: false }).summary(summary)
    expect(JSON.parse(text)).toEqual({
      kind: 'summary',
      ok: false,
      broken: ['venue-down is not resolved: kraken does not answer'],
      ranForMs: 60_000,
      ticks: { planned: 0, done: 1, refused: { paused: 1 }, failed: {} },
      chains: {
        evm: { included: 1, reverted: 0, slotToInclusionMs: { p50: 1_000, p99: 1_000 } },
        starknet: { included: 0, reverted: 0, slotToInclusionMs: { p50: null, p99: null } },
      },
      incidents: { opened: 0, resolved: 0 },
    })
  })
})
