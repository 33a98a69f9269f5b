import * as fc from 'fast-check'
import { hashTypedData, recoverTypedDataAddress, serializeSignature } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { usualMarketRules } from '../../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { actor, signers, stranger } from './actors.ts'
import { aMarket, type Engine, genesis, governor, startEngine } from './engine.ts'
import { anUpdate, e18, type Update } from './moves.ts'
import { domainOf, feedOf, types } from './typed-data.ts'

// secp256k1's order (SEC 2, section 2.4.1).
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

let engine: Engine
let back: () => Promise<void>
beforeAll(async () => {
  const markets = { 'BTC-USD': usualMarketRules, 'ETH-USD': usualMarketRules, 'SOL-USD': aMarket() }
  engine = await startEngine({ markets })
  await engine.warp(1_000)
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const prices = [e18(100), e18(103), e18(101)]
const push = async (...updates: readonly Update[]) =>
  engine.act(stranger.address, 'pushPrices', updates)
const refused = async (...updates: readonly Update[]) =>
  engine.refusal(stranger.address, 'pushPrices', updates)
const bend = (update: Update, at: number, bent: object): Update => ({
  ...update,
  reports: update.reports.map((report, index) => (index === at ? { ...report, ...bent } : report)),
})

async function stored(symbol: string) {
  const [, , [view]] = (await engine.ask('snapshot', [feedOf(symbol)])) as [
    boolean,
    string[],
    [{ mark: { price: bigint; publishedAt: bigint; roundId: bigint } }],
  ]
  return view.mark
}

describe('a price', () => {
  test('is the median of the reports, pushed by anyone, and tells of its oldest one', async () => {
    const observed = [0n, -7n, 12n].map((shift) => engine.now() + shift)
    const updates = await Promise.all(
      observed.map(async (observedAt, at) =>
        anUpdate(engine, {
          prices: [prices[at] ?? 0n],
          by: signers.slice(at),
          fields: { observedAt, oldestInputAt: 0n },
        }),
      ),
    )
    const [first] = updates
    if (!first) throw new Error('there is no update')
    const reports = updates.flatMap((update) => update.reports)
    expect(await push({ ...first, reports })).toEqual([
      {
        name: 'PriceUpdated',
        args: {
          feedId: feedOf('BTC-USD'),
          roundId: engine.now(),
          price: e18(101),
          publishedAt: engine.now() - 7n,
          reports: 3,
        },
      },
    ])
    expect(await stored('BTC-USD')).toEqual({
      price: e18(101),
      publishedAt: engine.now() - 7n,
      roundId: engine.now(),
    })
  })

  test('is for any number of reports the middle, or the floor of the two middles’ average', async () => {
    const anyPrice = fc.oneof(
      fc.bigInt(1n, 30n),
      fc.bigInt(1n, 2n ** 112n - 1n),
      fc.constantFrom(1n, 2n ** 112n - 1n),
    )
    let round = 10n ** 12n
    const law = fc.asyncProperty(
      fc.array(anyPrice, { minLength: 1, maxLength: 5 }),
      async (some) => {
        round += 1n
        await engine.warp(1)
        const update = await anUpdate(engine, { symbol: 'SOL-USD', prices: some, round })
        await push(update)
        // By rank, without sorting: the values that at least half are not above, and not below.
        const half = some.length / 2
        const low = some.filter((a) => some.filter((b) => b <= a).length >= half)
        const high = some.filter((a) => some.filter((b) => b >= a).length >= half)
        const smallest = low.reduce((a, b) => (a < b ? a : b))
        const greatest = high.reduce((a, b) => (a > b ? a : b))
        expect((await stored('SOL-USD')).price).toBe((smallest + greatest) / 2n)
      },
    )
    await fc.assert(law, { numRuns: 60 })
  })

  test('comes with others in one batch', async () => {
    const updates = [
      await anUpdate(engine, { prices }),
      await anUpdate(engine, { symbol: 'ETH-USD', prices: [5n, 5n, 7n, 6n] }),
    ]
    await push(...updates)
    expect((await stored('BTC-USD')).price).toBe(e18(101))
    expect((await stored('ETH-USD')).price).toBe(5n)
  })

  test('is still taken while the engine is paused', async () => {
    await engine.act(actor('guardian').address, 'pause')
    await push(await anUpdate(engine, { prices }))
    expect((await stored('BTC-USD')).price).toBe(e18(101))
  })
})

describe('a digest', () => {
  const anything = fc.record({
    feedId: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf),
    roundId: fc.bigInt(0n, 2n ** 64n - 1n),
    observedAt: fc.bigInt(0n, 2n ** 64n - 1n),
    oldestInputAt: fc.bigInt(0n, 2n ** 64n - 1n),
    price: fc.bigInt(-(2n ** 255n), 2n ** 255n - 1n),
    sources: fc.nat(65_535),
    configHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf),
  })

  test('is on chain what viem makes of the typed data', async () => {
    const law = fc.asyncProperty(anything, async ({ feedId, roundId, ...fields }) => {
      const message = { feedId, roundId, decimals: 18, ...fields }
      const domain = domainOf(engine.domain)
      const zero = `0x${'00'.repeat(32)}`
      const report = { ...fields, v: 0, r: zero, s: zero }
      expect(await engine.ask('reportDigest', feedId, roundId, report)).toBe(
        hashTypedData({ domain, types, primaryType: 'Report', message }),
      )
    })
    await fc.assert(law, { numRuns: 40 })
  })

  test('gives back its signer', async () => {
    const { feedId, roundId, reports } = await anUpdate(engine, { prices: [e18(1)] })
    const [report] = reports
    if (!report) throw new Error('there is no report')
    const { v, r, s, ...fields } = report
    const recovered = await recoverTypedDataAddress({
      domain: domainOf(engine.domain),
      types,
      primaryType: 'Report',
      message: { feedId, roundId, decimals: 18, ...fields },
      signature: serializeSignature({ r, s, yParity: v - 27 }),
    })
    expect(recovered).toBe(signers[0]?.address)
  })
})

