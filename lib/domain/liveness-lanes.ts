import type { Finding } from './incident.ts'
import { runway, type Spending } from './spending.ts'
import type { Timestamp } from './time.ts'

/** A sending account cannot pay for what it is to send, or soon cannot. */
export function noGasMoney(look: {
  /** The lane: chain and account. */
  readonly lane: string
  /** In the fee token's smallest unit; undefined where it could not be asked. */
  readonly balance: bigint | undefined
  /** What it needs at least, and since when it has not had that; undefined where it could pay. */
  readonly short: { readonly need: bigint; readonly since: Timestamp } | undefined
  readonly spending: Spending | undefined
  readonly now: Timestamp
  readonly warnDays: number
  readonly warnTransactions: number
}): Finding | undefined {
  const { lane, balance, short, now } = look
  const at = { rule: 'no-gas-money', subject: lane }
  if (short && (balance === undefined || balance < short.need))
    return {
      ...at,
      severity: 'critical',
      summary: `${lane} cannot pay for its next transaction: it needs ${short.need} of the fee token's smallest unit and has ${balance ?? 'an unknown amount'}; send it some`,
      since: short.since,
      afterMs: 0,
    }
  const lasts = balance === undefined ? undefined : runway(balance, look.spending)
  if (!lasts) return undefined
  const { transactions, days } = lasts
  const soon = days !== undefined && days < look.warnDays
  if (!soon && transactions >= look.warnTransactions) return undefined
  return {
    ...at,
    severity: 'warning',
    summary: `${lane} can pay for ${transactions} more transactions${days === undefined ? '' : `, about ${days.toFixed(1)} days`}; send it some`,
    since: now,
    afterMs: 0,
  }
}

/** An engine would refuse a market's price, so that pushes go without it. */
export function marketRefused(look: {
  readonly engine: string
  readonly market: string
  readonly reason: string
  readonly since: Timestamp
}): Finding {
  const { engine, market, reason, since } = look
  return {
    rule: 'market-refused',
    subject: `${engine}:${market}`,
    severity: 'warning',
    summary: `${engine} would refuse the price of ${market}: ${reason}; the other markets are pushed without it`,
    since,
    // A price that two nodes disagree on for one round is not worth a message.
    afterMs: 30_000,
  }
}

/**
 * Transactions of an account that this deployment does not send from are in no block. Nobody may be left to raise their
 * fee, or to take their nonces once they are too late.
 */
export function laneLeftBehind(look: {
  readonly lane: string
  readonly transactions: number
  /** When the first was signed. */
  readonly since: Timestamp
  readonly now: Timestamp
  readonly maxMs: number
}): Finding | undefined {
  const { lane, transactions, since, now, maxMs } = look
  if (now - since < maxMs) return undefined
  const many = transactions === 1 ? 'a transaction' : `${transactions} transactions`
  return {
    rule: 'lane-left-behind',
    subject: lane,
    severity: 'warning',
    summary: `${lane} has ${many} in no block, and the network file names no such account; put it back until its lane is empty`,
    since,
    afterMs: 0,
  }
}

/** A lane counts nonces that neither the chain nor its own transactions account for. */
export function nonceDrift(look: {
  readonly lane: string
  readonly nextNonce: number
  /** By included blocks. */
  readonly chainNonce: number
  /** How many of the lane's transactions the chain's nonce does not count yet. */
  readonly ahead: number
  readonly now: Timestamp
}): Finding | undefined {
  const { lane, nextNonce, chainNonce, ahead, now } = look
  const missing = nextNonce - chainNonce - ahead
  if (missing <= 0) return undefined
  return {
    rule: 'nonce-drift',
    subject: lane,
    severity: 'warning',
    summary: `${lane} has signed up to nonce ${nextNonce - 1}, the chain expects ${chainNonce}, and ${missing} of the nonces between are nobody's`,
    since: now,
    // A node that lags shows one for some seconds, and a gap is filled within a minute.
    afterMs: 90_000,
  }
}
