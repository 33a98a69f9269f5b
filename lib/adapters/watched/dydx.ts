import * as z from 'zod/mini'

import { Decimal } from '../../domain/decimal.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { HeadSight, LookedBefore, SystemSight } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import { NobodyTellsError } from './ask-places.ts'
import { currentFirst } from './current-places.ts'
import { fundingSteps } from './dydx/dydx-funding.ts'
import { proposalsSeen } from './dydx/dydx-governance.ts'
import { indexerHead, nodeHeads } from './dydx/dydx-heads.ts'
import { agreedHead, paceAt } from './dydx/dydx-pace.ts'
import type { ChainPace } from './dydx/dydx-proposals.ts'
import {
  type ChainState,
  type DydxSettings,
  dydxSettings,
  type NamedMarket,
} from './dydx/dydx-settings.ts'
import { forcedTradeParts, forcedTrades } from './dydx/forced-trades.ts'
import { fundingIndices } from './dydx/funding-indices.ts'
import { moduleAccount } from './dydx/module-account.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import { firstRest, type OpenRest, type RestPlace } from './rest-place.ts'

export type DydxWatchOptions = {
  readonly name: string
  /** Nodes of the chain that serve Cosmos' REST. */
  readonly nodes: readonly OpenRest[]
  readonly indexer: OpenRest
  /** `dydx-mainnet-1`: a node of another chain is not believed. */
  readonly chainId: string
  /** Tickers, at least one. Of the first one funding is followed. */
  readonly markets: readonly [string, ...string[]]
  readonly insuranceFund: {
    /** Of all markets that are not isolated; those have one each. */
    readonly account: string
    /** How the chain calls USDC. */
    readonly denom: string
  }
  readonly clock: Clock
}

/** The accounts of dYdX's own deployment: the module account `insurance_fund`, and USDC that came from Noble. */
export const dydxInsuranceFund: DydxWatchOptions['insuranceFund'] = {
  account: 'dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq',
  denom: 'ibc/8E27BA2D5493AF5636760E354E46004562C46AB7EC0CC4C1CA14E9E20E2545B5',
}

/**
 * dYdX v4: its chain, its indexer, and what its governance decides. When its oracle wrote a price last nobody tells: small moves
 * are not written at all, so that a price which stays is no sign of anything.
 */
export function dydxWatch(options: DydxWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  { chainId, markets, insuranceFund, ...options }: DydxWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const opened = options.nodes.map((one) => one(signal))
  const indexer = options.indexer(signal)
  const remembered = before.heads['chain']?.number
  const heads = nodeHeads(opened, { chainId, remembered })
  const indexed = indexerHead(indexer)
  const head = shared(heads.then((all) => agreedHead(all, clock.now())))
  const nodes = heads.then((all) => currentFirst(opened, all, clock.now()))
  const pace = shared(Promise.all([nodes, head]).then(async ([some, at]) => paceAt(some, at)))
  const state = shared(
    Promise.all([nodes, head]).then(([some, { number }]) => stateBelow(some, number)),
  )
  const settings = shared(state.then(async ({ ask }) => dydxSettings(ask, markets)))
  const blocked = shared(
    Promise.all([state, settings]).then(async ([at, known]) => blockedBlocks(at, known)),
  )
  return [
    { parts: ['heads'], see: async () => ({ heads: [...(await heads), await indexed] }) },
    {
      parts: ['level:indexer-lag'],
      async see() {
        const value = ((await head).time - timeOf(await indexed)) / 1000
        return { levels: [{ name: 'indexer-lag', value: Math.max(0, value), unit: 's' }] }
      },
    },
    {
      parts: ['progress:funding'],
      async see() {
        const since = before.cursor['funding']
        const progress = await fundingSteps(indexer, {
          market: markets[0],
          since:
            since !== undefined && /^\d{1,15}$/.test(since) ? timestamp(Number(since)) : undefined,
          through: timeOf(await indexed),
        })
        return {
          progress: [progress],
          cursor: { funding: String(progress.steps.at(-1)?.position ?? '') },
        }
      },
    },
    { parts: ['settings'], see: async () => ({ settings: (await settings).settings }) },
    {
      parts: ['changes'],
      async see() {
        // Settings of the same block: a proposal is not done before they are what it made of them.
        const known = await settings.catch(() => undefined)
        const { ask } = await state
        return proposalsSeen(ask, {
          pace: await pace.catch((): ChainPace => undefined),
          known,
          cursor: before.cursor,
        })
      },
    },
    {
      parts: ['level:insurance-fund'],
      async see() {
        const { ask } = await state
        // Who does not know which markets are isolated says so of the settings.
        const known = await settings.catch(() => undefined)
        return { levels: await fundsOf(ask, insuranceFund, known?.markets ?? []) }
      },
    },
    {
      parts: ['level:funding-index'],
      async see() {
        const { ask } = await state
        return { levels: await fundingIndices(ask, await settings) }
      },
    },
    {
      parts: forcedTradeParts,
      async see() {
        const { answer } = await indexed
        if (answer.kind === 'trouble') throw new NobodyTellsError([answer.reason])
        return forcedTrades(indexer, { markets, cursor: before.cursor, head: answer })
      },
    },
    {
      parts: ['level:withdrawals-blocked'],
      see: async () => ({
        levels: [{ name: 'withdrawals-blocked', value: await blocked, unit: 'blocks', ceiling: 0 }],
      }),
    },
    { parts: ['finality'], see: async () => finalityOf(await pace, await blocked) },
  ]
}

