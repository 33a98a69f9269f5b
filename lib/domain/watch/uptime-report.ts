import type { TellUptime } from '../action.ts'
import { type Timestamp, timestamp, unixSeconds } from '../time.ts'
import type { Block } from '../transaction.ts'
import { freshUntil, isOfNow, type Uptime } from './uptime.ts'
import { utc } from './words.ts'

/** What a feed was told, of one block of its chain. */
export type FeedSight = {
  readonly block: Block
  /** Undefined before its first report. */
  readonly told:
    | {
        readonly isDown: boolean
        /** When that last changed. */
        readonly startedAt: Timestamp
        /** When it was told that last. */
        readonly updatedAt: Timestamp
      }
    | undefined
  /** Its newest report is of then: an older one changes nothing any more. */
  readonly lastReportAt: Timestamp
}

/** What a feed is told; `at` in whole seconds, as it counts. */
export type UptimeReport = { readonly isDown: boolean; readonly at: Timestamp }

/** What to tell a feed, and why; or why nothing. */
export type ReportPlan =
  | {
      readonly kind: 'due'
      /** Names it: the same work whoever decides it, and however often. */
      readonly work: string
      readonly report: UptimeReport
      /** After this it is not worth telling any more. */
      readonly until: Timestamp
      readonly detail: string
    }
  | { readonly kind: 'known'; readonly detail: string }
  | {
      readonly kind: 'refused'
      /** `told-later`: somebody else has told it something of a time after ours. */
      readonly reason: 'no-word' | 'old-word' | 'told-later'
      readonly detail: string
    }

/** A change stays true after the word on it is old; with fees of a busy hour it takes some minutes. */
const changeLifeMs = 10 * 60_000

/**
 * A change is told with its own time, so that a grace period runs from there. What has not changed is told again after `refreshMs`,
 * with the time of the newest look: readers see that somebody still looks.
 */
export function planReport(
  word: Uptime | undefined,
  { told, lastReportAt }: Pick<FeedSight, 'told' | 'lastReportAt'>,
  { now, refreshMs }: { readonly now: Timestamp; readonly refreshMs: number },
): ReportPlan {
  if (!word) return refused('no-word', 'the watch has not looked at it')
  if (!isOfNow(word, now)) return refused('old-word', `the watch looked last at ${utc(word.at)}`)
  const isDown = word.state === 'down'
  const detail = `${word.chain} is ${word.state}`
  const same = told?.isDown === isDown ? told : undefined
  if (same && now - same.updatedAt < refreshMs) return { kind: 'known', detail }
  const at = wholeSeconds(same ? word.at : word.flippedAt)
  if (at < lastReportAt)
    return refused(
      'told-later',
      `${detail} since ${utc(at)}, and it was told of ${utc(lastReportAt)}`,
    )
  return {
    kind: 'due',
    work: same
      ? `again-${unixSeconds(same.updatedAt)}`
      : `${isDown ? 'down' : 'up'}-${unixSeconds(at)}`,
    report: { isDown, at },
    until: same ? freshUntil(word) : timestamp(now + changeLifeMs),
    detail,
  }
}

/** Names one try to tell a feed something; of several only the newest can still take effect. */
export function tellIntent({
  engine,
  work,
  attempt,
}: Pick<TellUptime, 'engine' | 'work' | 'attempt'>): string {
  const again = attempt === 1 ? '' : `:try-${attempt}`
  return `tell-uptime:${engine}:${work}${again}`
}

function refused(
  reason: Extract<ReportPlan, { readonly kind: 'refused' }>['reason'],
  detail: string,
): ReportPlan {
  return { kind: 'refused', reason, detail }
}

function wholeSeconds(at: Timestamp): Timestamp {
  return timestamp(unixSeconds(at) * 1000)
}
