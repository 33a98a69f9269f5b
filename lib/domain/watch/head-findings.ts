import type { Finding } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import { medianOf } from './spread.ts'
import type { ChainMemory, SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { lasting, utc } from './words.ts'

/** What is wrong with the blocks of a watched system's chains. */
export function headFindings(
  { system, chains }: SystemMemory,
  { now, rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  return Object.entries(chains).flatMap(([name, chain]) => {
    const look = { subject: partOf(system, name), chain, now, numbers }
    const found = [
      noPlace(look),
      stalled(look),
      slow(look),
      ahead(look),
      apart(look),
      wentBack(look),
    ]
    return found.flatMap((finding) => finding ?? [])
  })
}

type ChainLook = {
  readonly subject: string
  readonly chain: ChainMemory
  readonly now: Timestamp
  readonly numbers: WatchParameters
}

/** No place answers: nothing is known of the chain itself. */
function noPlace({ subject, chain }: ChainLook): Finding | undefined {
  const troubles = Object.values(chain.places).flatMap(({ trouble }) => trouble ?? [])
  const [first] = troubles
  if (!first || troubles.length < Object.keys(chain.places).length) return undefined
  return {
    rule: 'chain-unreachable',
    subject,
    severity: 'critical',
    summary: `no node of ${subject} answers: ${troubles.map(({ reason }) => reason).join('; ')}`,
    since: timestamp(Math.max(...troubles.map(({ since }) => since))),
    // A node restarts, or throttles us, for less than this.
    afterMs: 60_000,
  }
}

/** No new block (SEQ-1), by the newest that any place tells of. */
function stalled({ subject, chain, now, numbers }: ChainLook): Finding | undefined {
  const { newest } = chain
  if (!newest || !isSeen(chain)) return undefined
  const { warnMs, pageMs, usualMs } = stallLimits(chain, numbers)
  const ageMs = now - newest.time
  if (ageMs <= warnMs) return undefined
  const usual = usualMs === undefined ? '' : `; one is usual every ${seconds(usualMs)}`
  return {
    rule: 'chain-stalled',
    subject,
    severity: ageMs > pageMs ? 'critical' : 'warning',
    summary: `${subject} has made no block since ${newest.number} at ${utc(newest.time)}${usual}`,
    since: timestamp(newest.time + warnMs),
    afterMs: 0,
  }
}

/** After how long without a block people are told, and somebody is woken. */
export function stallLimits(
  { paces }: Pick<ChainMemory, 'paces'>,
  numbers: WatchParameters,
): { readonly warnMs: number; readonly pageMs: number; readonly usualMs: number | undefined } {
  const usualMs = usualPace(paces, numbers)
  // Nothing is known of its pace yet: it may be a slow chain.
  if (usualMs === undefined) return { warnMs: numbers.headPageMs, pageMs: Infinity, usualMs }
  return {
    warnMs: Math.max(numbers.headWarnMs, numbers.headWarnTimes * usualMs),
    pageMs: Math.max(numbers.headPageMs, numbers.headPageTimes * usualMs),
    usualMs,
  }
}

function usualPace(paces: ChainMemory['paces'], { headFewest }: WatchParameters) {
  return paces.length < headFewest ? undefined : medianOf(paces.map(({ ms }) => ms))
}

/** The fewest looks that show that blocks are slow. */
const fewestSlow = 3

/** Blocks come, and take far longer than usual: everything on the chain is late, and no age of its head shows it. */
function slow({ subject, chain, now, numbers }: ChainLook): Finding | undefined {
  const since = now - numbers.slowWindowMs
  const lately = chain.paces.filter(({ at }) => at > since)
  const [first] = lately
  const usualMs = usualPace(chain.paces, numbers)
  const nowMs = medianOf(lately.map(({ ms }) => ms))
  if (!first || lately.length < fewestSlow || usualMs === undefined || nowMs === undefined)
    return undefined
  if (nowMs <= Math.max(numbers.slowMs, numbers.slowTimes * usualMs)) return undefined
  return {
    rule: 'blocks-slow',
    subject,
    severity: 'warning',
    summary: `a block of ${subject} takes ${seconds(nowMs)} of late, and usually ${seconds(usualMs)}`,
    since: first.at,
    afterMs: 0,
  }
}

/** A block from the future: the chain's clock or ours is wrong, and every age with it. */
function ahead({ subject, chain, now, numbers }: ChainLook): Finding | undefined {
  const { newest } = chain
  if (!newest || newest.time - now <= numbers.clockMs) return undefined
  return {
    rule: 'clocks-apart',
    subject,
    severity: 'warning',
    summary: `block ${newest.number} of ${subject} is ${lasting(newest.time - now)} ahead of our clock, so that no age can be told`,
    since: now,
    afterMs: 0,
  }
}

/** Places that do not see the same chain (MON-2). */
function apart({ subject, chain, now, numbers }: ChainLook): Finding | undefined {
  const { apartSince, toldApart } = chain
  const heads = Object.entries(chain.places).flatMap(([place, { head, trouble }]) =>
    head && !trouble ? [{ place, number: head.number }] : [],
  )
  const [low, high] = [heads.toSorted((a, b) => a.number - b.number)].flatMap((sorted) => [
    sorted[0],
    sorted.at(-1),
  ])
  const disagree = (since: Timestamp, what: string): Finding => ({
    rule: 'nodes-disagree',
    subject,
    severity: now - since >= numbers.apartPageMs ? 'critical' : 'warning',
    summary: `${what}: one of them does not see the chain as it is`,
    since,
    afterMs: 30_000,
  })
  if (low && high && apartSince !== undefined)
    return disagree(
      apartSince,
      `${low.place} is at block ${low.number} of ${subject}, ${high.place} at ${high.number}`,
    )
  return toldApart && disagree(toldApart.since, `of ${subject} ${toldApart.what}`)
}

/** A block is gone or another one (SEQ-3). What was seen in the minutes before may be undone, and what comes now is not sure. */
function wentBack({ subject, chain }: ChainLook): Finding | undefined {
  const last = chain.retreats.at(-1)
  const [first] = chain.retreats
  if (!last || !first) return undefined
  const { place, from, to } = last
  const what =
    to.number === from.number
      ? `block ${from.number} of ${subject} is another one now: ${short(from.hash)} became ${short(to.hash)}`
      : `the head of ${subject} went back from ${from.number} to ${to.number}`
  return {
    rule: 'head-went-back',
    subject,
    severity: 'critical',
    summary: `${what}, says ${place} at ${utc(last.at)}`,
    since: first.at,
    afterMs: 0,
  }
}

function isSeen({ places }: ChainMemory): boolean {
  return Object.values(places).some(({ trouble }) => trouble === undefined)
}

function short(hash: string): string {
  return hash.length <= 14 ? hash : `${hash.slice(0, 10)}…`
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : lasting(ms)
}
