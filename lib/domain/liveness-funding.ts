import type { Finding } from './incident.ts'
import { timestamp, type Timestamp } from './time.ts'

/** An epoch may be a little late; two that are missing are a stall. */
const warnEpochs = 2

/** Exchanges stop when funding is too old (starknet-perpetual: FUNDING_EXPIRED), so this comes long before. */
const pageEpochs = 4

/** An exchange's funding was not settled for more than two epochs; critical past four. */
export function fundingLate(look: {
  readonly engine: string
  /** Of the market that waits longest; undefined where it never was. */
  readonly settledAt: Timestamp | undefined
  readonly now: Timestamp
  readonly epochSeconds: number
}): Finding | undefined {
  const { engine, settledAt, now, epochSeconds } = look
  const epochMs = epochSeconds * 1000
  const at = { rule: 'funding-late', subject: engine }
  if (settledAt === undefined)
    return {
      ...at,
      severity: 'warning',
      summary: `funding of ${engine} was never settled; an epoch is ${epochSeconds} s`,
      since: now,
      afterMs: warnEpochs * epochMs,
    }
  const ageMs = now - settledAt
  if (ageMs <= warnEpochs * epochMs) return undefined
  const when = `${new Date(settledAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return {
    ...at,
    severity: ageMs > pageEpochs * epochMs ? 'critical' : 'warning',
    summary: `funding of ${engine} was settled last at ${when}; an epoch is ${epochSeconds} s`,
    since: timestamp(settledAt + warnEpochs * epochMs),
    afterMs: 0,
  }
}
