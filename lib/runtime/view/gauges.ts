import { openKinds } from '../../domain/proving/batch-way.ts'
import type { UptimeState } from '../../domain/watch/uptime.ts'
import type { NetworkView } from './network-view.ts'

/** One number of a view, by a name that keepers commonly use, and what it is of. */
export type Gauge = {
  readonly name: string
  readonly help: string
  readonly of: Readonly<Record<string, string>>
  readonly value: number
}

const help = {
  accounts_indexed: 'Accounts of an exchange that are followed.',
  index_lag_blocks: 'Blocks by which the index of accounts is behind.',
  accounts_apart: 'Accounts that were lately not as the contract has them.',
  candidates: 'Accounts that the prefilter could not rule out.',
  liquidatable: 'Accounts below their maintenance margin.',
  bankrupt: 'Accounts with less than nothing.',
  inflight: 'Nonces of a lane that are not final.',
  attempts: 'The last liquidations, by what became of them.',
  reverts_by_kind: 'Of the last transactions, those that failed, by why.',
  budget_permille: 'The share of the liquidation budget that may be used.',
  detect_to_prepare_ms: 'From decided to signed, the middle of the last liquidations.',
  prepare_to_broadcast_ms: 'From signed to sent, the middle of the last liquidations.',
  broadcast_to_inclusion_ms: 'From sent to seen in a block, the middle of the last liquidations.',
  pnl_usd: 'What liquidations brought today (UTC), less fees, as far as it is booked.',
  missed: 'Liquidations of today that others had, by why.',
  books_lag_s: 'The age of the last block that is booked.',
  insurance_fund_usd: 'Balance of the insurance fund.',
  insurance_fund_days:
    'How long the insurance fund lasts at its pace; absent where it does not shrink.',
  funding_age_s: 'Since when the market that waits longest has had no funding settled.',
  batches: 'Batches of a proving lane on their way, by state.',
  settlement_lag_s: 'Age of the oldest batch of a lane that is not settled.',
  price_age_s: 'Age of the price that an exchange was told last.',
  tick_lag_s: 'Since when the newest slot of a job began.',
  watched_looked_age_s: 'Since when a watched system was looked at last.',
  watched_head_age_s: 'Age of the newest block of a watched chain.',
  watched_place_age_s: 'Age of the newest block that one place has of a watched chain.',
  watched_place_behind_blocks: 'Blocks by which a place is behind the newest of all places.',
  watched_progress_age_s:
    'Since the last step of a kind of progress, or since it was first waited for.',
  watched_progress_limit_s: 'From which age of a kind of progress on people are told.',
  watched_deadline_left_s: 'What is left until a deadline; below zero once it is over.',
  watched_level: 'A level of a watched system, in its own unit.',
  watched_final_s: 'How long it takes until the state of the newest block is final.',
  watched_withdrawal_s: 'How long it takes until what is withdrawn now can be had.',
  watched_mark_bps: 'How far a published mark is from ours, with its sign.',
  chain_state: 'What the watch says of a chain: 1 for the state that it is in, 0 for the others.',
  incidents_open: 'Incidents that people were told of and that are not over.',
} as const

type Name = keyof typeof help

/** What of a view is a number, for whoever draws or watches it. */
export function gauges(view: NetworkView): readonly Gauge[] {
  const found: Gauge[] = []
  const add = (name: Name, of: Gauge['of'], value: number | undefined): void => {
    if (value !== undefined) found.push({ name: `starkeep_${name}`, help: help[name], of, value })
  }
  for (const { engine, seen, apart } of view.positions) {
    add('accounts_indexed', { engine }, seen?.accounts)
    add('index_lag_blocks', { engine }, seen && seen.head - seen.block)
    add('accounts_apart', { engine }, apart.count)
  }
  for (const one of view.liquidation) addLiquidation(one, view.at, add)
  for (const { engine, settledAt } of view.funding)
    add(
      'funding_age_s',
      { engine },
      settledAt === undefined ? undefined : secondsTo(view, settledAt),
    )
  for (const one of view.proving) addBatches(one, view.at, add)
  for (const { lane, inFlight, transactions } of view.lanes) {
    add('inflight', { lane }, inFlight)
    const kinds = Map.groupBy(
      transactions.flatMap(({ failed }) => failed ?? []),
      ({ why }) => why,
    )
    for (const [kind, all] of kinds) add('reverts_by_kind', { lane, kind }, all.length)
  }
  for (const { feed: market, posted } of view.feeds)
    for (const { engine, publishedAt } of posted)
      add('price_age_s', { market, engine }, publishedAt && secondsTo(view, publishedAt))
  for (const { job, subject, ticks } of view.jobs)
    add('tick_lag_s', { job, subject }, ticks[0] && secondsTo(view, ticks[0].slotAt))
  for (const one of view.watched) addWatched(one, view.at, add)
  for (const { chain, uptime } of view.chains)
    for (const state of uptime ? uptimeStates : [])
      add('chain_state', { chain, state }, state === uptime?.state ? 1 : 0)
  const open = view.incidents.open.filter(({ state }) => state === 'open')
  for (const severity of ['info', 'warning', 'critical'])
    add('incidents_open', { severity }, open.filter((one) => one.severity === severity).length)
  return found
}

