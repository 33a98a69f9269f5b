import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { Report, ReportSignature, SignedReport } from '../../../lib/domain/report.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { PeerAnswer } from '../../../lib/ports.ts'
import { movedClock } from '../lane/lane-in-memory.ts'
import {
  aCore,
  anEvmEngine,
  aPeer,
  aReport,
  btc,
  collected,
  counted,
  eth,
  home,
  newest,
  nodes,
  round,
  signedBy,
  start,
  stranger,
} from './oracle-network.ts'

const [first = stranger, second = stranger, third = stranger, fourth = stranger] = nodes
const engines = [
  ['evm-engine', anEvmEngine],
  ['starknet-perpetual', aCore],
] as const

// SEC 2, section 2.4.1; https://docs.starkware.co/starkex/crypto/stark-curve.html
const orders = {
  evm: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  core: 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn,
}

describe('what peers give', () => {
  test('counts beside what is in our own table, for each exchange', async () => {
    for (const [, open] of engines) {
      const clock = movedClock()
      const store = memoryStore({ clock })
      await store.reports.publish('oracle-1', round, [await signedBy(first, aReport('100'))])
      const peers = await Promise.all(
        [second, third, fourth].map(async (keys, at) =>
          aPeer(keys, newest(await signedBy(keys, aReport(String(101 + at))))),
        ),
      )
      const look = await collected(peers, { engine: open(), clock, store, own: 1 })
      expect(counted(look)).toEqual([
        'oracle-1 100',
        'oracle-2 101',
        'oracle-3 102',
        'oracle-4 103',
      ])
      expect(look.lies).toEqual([])
      expect(clock.now()).toBe(start)
    }
  })

  test('is asked for until it is there, and for no longer than there is time', async () => {
    const late = await signedBy(second, aReport('100'))
    let looks = 0
    const peer = aPeer(second, (wanted) => {
      if (wanted === round) looks += 1
      return looks === 3 ? [late] : { kind: 'nothing' }
    })
    const never = aPeer(third, () => ({ kind: 'nothing' }))
    const clock = movedClock()
    const look = await collected([peer, never], { clock })
    expect(counted(look)).toEqual(['oracle-2 100'])
    expect(clock.now() - start).toBeLessThanOrEqual(2_000)
    expect(look.sights.map(({ node, said, usable }) => [node, said, usable])).toEqual([
      ['oracle-2', 'reports', 1],
      ['oracle-3', 'nothing', 0],
    ])
    // Asking for ever would be a burden on it.
    expect(never.asked.filter((wanted) => wanted === round).length).toBeLessThanOrEqual(5)
  })

  test.for<PeerAnswer>([
    { kind: 'failed', why: 'timeout', detail: 'no whole answer within the deadline' },
    { kind: 'failed', why: 'http', detail: 'status 503' },
    { kind: 'failed', why: 'too-large', detail: 'the answer is larger than 2000000 bytes' },
    { kind: 'failed', why: 'unreadable', detail: 'the answer is no list of reports' },
  ])('is not missed where another one answers $why', async (answer) => {
    const good = aPeer(second, newest(await signedBy(second, aReport('100'))))
    const look = await collected([aPeer(third, () => answer), good])
    expect(counted(look)).toEqual(['oracle-2 100'])
    expect(look.sights[0]).toMatchObject({ node: 'oracle-3', said: 'why' in answer && answer.why })
  })

  test('of a round that was late still counts, in its round', async () => {
    const before = await signedBy(
      second,
      aReport('99', { round: round - 1, observedAt: timestamp(start - 10_000) }),
    )
    const peer = aPeer(second, (wanted) => (wanted === round - 1 ? [before] : { kind: 'nothing' }))
    const { rounds } = await collected([peer])
    expect(rounds.map(({ reports }) => reports.length)).toEqual([0, 1, 0])
  })

  test('is to be kept once, with what it counts for', async () => {
    const report = await signedBy(second, aReport('100'))
    const clock = movedClock()
    const store = memoryStore({ clock })
    const peer = aPeer(second, newest(report))
    const { pulled } = await collected([peer], { clock, store })
    expect(pulled).toMatchObject([{ engine: 'evm', node: 'oracle-2', round, reports: [report] }])
    await store.reports.publish('evm/oracle-2', round, [report])
    const again = await collected([peer], { clock, store })
    expect(again.pulled).toEqual([])
    expect(again.invalid).toEqual([])
    expect(counted(again)).toEqual(['oracle-2 100'])
  })
})

