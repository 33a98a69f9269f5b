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

/** A deployment that has not repeated its word for this many times as long as we would have is silent. */
const silentTimes = 2

/**
 * A change is told with its own time, so that a grace period runs from there. What has not changed is told again after `refreshMs`,
 * with the time of the newest look: readers see that somebody still looks.
 *
 * Where several tell one feed and do not agree, a chain is down as long as one of them repeats that it is: whoever waits for
 * nothing loses less than whoever liquidates in an outage.
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
  const [seenAt, changedAt] = [wholeSeconds(word.at), wholeSeconds(word.flippedAt)]
  const laterWord = `${detail} since ${utc(changedAt)}, and it was told of ${utc(lastReportAt)}`
  const ofNow = { kind: 'due', report: { isDown, at: seenAt }, until: freshUntil(word) } as const
  if (same && seenAt >= lastReportAt)
    return { ...ofNow, work: `again-${unixSeconds(same.updatedAt)}`, detail }
  if (same) return refused('told-later', laterWord)
  const change = isDown ? 'down' : 'up'
  if (changedAt >= lastReportAt)
    return {
      kind: 'due',
      work: `${change}-${unixSeconds(changedAt)}`,
      report: { isDown, at: changedAt },
      until: timestamp(now + changeLifeMs),
      detail,
    }
  const isSilent = told !== undefined && now - told.updatedAt >= silentTimes * refreshMs
  if (seenAt < lastReportAt || !(isDown || isSilent)) return refused('told-later', laterWord)
  // Its own time would change nothing any more: what counts is that it is still seen to be so.
  return { ...ofNow, work: `${change}-after-${unixSeconds(lastReportAt)}`, detail: laterWord }
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
