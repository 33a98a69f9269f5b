import type { Intent, IntentState } from '../../lib/domain/intent.ts'
import type { LiquidationLook } from '../../lib/domain/liquidation/liquidation-look.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { type Market, parseMarket } from '../../lib/domain/market.ts'
import { type Book, emptyBook } from '../../lib/domain/positions/book.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import type { Engine, PositionBooks, Store } from '../../lib/ports.ts'

type EvmLook = Extract<LiquidationLook, { kind: 'evm-engine' }>

export const btc = parseMarket('BTC-USD')
export const usd = 1_000_000n
export const unit = 10n ** 18n
export const begin = timestamp(1_764_000_000_000)

export function after(seconds: number): Timestamp {
  return timestamp(begin + seconds * 1_000)
}

/** Bitcoin is at 1,000 dollars; 2.5 % of it must be left, and 1 % is the penalty, half of it the liquidator's. */
export function aLook(change: Partial<EvmLook> = {}): EvmLook {
  return {
    kind: 'evm-engine',
    block: { number: 100, hash: '0x64', time: begin },
    paused: false,
    from: timestamp(0),
    book: {
      unit: 10n ** 30n,
      marks: {
        '0xb': {
          price: 1_000n * 10n ** 18n,
          fundingIndex: 0n,
          initialMarginBps: 500n,
          maintenanceMarginBps: 250n,
          penaltyBps: 100n,
        },
      },
    },
    rules: { liquidatorShareBps: 5_000n, closeFactorBps: 5_000n, smallPosition: 100n * usd },
    insuranceFund: 10_000n * usd,
    markets: { '0xb': btc },
    dollar: usd,
    liquidator: { id: 'us', collateral: 1_000_000n * usd, holdings: [] },
    ...change,
  }
}

/** A bitcoin, or less than nothing of one, with so many dollars left of it all. */
export function anAccount(
  id: string,
  left: number,
  { size = unit, entry = 1_000 }: { readonly size?: bigint; readonly entry?: number } = {},
): Account {
  const inDollars = (price: bigint): bigint => (size * price * usd) / unit
  return {
    id,
    collateral: BigInt(Math.round(left * 1e6)) - inDollars(1_000n),
    holdings: [
      { asset: '0xb', balance: size, fundingIndex: 0n, cost: inDollars(BigInt(Math.round(entry))) },
    ],
  }
}

export function aBook(accounts: readonly Account[], block = 100): Book {
  return {
    ...emptyBook({ number: block, hash: `0x${block.toString(16)}` }, []),
    changed: new Map(accounts.map((one) => [one.id, one])),
  }
}

/** Work that was decided to liquidate these. */
export function workOn(
  accounts: readonly string[],
  {
    state = { kind: 'waiting' },
    at = begin,
    size = unit,
    urgent = false,
    engine = 'dex',
    round = at / 1_000,
    market = btc,
  }: {
    readonly state?: IntentState
    readonly at?: Timestamp
    readonly size?: bigint
    readonly urgent?: boolean
    readonly engine?: string
    readonly round?: number
    readonly market?: Market
  } = {},
): Intent {
  const none = { base: -size, cash: 0n, penalty: 0n, reward: 0n, cover: 0n }
  const updates = accounts.map((account) => ({ market, account, asset: '0xb', size, ...none }))
  return {
    id: `liquidate:${engine}:slot-${round}`,
    lane: 'fake/us',
    action: { kind: 'liquidate', engine, round, at, ...(urgent && { urgent }), updates },
    createdAt: at,
    deadline: timestamp(at + 30_000),
    state,
  }
}

const inclusion = {
  nonce: 1,
  hash: '0x01',
  sentAt: begin,
  seenAt: begin,
  block: { number: 90, hash: '0x5a', time: begin },
} as const

export const claimed: IntentState = { kind: 'claimed', nonce: 1, hash: '0x01', sentAt: begin }
export const settled: IntentState = { kind: 'settled', ...inclusion }
export const reverted: IntentState = {
  kind: 'failed',
  why: 'reverted',
  reason: 'NotLiquidatable',
  hash: '0x01',
  inclusion,
}

export type Exchange = {
  look: LiquidationLook
  /** As the index has them; undefined: there is none yet. */
  indexed: readonly Account[] | undefined
  indexedAt: number
  /** As the contract has them, where that is something else. */
  real: Readonly<Record<string, Account>>
  /** Of each reading, who was asked about. */
  readonly asked: string[][]
  readonly engine: Engine
  readonly books: Pick<PositionBooks, 'read'>
}

/** An exchange of which only accounts are asked. */
export function anExchange(accounts: readonly Account[]): Exchange {
  const asked: string[][] = []
  const own: Exchange = {
    look: aLook(),
    indexed: accounts,
    indexedAt: 100,
    real: {},
    asked,
    engine: {
      name: 'dex',
      chain: 'fake',
      account: 'us',
      liquidation: { look: async () => own.look },
      positions: {
        from: 0,
        given: [],
        read: async (ids: readonly string[], block: { readonly number: number }) => {
          asked.push([...ids])
          const found = ids.map((id) => {
            const account = own.real[id] ?? own.indexed?.find((one) => one.id === id)
            return [id, account ? { kind: 'account', account } : { kind: 'none' }] as const
          })
          return { block, accounts: new Map(found), indexes: new Map() }
        },
      },
    } as unknown as Engine,
    books: {
      async read() {
        const check = { next: 0, owed: 0, slot: 0 }
        return own.indexed && { version: 1, book: aBook(own.indexed, own.indexedAt), check }
      },
    },
  }
  return own
}

/** What a keeper asks of the lane that sends for it. */
export function aLane(store: Pick<Store, 'intents'>, id = 'fake/us'): LaneWorld {
  return { id, account: 'us', chain: { blockSeconds: 1 }, store } as unknown as LaneWorld
}
