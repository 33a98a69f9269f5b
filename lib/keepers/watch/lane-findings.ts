import type { Finding } from '../../domain/incident.ts'
import {
  laneLeftBehind,
  marketRefused,
  nonceDrift,
  noGasMoney,
} from '../../domain/liveness-lanes.ts'
import { nonceTaken, transactionStuck } from '../../domain/liveness-workers.ts'
import type { LaneSeen, WatchRules, WatchView } from './watch-view.ts'

/** What is wrong with our transactions, with the accounts that pay for them, and with what goes without some markets. */
export function laneFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  return [
    ...stuckLanes(view, rules),
    ...poorLanes(view, rules),
    ...refusedMarkets(view),
    ...driftedLanes(view),
    ...lanesLeftBehind(view, rules),
  ]
}

/** An account that no node told of is as it was. */
export function unseenLanes({ lanes }: WatchView): readonly Pick<Finding, 'rule' | 'subject'>[] {
  return lanes.flatMap(({ id: subject, account }) =>
    account.kind === 'unseen'
      ? [
          { rule: 'no-gas-money', subject },
          { rule: 'nonce-drift', subject },
        ]
      : [],
  )
}

function stuckLanes(
  { lanes, now }: WatchView,
  { maxTransactionMs: maxMs }: WatchRules,
): readonly Finding[] {
  return lanes.flatMap(({ id, lane }) => {
    const outside = lane?.inFlight.find(({ state }) => state !== 'included')
    const first = outside?.attempts[0]
    if (!outside || !first) return []
    const { nonce, lostSince } = outside
    // It waits for no pool and no fee: whoever else has the nonce is what people must know of.
    if (lostSince !== undefined) return nonceTaken({ lane: id, nonce, since: lostSince })
    const sentAt = first.sentAt ?? first.signedAt
    return transactionStuck({ lane: id, nonce, sentAt, now, maxMs }) ?? []
  })
}

function lanesLeftBehind(
  { leftBehind, now }: WatchView,
  { maxTransactionMs: maxMs }: WatchRules,
): readonly Finding[] {
  return leftBehind.flatMap(({ id, inFlight }) => {
    const outside = inFlight.filter(({ state }) => state !== 'included')
    const since = outside[0]?.attempts[0]?.signedAt
    if (since === undefined) return []
    return laneLeftBehind({ lane: id, transactions: outside.length, since, now, maxMs }) ?? []
  })
}

function poorLanes({ lanes, now }: WatchView, rules: WatchRules): readonly Finding[] {
  const { gasMoneyDays: warnDays, gasMoneyTransactions: warnTransactions } = rules
  return lanes.flatMap(({ id, lane, account }) => {
    const balance = account.kind === 'seen' ? account.value.balance : undefined
    const { noFunds: short, spending } = lane ?? {}
    return noGasMoney({ lane: id, balance, short, spending, now, warnDays, warnTransactions }) ?? []
  })
}

function refusedMarkets({ lanes }: WatchView): readonly Finding[] {
  // An account that is refused was healed, or somebody was first at it: the market is as it was.
  return lanes.flatMap(({ lane }) =>
    (lane?.refused ?? []).filter(({ account }) => account === undefined).map(marketRefused),
  )
}

function driftedLanes({ lanes, now }: WatchView): readonly Finding[] {
  return lanes.flatMap((seen) => drift(seen, now) ?? [])
}

function drift({ id, lane, account }: LaneSeen, now: WatchView['now']): Finding | undefined {
  if (account.kind === 'unseen' || lane?.nextNonce === undefined) return undefined
  const { nonce: chainNonce } = account.value
  const ahead = lane.inFlight.filter(({ nonce }) => nonce >= chainNonce).length
  return nonceDrift({ lane: id, nextNonce: lane.nextNonce, chainNonce, ahead, now })
}