type Add = (name: Name, of: Gauge['of'], value: number | undefined) => void

function addLiquidation(
  { engine, newest, attempts, middle, fund, today }: NetworkView['liquidation'][number],
  at: number,
  add: Add,
): void {
  add('candidates', { engine }, newest?.candidates)
  add('liquidatable', { engine }, newest?.below)
  add('bankrupt', { engine }, newest?.bankrupt)
  add('budget_permille', { engine }, newest?.budgetPermille)
  for (const [outcome, all] of Map.groupBy(attempts, (attempt) => attempt.outcome))
    add('attempts', { engine, outcome }, all.length)
  add('detect_to_prepare_ms', { engine }, middle.signMs)
  add('prepare_to_broadcast_ms', { engine }, middle.sendMs)
  add('broadcast_to_inclusion_ms', { engine }, middle.blockMs)
  add('pnl_usd', { engine }, today && Number(today.net))
  for (const { why, count } of today?.missedWhy ?? []) add('missed', { engine, why }, count)
  add('books_lag_s', { engine }, today && Math.max(0, at - today.bookedAt) / 1000)
  add('insurance_fund_usd', { engine }, fund && Number(fund.balance))
  add('insurance_fund_days', { engine }, fund?.lastsDays)
}

function addBatches(
  { lane, onTheWay, unsettledSince, reach }: NetworkView['proving'][number],
  at: number,
  add: Add,
): void {
  if (!reach) return
  for (const state of openKinds)
    add('batches', { lane, state }, onTheWay.filter((one) => one.state === state).length)
  const lagMs = unsettledSince === undefined ? 0 : Math.max(0, at - unsettledSince)
  add('settlement_lag_s', { lane }, lagMs / 1000)
}

const uptimeStates = ['up', 'degraded', 'down', 'recovering'] satisfies UptimeState[]

function addWatched(view: NetworkView['watched'][number], at: number, add: Add): void {
  const { system, lookedAt, chains, progress, deadlines, levels, marks, finality } = view
  add('watched_looked_age_s', { system }, lookedAt && Math.max(0, at - lookedAt) / 1000)
  for (const { chain, number: newest, ageMs, places } of chains) {
    add('watched_head_age_s', { system, chain }, inSeconds(ageMs))
    for (const { place, number, ageMs: placeAgeMs } of places) {
      add('watched_place_age_s', { system, chain, place }, inSeconds(placeAgeMs))
      const behind = newest === undefined || number === undefined ? undefined : newest - number
      add('watched_place_behind_blocks', { system, chain, place }, behind)
    }
  }
  for (const { name, ageMs, warnMs } of progress) {
    add('watched_progress_age_s', { system, progress: name }, ageMs / 1000)
    add('watched_progress_limit_s', { system, progress: name }, inSeconds(warnMs))
  }
  for (const { name, leftMs } of deadlines)
    add('watched_deadline_left_s', { system, deadline: name }, leftMs / 1000)
  for (const { name, unit, value } of levels)
    add('watched_level', { system, level: name, unit }, value)
  for (const { market, bps } of marks) add('watched_mark_bps', { system, market }, bps)
  add('watched_final_s', { system }, inSeconds(finality?.finalMs))
  add('watched_withdrawal_s', { system }, inSeconds(finality?.withdrawalMs))
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}

function secondsTo({ at }: NetworkView, since: number): number {
  return Math.max(0, at - since) / 1000
}

/** In Prometheus' text format: each name once with its help, then its values. */
export function gaugesText(all: readonly Gauge[]): string {
  const lines = [...Map.groupBy(all, ({ name }) => name)].flatMap(([name, values]) => [
    `# HELP ${name} ${values[0]?.help ?? ''}`,
    `# TYPE ${name} gauge`,
    ...values.map(({ of, value }) => `${name}${labels(of)} ${value}`),
  ])
  return `${lines.join('\n')}\n`
}

function labels(of: Gauge['of']): string {
  const pairs = Object.entries(of).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}