describe('a push is refused', () => {
  test('with nothing in it', async () => {
    expect(await refused()).toBe('EmptyBatch()')
  })

  test('for a market that is not listed', async () => {
    expect(await refused(await anUpdate(engine, { symbol: 'DOGE-USD', prices }))).toBe(
      'UnknownMarket(DOGE-USD)',
    )
  })

  test('with fewer reports than the quorum, or more than can be counted', async () => {
    const few = await anUpdate(engine, { prices: prices.slice(1) })
    expect(await refused(few)).toBe('NotEnoughReports(BTC-USD, 2, 3)')
    const [report] = few.reports
    const many = { ...few, reports: Array.from({ length: 33 }, () => report) } as Update
    expect(await refused(many)).toBe('TooManyReports(BTC-USD, 33, 32)')
  })

  test('unless its round is newer than the stored one', async () => {
    await push(await anUpdate(engine, { prices, round: 77n }))
    await engine.warp(1)
    for (const round of [77n, 76n, 0n])
      expect(await refused(await anUpdate(engine, { prices, round }))).toBe(
        `RoundNotNewer(BTC-USD, ${round}, 77)`,
      )
    expect(await refused(await anUpdate(engine, { prices, round: 78n }))).toBe('nothing')
  })

  test('for an old round until the governor lets rounds begin again, and for an old report even then', async () => {
    const first = await anUpdate(engine, { prices, round: 77n })
    await push(first)
    await engine.warp(1)
    expect(await engine.refusal(governor, 'restartRounds', [feedOf('DOGE-USD')])).toBe(
      'UnknownMarket(DOGE-USD)',
    )
    await engine.act(governor, 'restartRounds', [feedOf('BTC-USD')])
    expect(await refused(first)).toMatch(/^ReportNotNewer/)
    expect(await refused(await anUpdate(engine, { prices, round: 1n }))).toBe('nothing')
  })

  test('unless each of its reports is newer than the stored price', async () => {
    await push(await anUpdate(engine, { prices, round: 1n }))
    const published = engine.now()
    await engine.warp(5)
    const fresh = await anUpdate(engine, { prices, round: 2n })
    for (const observedAt of [published, published - 1n]) {
      const fields = { observedAt, oldestInputAt: observedAt }
      const old = await anUpdate(engine, { prices, round: 2n, fields })
      const [bad] = old.reports
      if (!bad) throw new Error('there is no report')
      const mixed = { ...fresh, reports: fresh.reports.with(0, bad) }
      expect(await refused(mixed)).toBe(`ReportNotNewer(BTC-USD, ${observedAt}, ${published})`)
    }
    const fields = { observedAt: published + 1n, oldestInputAt: published }
    expect(await refused(await anUpdate(engine, { prices, round: 2n, fields }))).toBe('nothing')
  })

  test('with a report older than a minute, or more than half a minute ahead, both to the second', async () => {
    const at = async (shift: bigint) =>
      refused(
        await anUpdate(engine, {
          prices,
          fields: { observedAt: engine.now() + shift, oldestInputAt: 0n },
        }),
      )
    const now = engine.now()
    expect(await at(-60n)).toBe('nothing')
    expect(await at(-61n)).toBe(`ReportTooOld(BTC-USD, ${now - 61n}, ${now - 60n})`)
    expect(await at(30n)).toBe('nothing')
    expect(await at(31n)).toBe(`ReportFromFuture(BTC-USD, ${now + 31n}, ${now + 30n})`)
  })

  test('with an input newer than its report', async () => {
    const now = engine.now()
    const fields = { oldestInputAt: now + 1n }
    expect(await refused(await anUpdate(engine, { prices, fields }))).toBe(
      `InputFromFuture(BTC-USD, ${now + 1n}, ${now})`,
    )
  })

  test('with a price that is none', async () => {
    for (const price of [0n, -1n, 2n ** 112n, 2n ** 255n - 1n, -(2n ** 255n)]) {
      const update = await anUpdate(engine, { prices: [e18(1), price, e18(1)] })
      expect(await refused(update)).toBe(`InvalidPrice(BTC-USD, ${price})`)
    }
  })

  test('with the same signer twice, or signers out of order', async () => {
    const [a, b, c] = signers.map(({ address }) => address)
    const twice = await anUpdate(engine, { prices, by: pick(0, 0, 1) })
    expect(await refused(twice)).toBe(`SignersNotAscending(BTC-USD, ${a}, ${a})`)
    const turned = await anUpdate(engine, {
      prices,
      by: pick(0, 2, 1),
    })
    expect(await refused(turned)).toBe(`SignersNotAscending(BTC-USD, ${b}, ${c})`)
  })

  test('with a signer that is not registered, or not any more', async () => {
    const by = [...signers.slice(0, 2), stranger]
    expect(await refused(await anUpdate(engine, { prices, by }))).toBe(
      `UnknownSigner(BTC-USD, ${stranger.address})`,
    )
    const update = await anUpdate(engine, { prices })
    const [, second] = signers
    await engine.act(actor('guardian').address, 'removeSigner', second?.address)
    expect(await refused(update)).toBe(`UnknownSigner(BTC-USD, ${second?.address})`)
  })

  test('with the second form of a signature, or a v of another kind', async () => {
    const update = await anUpdate(engine, { prices })
    const { v = 0, s = '0x0' } = update.reports[1] ?? {}
    const high = `0x${(order - BigInt(s)).toString(16).padStart(64, '0')}`
    expect(await refused(bend(update, 1, { s: high, v: 55 - v }))).toBe(
      'InvalidReportSignature(BTC-USD, 1)',
    )
    for (const other of [0, 1, 26, 29, v + 8, 255])
      expect(await refused(bend(update, 1, { v: other }))).toBe(
        'InvalidReportSignature(BTC-USD, 1)',
      )
    expect(await refused(bend(update, 2, { r: `0x${'00'.repeat(32)}` }))).toBe(
      'InvalidReportSignature(BTC-USD, 2)',
    )
  })

  test('where anything signed was changed: somebody else seems to have signed it', async () => {
    const update = await anUpdate(engine, { prices })
    const bent = [
      { price: e18(104) },
      { observedAt: engine.now() - 1n },
      { oldestInputAt: engine.now() - 3n },
      { sources: 8 },
      { configHash: `0x${'c1'.repeat(32)}` },
    ]
    for (const change of bent)
      expect(await refused(bend(update, 0, change))).toMatch(/^UnknownSigner\(BTC-USD, /)
    expect(await refused({ ...update, roundId: update.roundId + 1n })).toMatch(/^UnknownSigner\(/)
    expect(await refused({ ...update, feedId: feedOf('ETH-USD') })).toMatch(
      /^UnknownSigner\(ETH-USD, /,
    )
  })

  test('where it was signed for another chain or contract', async () => {
    for (const domain of [
      { ...engine.domain, chainId: 1 },
      { ...engine.domain, verifyingContract: stranger.address },
    ])
      expect(await refused(await anUpdate({ ...engine, domain }, { prices }))).toMatch(
        /^UnknownSigner\(/,
      )
  })

  test('as a whole where one market’s part is bad', async () => {
    const good = await anUpdate(engine, { prices })
    const bad = await anUpdate(engine, { symbol: 'ETH-USD', prices: [1n, 0n, 1n] })
    await expect(push(good, bad)).rejects.toThrow('InvalidPrice(ETH-USD, 0)')
    expect((await stored('BTC-USD')).price).toBe(0n)
    const now = engine.now()
    expect(await refused(good, good)).toBe(`RoundNotNewer(BTC-USD, ${now}, ${now})`)
    expect(now).toBe(genesis + 1_000n)
  })
})

describe('the domain', () => {
  test('follows the chain to another id', async () => {
    const before = await engine.ask('domainSeparator')
    await engine.node.rpc('anvil_setChainId', 5)
    const after = await engine.ask('domainSeparator')
    await engine.node.rpc('anvil_setChainId', 31_337)
    expect(after).not.toBe(before)
    expect(await engine.ask('domainSeparator')).toBe(before)
  })
})

function pick(...which: readonly (0 | 1 | 2)[]) {
  return which.map((at) => signers[at])
}

function hexOf(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
