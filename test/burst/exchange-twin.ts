import { feedId } from '../../lib/adapters/engines/evm-engine/feed-id.ts'
import type { Deleverage, Liquidate } from '../../lib/domain/action.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import type { EvmLiquidationRules } from '../../lib/domain/margin/evm-liquidation.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Engine } from '../../lib/ports.ts'
import { bookAt, feedPrices, markets, rules as marketRules } from '../bench/many-accounts.ts'
import { Model } from '../infra/contracts/evm-engine/model.ts'
import type { FakeChain } from '../keepers/fake-chain.ts'

/** What one part of a transaction did on the exchange, or why nothing. */
export type Done = {
  readonly intent: string
  readonly kind: 'liquidate' | 'deleverage'
  readonly account: string
  readonly refused: string | undefined
  /** The account had less than nothing before it. */
  readonly wasBroke: boolean
}

/** The engine's contract in memory, by rules that were written down for themselves and held to the deployed one. */
export type ExchangeTwin = {
  readonly engine: Engine
  readonly model: Model
  /** In the order of the chain. */
  readonly done: readonly Done[]
  /** All markets at so many times their first price, from now on. */
  price(times: readonly number[]): void
  /** What the chain has and the exchange has not done yet. Says whom it touched. */
  follow(): ReadonlySet<string>
  account(id: string): Account
}

export const us = '0x00000000000000000000000000000000000000aa'

/** The liquidator has the whole penalty, so that the fund has only what it is given. */
const rules: EvmLiquidationRules = {
  liquidatorShareBps: 10_000n,
  closeFactorBps: 5_000n,
  smallPosition: 1_000_000_000n,
}

export function exchangeTwin(
  chain: FakeChain,
  accounts: readonly Account[],
  insurance: bigint,
): ExchangeTwin {
  const model = new Model({
    initialBps: marketRules.initialMarginBps,
    maintenanceBps: marketRules.maintenanceMarginBps,
    penaltyBps: marketRules.penaltyBps,
    shareBps: rules.liquidatorShareBps,
    closeBps: rules.closeFactorBps,
    feeBps: 0n,
    small: rules.smallPosition,
  })
  const assets = markets.map(feedId)
  const done: Done[] = []
  let times: readonly number[] = []
  let followed = 0

  model.insurance = insurance
  for (const { id, collateral, holdings } of accounts) {
    const holder = model.holder(id)
    holder.cash = collateral
    for (const { asset, balance, cost = 0n, fundingIndex } of holdings)
      holder.held.set(asset, { size: balance, cost, index: fundingIndex })
  }
  model.deposit(us, 10n ** 18n)
  price([])

  function price(next: readonly number[]): void {
    times = next
    const prices = feedPrices(times)
    for (const [at, asset] of assets.entries()) model.price.set(asset, prices[at] ?? 0n)
  }

  function account(id: string): Account {
    const { cash, held } = model.holder(id)
    return {
      id,
      collateral: cash,
      holdings: [...held].map(([asset, { size, cost, index }]) => ({
        asset,
        balance: size,
        cost,
        fundingIndex: index,
      })),
    }
  }

  /** As `batch` does: one that is refused leaves the others as they are. */
  function act(told: Told): readonly string[] {
    const touched: string[] = []
    for (const { account: id, other, asset, size } of told.parts) {
      const before = [id, other].map((name) => [name, copyOf(model, name)] as const)
      const { insurance: fund, pool } = model
      const wasBroke = model.worth(id).value < 0n
      const refused =
        told.kind === 'liquidate'
          ? model.liquidate(other, id, asset, BigInt(size))
          : model.deleverage(id, other, asset, BigInt(size))
      if (refused !== undefined) {
        for (const [name, holder] of before) model.holders.set(name, holder)
        model.insurance = fund
        model.pool = pool
      } else touched.push(id, other)
      done.push({ intent: told.intent, kind: told.kind, account: id, refused, wasBroke })
    }
    return touched
  }

  const engine: Engine = {
    name: 'dex',
    chain: chain.name,
    account: us,
    markets,
    check: async () => [],
    state: async () => ({
      block: await chain.head(),
      paused: false,
      sequence: undefined,
      quorum: {},
      prices: {},
    }),
    signAll: async (reports) => reports.map(() => undefined),
    verifyAll: async (reports) => reports.map(() => false),
    positions: {
      from: 0,
      given: [],
      events: async () => ({ kind: 'gone' }),
      read: async (ids, block) => ({
        block,
        accounts: new Map(ids.map((id) => [id, { kind: 'account', account: account(id) }])),
        indexes: new Map(),
      }),
    },
    liquidation: {
      look: async () => ({
        kind: 'evm-engine',
        block: await chain.head(),
        paused: false,
        from: timestamp(0),
        markets: Object.fromEntries(assets.map((asset, at) => [asset, markets[at] ?? noMarket])),
        dollar: 1_000_000n,
        insuranceFund: model.insurance,
        book: bookAt(times),
        rules,
        liquidator: account(us),
      }),
      events: async () => ({ kind: 'gone' }),
    },
    encode(action) {
      if (action.kind !== 'liquidate' && action.kind !== 'deleverage')
        throw new TypeError(`this exchange has no ${action.kind}`)
      return [{ kind: 'evm', to: '0x01', data: dataOf(action) as `0x${string}` }]
    },
  }

  return {
    engine,
    model,
    done,
    price,
    account,
    follow() {
      const effects = chain.effects()
      const touched = effects.slice(followed).flatMap(({ data }) => act(JSON.parse(data) as Told))
      followed = effects.length
      return new Set(touched)
    },
  }
}

const [noMarket] = markets as unknown as readonly [(typeof markets)[number]]

type Told = {
  readonly intent: string
  readonly kind: 'liquidate' | 'deleverage'
  readonly parts: readonly {
    readonly account: string
    readonly other: string
    readonly asset: string
    readonly size: string
  }[]
}

function dataOf(action: Liquidate | Deleverage): string {
  const parts =
    action.kind === 'liquidate'
      ? action.updates.map((one) => ({ ...one, other: us }))
      : action.updates.map((one) => ({ ...one, other: one.counterparty }))
  const told: Told = {
    intent: `${action.kind} ${action.round}`,
    kind: action.kind,
    parts: parts.map(({ account, other, asset, size }) => ({
      account,
      other,
      asset,
      size: String(size),
    })),
  }
  return JSON.stringify(told)
}

function copyOf(model: Model, name: string) {
  const { cash, held } = model.holder(name)
  return { cash, held: new Map([...held].map(([asset, one]) => [asset, { ...one }])) }
}
