import { Decimal } from '../domain/decimal.ts'
import type { FeedView } from '../runtime/view/feeds-view.ts'
import type { LaneView } from '../runtime/view/lanes-view.ts'
import type { NetworkView } from '../runtime/view/network-view.ts'
import type { ChainView } from '../runtime/view/watch-view.ts'
import { durationText } from './duration.ts'
import { fundingLines, liquidationLines, positionLines } from './status-exchange-lines.ts'
import { watchedLines } from './watched-lines.ts'

/** A network's state on one screen. */
export function statusLines(view: NetworkView): readonly string[] {
  const { overall, feeds, chains, lanes, incidents, jobs, problems } = view
  const runs = (job: string): boolean => jobs.length === 0 || jobs.some((one) => one.job === job)
  return [
    `${view.network}: ${overall.text}`,
    // A liquidator makes no prices, and watches none.
    ...section('Prices', runs('publish-prices') ? feeds.map(feedLine) : []),
    ...section(
      'Told to exchanges',
      runs('watch-liveness')
        ? feeds.flatMap(({ feed, posted }) => posted.map((one) => postedLine(feed, one)))
        : [],
    ),
    ...section('Funding', rowsOf(fundingLines(view))),
    ...section('Accounts', rowsOf(positionLines(view))),
    ...section('Liquidation', rowsOf(liquidationLines(view))),
    ...section(
      'Transactions',
      lanes.flatMap((lane) => [laneLine(lane), ...laneTroubles(lane, view.at), ...laneCosts(lane)]),
    ),
    ...section(
      'Nodes',
      chains.flatMap(({ chain, nodes }) => nodes.map((node) => nodeLine(chain, node))),
    ),
    ...section(
      'Watched',
      view.watched.flatMap((one) => watchedLines(one, { now: view.at, incidents: incidents.open })),
    ),
    ...section(
      'Jobs',
      jobs.map(({ job, subject, ticks, silent }) => {
        const [last] = ticks
        const ran = last
          ? `${last.state} ${last.reason}, ${ago(view.at - last.slotAt)}`
          : 'has not run yet'
        return columns(job, subject, `${ran}${silent ? ' (silent)' : ''}`)
      }),
    ),
    ...section(
      'Open alerts',
      incidents.open
        .filter(({ state }) => state === 'open')
        .map(({ severity, rule, summary, since }) =>
          columns(severity, rule, `${summary} (${ago(view.at - since)})`),
        ),
    ),
    ...section(
      'Cannot be shown',
      problems.map(({ where, problem }) => `${where}: ${problem}`),
    ),
  ]
}

function rowsOf(lines: ReturnType<typeof fundingLines>): readonly string[] {
  return lines.map((line) => columns(...line))
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

function feedLine({ feed, mark, nodes }: FeedView): string {
  if (mark.kind === 'none') return columns(feed, 'no price', mark.reason)
  const old = mark.stale ? ', old' : ''
  const made = `of ${mark.nodes} nodes, ${ago(mark.ageMs)}${old}`
  return columns(feed, shortened(mark.price), [made, ...qualityOf(nodes[0])].join('; '))
}

/** How far the first node's price is to be trusted. */
function qualityOf(node: FeedView['nodes'][number] | undefined): readonly string[] {
  if (!node) return []
  const { agreeing, sources, dispersionBps, confidenceBps, inputAgeMs } = node.quality
  const apart = dispersionBps === undefined ? '' : `, ${dispersionBps} bps apart`
  const sure = confidenceBps === undefined ? '' : `, ± ${confidenceBps} bps`
  const old = inputAgeMs === undefined ? '' : `, inputs up to ${durationText(inputAgeMs)} old`
  return [`${agreeing} of ${sources} agree${apart}${sure}${old}`]
}

function postedLine(feed: string, posted: FeedView['posted'][number]): string {
  const { engine, price, ageMs, offBps, late, paused, problem } = posted
  if (price === undefined || ageMs === undefined)
    return columns(feed, engine, problem ?? 'no price posted yet')
  const off = offBps === undefined ? '' : `, ${offBps} bps off`
  const state = `${late ? ', late' : ''}${paused ? ', paused' : ''}`
  return columns(feed, engine, `${shortened(price)}, ${ago(ageMs)}${off}${state}`)
}

function laneLine({ chain, inFlight, transactions }: LaneView): string {
  const counts = new Map<string, number>()
  for (const { state } of transactions) counts.set(state, (counts.get(state) ?? 0) + 1)
  const recent = [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
  return columns(chain, `${inFlight} under way`, recent === '' ? 'none yet' : `last: ${recent}`)
}

function laneTroubles(lane: LaneView, now: number): readonly string[] {
  const { account, refused, noFunds, deploying } = lane
  const young = deploying
    ? [
        columns(
          '',
          'deploying',
          `${account}, attempt ${deploying.attempts}, ${ago(now - deploying.since)}`,
        ),
      ]
    : []
  const poor = noFunds
    ? [columns('', 'cannot pay', `${account} needs ${noFunds.need}, ${ago(now - noFunds.since)}`)]
    : []
  const without = refused.map(({ engine, market, reason }) =>
    columns('', 'goes without', `${market} on ${engine}: ${reason}`),
  )
  return [...young, ...poor, ...without]
}

function laneCosts({ costs }: LaneView): readonly string[] {
  if (!costs) return []
  const { token, since, until, spent, perDay, perTransaction, perPrice, feeds } = costs
  const sum =
    perDay === undefined
      ? `${amount(spent)} ${token} in ${durationText(until - since)}`
      : `${amount(perDay)} ${token} a day`
  const price = perPrice === undefined ? [] : [`${amount(perPrice)} a price`]
  const all = [sum, `${amount(perTransaction)} a transaction`, ...price].join(', ')
  return [
    columns('', 'costs', all),
    ...feeds.map(({ engine, market, perPush, perDay: daily }) =>
      columns(
        '',
        daily === undefined ? '' : `${amount(daily)} a day`,
        `${market} on ${engine}, ${amount(perPush)} a price`,
      ),
    ),
  ]
}

/** Three digits tell what something costs. */
function amount(tokens: string): string {
  return new Decimal(tokens).toSD(3).toString()
}

function nodeLine(chain: string, node: ChainView['nodes'][number]): string {
  const { state, why, lagBlocks, latencyMs, answers, faults } = node
  const behind = lagBlocks > 0 ? `${lagBlocks} blocks behind` : ''
  const took = latencyMs === undefined ? '' : `${latencyMs} ms`
  const counts = `${answers} answers, ${faults} faults`
  const rest = [node.node, took, behind, counts, why].filter((part) => part !== '')
  return columns(chain, state, rest.join(', '))
}

function columns(first: string, second: string, rest: string): string {
  return `${first.padEnd(15)} ${second.padEnd(14)} ${rest}`
}

function ago(ms: number): string {
  return `${durationText(Math.max(0, ms))} ago`
}

/** An exchange's own fixed point has up to 28 decimals, which no person reads; `--json` has them all. */
function shortened(price: string): string {
  return new Decimal(price).toSD(10).toString()
}
