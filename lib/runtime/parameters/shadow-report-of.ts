import { Decimal } from '../../domain/decimal.ts'
import { feeTokenDecimals } from '../../domain/fee-token.ts'
import { carried, type Intent } from '../../domain/intent.ts'
import { tunableAt } from '../../domain/parameters/catalogue.ts'
import { compareSets } from '../../domain/parameters/compare-sets.ts'
import { activeAt, ungoverned } from '../../domain/parameters/governance.ts'
import { changesBetween, type ParameterValue } from '../../domain/parameters/parameter-set.ts'
import type { ShadowReport } from '../../domain/parameters/shadow-report.ts'
import type { Timestamp } from '../../domain/time.ts'
import { feePrices } from '../../keepers/books/fee-prices.ts'
import { comparedSlots } from '../../keepers/govern/compared-slots.ts'
import { shadowTimes } from '../../keepers/govern/guard-sight.ts'
import { laneId } from '../../keepers/lane/lane-world.ts'
import type { Store } from '../../ports.ts'
import { accountsOf } from '../network/accounts.ts'
import type { Network } from '../network/schema.ts'
import { feeMarkets } from '../world/fee-markets.ts'
import { pushRules } from '../world/push-rules.ts'
import { setOf } from './parameters-of.ts'
import { setsInUse } from './sets-in-use.ts'

/** What the candidate has done in shadow until now; undefined where none is in shadow. */
export async function shadowReportOf(
  network: Network,
  store: Store,
  now: Timestamp,
): Promise<ShadowReport | undefined> {
  const stands = (await store.governance.read()) ?? ungoverned
  const { candidate } = stands
  const from = candidate?.shadowSince
  if (!candidate || from === undefined) return undefined
  const sets = setsInUse(network, store)
  const [active, its] = await Promise.all([
    sets.under(activeAt(stands, now)),
    sets.under(candidate.set),
  ])
  const nodes = network.oracles.map(({ name }) => name)
  const [slots, times, perPrice] = await Promise.all([
    comparedSlots(store, { parameters: its.hash, from, to: now }),
    shadowTimes(store, { nodes, since: from, parameters: its.hash }),
    pricePerPush(network, store),
  ])
  return compareSets({
    network: network.network,
    candidate: candidate.set,
    active: active.set,
    proposed: { at: candidate.at, by: candidate.by, why: candidate.why },
    changes: changesBetween(setOf(active.network).values, setOf(its.network).values).map(
      ({ path, from: before, to: after }) => ({
        path,
        unit: tunableAt(path)?.unit ?? '',
        active: valueText(before),
        candidate: valueText(after),
      }),
    ),
    slots,
    ...times,
    policies: {
      active: pushRules(active.network).policy,
      candidate: pushRules(its.network).policy,
    },
    costOf: (count) => perPrice?.mul(count).toFixed(6) ?? null,
  })
}

function valueText(value: ParameterValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

/** So many of each lane's newest intents show what a push costs. */
const intentsBack = 100

/** What one price in a transaction cost lately, in USD, in the middle of all chains; undefined where nobody knows. */
async function pricePerPush(network: Network, store: Store): Promise<Decimal | undefined> {
  const markets = feeMarkets(network)
  const nodes = network.oracles.map(({ name }) => name)
  const paid = await Promise.all(
    lanesIn(network).map(async ({ id, chain }) => {
      const market = markets[chain]
      if (market === undefined) return []
      const [intents, prices] = await Promise.all([
        store.intents.recent(id, intentsBack),
        feePrices({ engines: {}, store, nodes }, market),
      ])
      const price = prices.toSorted((one, other) => other.at - one.at)[0]?.price
      return price === undefined ? [] : intents.flatMap((intent) => paidBy(intent, price))
    }),
  )
  const all = paid.flat()
  const count = all.reduce((sum, { prices }) => sum + prices, 0)
  if (count === 0) return undefined
  return all.reduce((sum, { usd }) => sum.add(usd), new Decimal(0)).div(count)
}

function lanesIn({ chains }: Network) {
  return Object.entries(chains).flatMap(([chain, described]) =>
    accountsOf(described).map(({ account }) => ({ chain, id: laneId(chain, account.address) })),
  )
}

function paidBy(intent: Intent, price: Decimal) {
  const { state } = intent
  const action = carried(intent)
  if (action.kind !== 'push-prices' || state.kind !== 'settled' || state.feePaid === undefined)
    return []
  const tokens = new Decimal(state.feePaid.toString()).div(new Decimal(10).pow(feeTokenDecimals))
  return [{ prices: action.updates.length, usd: tokens.mul(price) }]
}