describe('a node that signs two reports of one feed and round', () => {
  test('is held to the first, and both are the proof', async () => {
    for (const [, open] of engines) {
      const said = await signedBy(second, aReport('100'))
      const other = await signedBy(second, aReport('105'))
      const look = await collected([aPeer(second, newest(said, other))], { engine: open() })
      expect(counted(look)).toEqual(['oracle-2 100'])
      expect(look.lies).toEqual([
        {
          node: 'oracle-2',
          what: 'equivocated',
          detail: `it signed two different reports of BTC-USD in round ${round}, of 100 and 105`,
          evidence: [said, other],
        },
      ])
      expect(look.sights[0]?.refused).toEqual({ equivocated: 1 })
      expect(await open().verifyAll(look.lies.flatMap(({ evidence }) => evidence))).toEqual([
        true,
        true,
      ])
    }
  })

  test('is held to what it said before, also by another process and in a later slot', async () => {
    const clock = movedClock()
    const store = memoryStore({ clock })
    const said = await signedBy(second, aReport('100'))
    await store.reports.publish('evm/oracle-2', round, [said])
    const other = await signedBy(second, aReport('105'))
    const look = await collected([aPeer(second, newest(other))], { clock, store })
    expect(counted(look)).toEqual(['oracle-2 100'])
    expect(look.lies).toMatchObject([{ what: 'equivocated', evidence: [said, other] }])
  })

  test('is not one that says the same again, in however many signatures', async () => {
    const said = await signedBy(second, aReport('100'))
    const look = await collected([aPeer(second, newest(said, said))])
    expect(look.lies).toEqual([])
    expect(look.sights[0]?.refused).toEqual({ duplicate: 1 })
  })
})

/** Each a way in which somebody may bend a report that was rightly signed. */
const bends: readonly (readonly [
  how: string,
  bend: (report: SignedReport, by: number) => SignedReport,
])[] = [
  ['another price', (one, by) => ({ ...one, price: one.price.add(by + 1) })],
  ['another round', (one, by) => ({ ...one, round: one.round + by - 3 + Number(by >= 3) })],
  [
    'another time',
    (one, by) => ({ ...one, observedAt: timestamp(one.observedAt + (by + 1) * 1_000) }),
  ],
  [
    'other inputs',
    (one, by) => ({ ...one, oldestInputAt: timestamp(one.oldestInputAt - (by + 1) * 1_000) }),
  ],
  ['other sources', (one, by) => ({ ...one, sources: one.sources + by + 1 })],
  ['another configuration', (one, by) => ({ ...one, configHash: `0x${`0${by}`.repeat(32)}` })],
  ['another feed', (one) => ({ ...one, feed: one.feed === btc ? eth : btc })],
]