function timeOf({ answer }: HeadSight): Timestamp {
  if (answer.kind === 'head') return answer.time
  throw new NobodyTellsError([answer.reason])
}

/** Behind a load balancer another node may be this far behind the one that told its newest block. */
const backBlocks = 2

type PinnedState = { readonly number: number; readonly ask: ChainState }

/** The chain as it was in one block: what is asked of it one after the other belongs together, whichever node answers. */
function stateBelow(nodes: readonly RestPlace[], head: number): PinnedState {
  const number = Math.max(1, head - backBlocks)
  const headers = { 'x-cosmos-block-height': String(number) }
  return {
    number,
    ask: async (path, schema) => firstRest(nodes, async (node) => node.get(path, schema, headers)),
  }
}

const Balance = z.object({
  balance: z.object({ amount: z.string().check(z.regex(/^\d{1,40}$/)) }),
})

/** The fund that all markets have in common, and those of isolated ones. */
async function fundsOf(
  ask: ChainState,
  { account, denom }: DydxWatchOptions['insuranceFund'],
  markets: readonly NamedMarket[],
): Promise<SystemSight['levels']> {
  const prefix = account.slice(0, account.lastIndexOf('1'))
  const funds = [
    { name: 'insurance-fund', holder: account },
    ...markets
      .filter(({ isIsolated }) => isIsolated)
      .map(({ ticker, perpetualId }) => ({
        name: `insurance-fund:${ticker}`,
        holder: moduleAccount(prefix, `insurance_fund:${perpetualId}`),
      })),
  ]
  return Promise.all(
    funds.map(async ({ name, holder }) => {
      const path = `/cosmos/bank/v1beta1/balances/${holder}/by_denom?denom=${encodeURIComponent(denom)}`
      const { balance } = await ask(path, Balance)
      return {
        name,
        value: new Decimal(balance.amount).div(1_000_000).toNumber(),
        unit: 'USDC',
        pays: true as const,
      }
    }),
  )
}

const Blocked = z.object({
  withdrawals_and_transfers_unblocked_at_block: z.int().check(z.nonnegative()),
})

/**
 * For how many blocks nothing can be withdrawn from the collateral of the markets that are watched: the chain blocks it where
 * it was down for 5 minutes, or an account is worth less than nothing.
 */
async function blockedBlocks({ number, ask }: PinnedState, { markets }: DydxSettings) {
  const cross = markets.find(({ isIsolated }) => !isIsolated)
  const pools = [...(cross ? [cross] : []), ...markets.filter(({ isIsolated }) => isIsolated)]
  const each = await Promise.all(
    pools.map(async ({ perpetualId }) => {
      const path = `/dydxprotocol/subaccounts/withdrawals_and_transfers_blocked_info/${perpetualId}`
      const told = await ask(path, Blocked)
      return told.withdrawals_and_transfers_unblocked_at_block - number
    }),
  )
  return Math.max(0, ...each)
}

function finalityOf({ blockMs }: NonNullable<ChainPace>, blocked: number): Seen {
  const withdrawalMs = Math.round(blockMs * (1 + blocked))
  const block = `one block, ${(blockMs / 1000).toFixed(2)} s (the middle one of the last three hundreds)`
  const pool =
    blocked === 0
      ? 'a withdrawal can be had with its own block'
      : `withdrawals are blocked for ${blocked} more`
  return {
    finality: {
      by: 'consensus',
      finalMs: Math.round(blockMs),
      withdrawalMs,
      basis: `${block}: a block that is there is final; ${pool}, as long as the chain's own rate limits, which were not asked for, let it pass`,
    },
  }
}
