import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { outcome, run } from './a-core.ts'
import { multiTradeCalldata, ownerPublicKey, tradeCalldata } from './flow-calldata.ts'
import { activeCore, idsOf, RecordedState, viewed, Whole, withStates } from './recorded-accounts.ts'
import { conformance, type Generation, titled, type Vector, vectorsOf } from './vectors.ts'

const now = 1_808_000_000n
const generations = ['C', 'D'] as const

function titledCases(kind: string, generation: Generation) {
  return vectorsOf(kind, generation).map((one) => [one.id, one.case, one] as const)
}

const views = ['is_healthy', 'is_liquidatable', 'is_deleveragable'] as const
const Margin = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(false), error: z.string() }),
  z.object({
    ok: z.literal(true),
    collateral_provisional: Whole,
    risk_factors: z.array(Whole),
    total_value: Whole,
    total_risk: Whole,
    healthy: z.boolean(),
    liquidatable: z.boolean(),
    deleveragable: z.boolean(),
  }),
])

describe.skipIf(conformance === undefined).each(generations)(
  titled('margins as the real core has them, generation %s'),
  (generation) => {
    test.for(titledCases('margin', generation))('margin: %s %s', ([, , vector]) => {
      const expected = Margin.parse(vector.expect)
      const state = RecordedState.safeParse(vector.pre).data
      const empty = activeCore(now, generation)
      const core = state === undefined ? empty : withStates(empty, [['100', state]])
      const id = 100n
      const names = ['get_position_assets', 'get_position_tv_tr', ...views]
      const said = names.map((name) => outcome(run(core, { name, calldata: [id], now })))
      expect(new Set(said)).toEqual(new Set([expected.ok ? 'ok' : expected.error]))
      if (!expected.ok) return
      const words = viewed(core, 'get_position_assets', { id, now })
      const size = generation === 'D' ? 6 : 5
      const factors = expected.risk_factors.map((_, at) => words[at * size + 4])
      expect(factors).toEqual(expected.risk_factors)
      expect(words[0]).toBe(BigInt(expected.risk_factors.length))
      expect(words.at(-1)).toBe(expected.collateral_provisional)
      const tvTr = viewed(core, 'get_position_tv_tr', { id, now })
      expect(tvTr).toEqual([expected.total_value, expected.total_risk])
      const health = views.map((name) => viewed(core, name, { id, now })[0] === 1n)
      const { healthy, liquidatable, deleveragable } = expected
      expect(health).toEqual([healthy, liquidatable, deleveragable])
    })

    test.for(titledCases('funding_effect', generation))('effect: %s %s', ([, , vector]) => {
      const after = RecordedState.parse(vector.pre)
      const before = { ...after, holdings: earlier(vector) }
      const collaterals = [before, after].map((state) => {
        const core = withStates(activeCore(now, generation), [['100', state]])
        return viewed(core, 'get_position_assets', { id: 100n, now }).at(-1)
      })
      const { collateral_provisional_before, collateral_provisional } = Effect.parse(vector.expect)
      expect(collaterals).toEqual([collateral_provisional_before, collateral_provisional])
    })

    test.for(titledCases('funding_settlement', generation))('settled: %s %s', ([, , vector]) => {
      const { traded_asset, base_amount, quote_amount } = Traded.parse(vector.pre)
      const state = RecordedState.parse(vector.pre)
      const maker = { ...state, collateral_stored: 10n ** 17n, holdings: [] }
      const owners = new Map(['100', '4'].map((id) => [id, ownerPublicKey]))
      const traded = { ...state, holdings: [...state.holdings, ballast(state, generation)] }
      const planted: readonly (readonly [string, RecordedState])[] = [
        ['100', traded],
        ['4', maker],
      ]
      const core = withStates(activeCore(now, generation), planted, owners)
      const baseAssetId = idsOf(generation).get(traded_asset) ?? 0n
      const a = {
        positionId: 100n,
        baseAssetId,
        baseAmount: base_amount,
        quoteAmount: quote_amount,
      }
      const b = { ...a, positionId: 4n, baseAmount: -base_amount, quoteAmount: -quote_amount }
      const trade = { operatorNonce: 0n, a, b }
      const answer =
        generation === 'C'
          ? run(core, { name: 'trade', calldata: tradeCalldata(trade), now })
          : run(core, { name: 'multi_trade', calldata: multiTradeCalldata(trade), now })
      expect(outcome(answer)).toBe('ok')
      if (answer.kind !== 'ok') return
      const expected = Settled.parse(vector.expect)
      const position = answer.core.positions['100']
      expect(position?.collateral).toBe(expected.collateral_stored)
      expect(viewed(answer.core, 'get_position_assets', { id: 100n, now }).at(-1)).toBe(
        expected.collateral_provisional,
      )
      const held = new Map(position?.holdings.map((one) => [BigInt(one.asset), one]))
      for (const { asset, balance, cached_funding_index } of expected.holdings) {
        const one = held.get(idsOf(generation).get(asset) ?? 0n)
        expect(one?.balance ?? 0n).toBe(balance)
        expect(one?.fundingIndex ?? cached_funding_index).toBe(cached_funding_index)
      }
    })
  },
)

const Effect = z.object({ collateral_provisional_before: Whole, collateral_provisional: Whole })
const Traded = z.object({ traded_asset: z.string(), base_amount: Whole, quote_amount: Whole })
const Settled = z.object({
  collateral_stored: Whole,
  collateral_provisional: Whole,
  holdings: z.array(z.object({ asset: z.string(), balance: Whole, cached_funding_index: Whole })),
})

/** The vectors leave out what the holdings were worth: enough of another asset for any trade to be healthy, with no funding due. */
function ballast(
  { holdings }: RecordedState,
  generation: Generation,
): RecordedState['holdings'][0] {
  const held = new Set(holdings.map(({ asset }) => asset))
  const asset = ['BTC-6', 'ETH-4', 'SOL-3', 'DOGE-0', 'PRIME-5', 'EUR-8'].find(
    (symbol) => !held.has(symbol) && idsOf(generation).has(symbol),
  )
  if (asset === undefined) throw new Error('a recorded position holds everything')
  const price = 1_000n << 28n
  return { asset, balance: 10n ** 12n, cached_funding_index: 0n, price, funding_index: 0n }
}

/** The holdings with the index that was global before the tick. */
function earlier({ pre }: Vector): RecordedState['holdings'] {
  const Before = z.array(z.looseObject({ funding_index_before: z.string() }))
  const changed = Before.parse(pre?.['holdings']).map((one) => ({
    ...one,
    funding_index: one.funding_index_before,
  }))
  return RecordedState.shape.holdings.parse(changed)
}