describe('no report counts that is', () => {
  test.each(bends)('%s than what was signed', async (_, bend) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...engines),
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.nat(6),
        async ([, open], cents, by) => {
          const good = await signedBy(second, aReport(new Decimal(cents).div(100).toFixed()))
          const engine = open()
          const bent = bend(good, by)
          expect(counted(await collected([aPeer(second, newest(good))], { engine }))).toHaveLength(
            1,
          )
          for (const look of [
            await collected([aPeer(second, newest(bent))], { engine }),
            await collected([], { engine, ...(await tableWith(bent)), own: 1 }),
          ])
            expect([...counted(look), ...counted(look, eth)]).toEqual([])
        },
      ),
      { numRuns: 12 },
    )
  })

  test('signed for another network or another contract', async () => {
    for (const [, open] of engines)
      for (const where of [
        { ...home, chainId: 1 },
        { ...home, address: `0x${'c1'.repeat(20)}` as const },
      ]) {
        const foreign = await signedBy(second, aReport('100'), [open(where)])
        const look = await collected([aPeer(second, newest(foreign))], { engine: open() })
        expect(counted(look)).toEqual([])
        expect(look.lies).toMatchObject([{ node: 'oracle-2', what: 'forged', evidence: [foreign] }])
        const there = await collected([aPeer(second, newest(foreign))], { engine: open(where) })
        expect(counted(there)).toEqual(['oracle-2 100'])
      }
  })

  test('signed for other exchanges alone', async () => {
    const { signatures, ...report } = await signedBy(second, aReport('100'))
    const look = await collected([aPeer(second, newest({ ...report, signatures: {} }))])
    expect(look.sights[0]?.refused).toEqual({ unsigned: 1 })
    expect(Object.keys(signatures)).toHaveLength(2)
    expect(look.lies).toEqual([])
  })

  test('of the future, or of another time than its round', async () => {
    for (const [seconds, counts] of [
      [5, true],
      [6, false],
      [-10, true],
      [-11, false],
    ] as const) {
      const observedAt = timestamp(start + seconds * 1_000)
      const report = await signedBy(second, aReport('100', { observedAt }))
      const look = await collected([aPeer(second, newest(report))])
      expect(counted(look)).toHaveLength(counts ? 1 : 0)
      expect(look.lies.map(({ what }) => what)).toEqual(counts ? [] : ['off-time'])
    }
  })

  test('an old one again, rightly signed as it is', async () => {
    for (const [, open] of engines) {
      const old = await signedBy(second, aReport('90', { round: round - 1 }))
      const look = await collected([aPeer(second, newest(old))], { engine: open() })
      expect(look.rounds.flatMap(({ reports }) => reports)).toEqual([])
      expect(look.lies).toMatchObject([{ what: 'replayed', evidence: [old] }])
      // Called new it is signed by nobody.
      const renamed = await collected([aPeer(second, newest({ ...old, round }))], {
        engine: open(),
      })
      expect(renamed.lies).toMatchObject([{ what: 'forged' }])
    }
  })

  test('signed by whom the exchange does not know, or by another node', async () => {
    const forged = { ...(await signedBy(stranger, aReport('100'))), node: 'oracle-2' }
    const copied = { ...(await signedBy(third, aReport('100'))), node: 'oracle-2' }
    for (const report of [forged, copied]) {
      const look = await collected([aPeer(second, newest(report))])
      expect(counted(look)).toEqual([])
      expect(look.lies).toMatchObject([{ node: 'oracle-2', what: 'foreign' }])
    }
    const unknown = { ...forged, node: 'stranger' }
    const look = await collected([aPeer(stranger, newest(unknown))])
    expect(look.lies).toMatchObject([{ node: 'stranger', what: 'forged' }])
  })

  test('a mirror image of itself, on either curve', async () => {
    const report = await signedBy(second, aReport('100'))
    const { evm, core } = report.signatures
    const [bytes = '0x'] = evm?.signature ?? []
    const s = BigInt(`0x${bytes.slice(66, 130)}`)
    const mirrored = (orders.evm - s).toString(16).padStart(64, '0')
    const v = bytes.endsWith('1b') ? '1c' : '1b'
    const [r = '0x0', starkS = '0x0'] = core?.signature ?? []
    const [sealR = '0x0', sealS = '0x0'] = core?.seal ?? []
    const mirror = (word: string) => `0x${(orders.core - BigInt(word)).toString(16)}` as const
    const images: readonly (readonly [string, Partial<ReportSignature>])[] = [
      ['evm', { signature: [`0x${bytes.slice(2, 66)}${mirrored}${v}`] }],
      ['core', { signature: [r, mirror(starkS)] }],
      ['core', { seal: [sealR, mirror(sealS)] }],
      ['core', { signature: [r, mirror(starkS)], seal: [sealR, mirror(sealS)] }],
      ['core', { seal: undefined }],
    ]
    for (const [engine, change] of images) {
      const right = report.signatures[engine] ?? { signer: '0x', signature: [] }
      const bent = { ...report, signatures: { [engine]: { ...right, ...change } } }
      const open = engine === 'evm' ? anEvmEngine : aCore
      expect(counted(await collected([aPeer(second, newest(report))], { engine: open() }))).toEqual(
        ['oracle-2 100'],
      )
      const look = await collected([aPeer(second, newest(bent))], { engine: open() })
      expect(counted(look)).toEqual([])
      expect(look.lies).toMatchObject([{ what: 'forged' }])
    }
  })

  test('signed with any bit turned over', async () => {
    const report = await signedBy(second, aReport('100'))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...engines), fc.nat(2 ** 16), async ([, open], bit) => {
        const engine = open()
        const right = report.signatures[engine.name]
        const words = [...(right?.signature ?? []), ...(right?.seal ?? [])]
        const at = bit % words.length
        const turned = words.with(at, turnedOver(words[at] ?? '0x0', bit))
        const signature = turned.slice(0, right?.signature.length)
        const seal = turned.slice(right?.signature.length)
        const bent: ReportSignature = {
          signer: right?.signer ?? '0x',
          signature,
          ...(right?.seal && { seal: [seal[0] ?? '0x', seal[1] ?? '0x'] as const }),
        }
        const changed = { ...report, signatures: { [engine.name]: bent } }
        expect(counted(await collected([aPeer(second, newest(changed))], { engine }))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

test('whatever a minority of the peers does, the others’ reports are what counts', async () => {
  const honest = await Promise.all(
    [second, third].map(async (keys, at) =>
      aPeer(keys, newest(await signedBy(keys, aReport(String(100 + at))))),
    ),
  )
  const material = await Promise.all([
    signedBy(fourth, aReport('5')),
    signedBy(fourth, aReport('100.5')),
    signedBy(fourth, aReport('100', { round: round - 1 })),
    signedBy(fourth, aReport('100', { observedAt: timestamp(start + 3_600_000) })),
    signedBy(stranger, aReport('7')),
    signedBy(second, aReport('100')),
    signedBy(fourth, aReport('9', { feed: eth })),
  ])
  const piece = fc.constantFrom(...material)
  const bent = fc.record(
    {
      node: fc.constantFrom('oracle-2', 'oracle-4', 'x'),
      price: fc.constantFrom(new Decimal(0), new Decimal('1e40'), new Decimal('100')),
      round: fc.constantFrom(round, 0),
    },
    { requiredKeys: [] },
  )
  const anything = fc
    .tuple(piece, bent)
    .map(([report, change]): SignedReport => ({ ...report, ...(change as Partial<Report>) }))
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 6 }), async (given) => {
      const look = await collected([...honest, aPeer(fourth, newest(...given))])
      const others = counted(look).filter((one) => !one.startsWith('oracle-4'))
      expect(others).toEqual(['oracle-2 100', 'oracle-3 101'])
      expect(counted(look).length).toBeLessThanOrEqual(3)
    }),
    { numRuns: 60 },
  )
})

async function tableWith(report: SignedReport) {
  const clock = movedClock()
  const store = memoryStore({ clock })
  await store.reports.publish(report.node, round, [report])
  return { clock, store }
}

/** One bit of a hexadecimal word. */
function turnedOver(word: `0x${string}`, bit: number): `0x${string}` {
  const digits = word.slice(2)
  const value = BigInt(word) ^ (1n << BigInt(bit % (digits.length * 4)))
  return `0x${value.toString(16).padStart(digits.length, '0')}`
}
