import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Trouble } from './errors.ts'

/** What one node of a chain has shown so far. */
export type NodeHealth = {
  /** It has said that it is on our chain; nothing of it counts before. */
  readonly identified: boolean
  /** The newest block that it told of last. */
  readonly head: Block | undefined
  readonly lagBlocks: number
  readonly lagScore: number
  readonly latencyMs: number | undefined
  /** Faults not yet forgiven. */
  readonly strikes: number
  /** The last fault, or the last time that one was forgiven. */
  readonly judgedAt: Timestamp
  readonly quarantine: Quarantine | undefined
  /** Until when it has asked to be left alone. */
  readonly restUntil: Timestamp
  readonly answers: number
  readonly faults: number
}

type Quarantine = {
  readonly why: Fault
  readonly since: Timestamp
  readonly until: Timestamp
}

type Fault = { readonly trouble: Trouble; readonly detail: string }

export const newNode: NodeHealth = {
  identified: false,
  head: undefined,
  lagBlocks: 0,
  lagScore: 0,
  latencyMs: undefined,
  strikes: 0,
  judgedAt: timestamp(0),
  quarantine: undefined,
  restUntil: timestamp(0),
  answers: 0,
  faults: 0,
}

/** The first quarantine: about as long as a node takes to get over one bad answer. Each fault doubles it. */
const firstQuarantineMs = 1_000

/** A node that comes back is used again within this, however long it has asked to be left alone. */
export const longestQuarantineMs = 60_000

/** Nobody needs more doublings to reach the longest one, and fewer are forgiven sooner. */
const mostStrikes = 7

/** One fault is forgiven for each of these spent without any, so a node that comes and goes stays away longer each time. */
const forgiveAfterMs = 30_000

/** How much of the mean the newest value makes. */
const weight = 0.25

/**
 * After a fault. `jitter` from 0 to 1 spreads the ends of quarantines by a fifth to either side. `restMs`: for how long it asks
 * to be left alone.
 */
export function struck(
  node: NodeHealth,
  {
    trouble,
    detail,
    now,
    jitter,
    restMs = 0,
  }: Fault & {
    readonly now: Timestamp
    readonly jitter: number
    readonly restMs?: number | undefined
  },
): NodeHealth {
  const strikes = Math.min(node.strikes + 1, mostStrikes)
  const usualMs = Math.min(firstQuarantineMs * 2 ** (strikes - 1), longestQuarantineMs)
  const usualUntil = Math.round(now + usualMs * (0.8 + 0.4 * jitter))
  // Requests that were out together may be refused together: the longest of their rests counts.
  const restUntil = Math.max(node.restUntil, now + Math.min(restMs, longestQuarantineMs))
  return {
    ...node,
    // Another chain's node may be ours once it has been replaced.
    identified: node.identified && trouble !== 'wrong-chain',
    strikes,
    judgedAt: now,
    faults: node.faults + 1,
    quarantine: {
      why: { trouble, detail },
      since: node.quarantine?.since ?? now,
      until: timestamp(usualUntil),
    },
    restUntil: timestamp(restUntil),
  }
}

/** After a usable answer. It ends a quarantine for want of one; one for what was said stays. */
export function answered(
  node: NodeHealth,
  { tookMs, now }: { readonly tookMs: number; readonly now: Timestamp },
): NodeHealth {
  const forgiven = node.strikes > 0 && now - node.judgedAt >= forgiveAfterMs
  const { quarantine } = node
  return {
    ...node,
    answers: node.answers + 1,
    latencyMs: mean(node.latencyMs, tookMs),
    strikes: forgiven ? node.strikes - 1 : node.strikes,
    judgedAt: forgiven ? now : node.judgedAt,
    quarantine: quarantine && saidWrong(quarantine.why.trouble) ? quarantine : undefined,
  }
}

/** After it told of its newest block. `fit`: that is where the others have theirs, or a little behind; it ends a quarantine. */
export function placed(
  node: NodeHealth,
  {
    head,
    lagBlocks,
    fit,
  }: { readonly head: Block; readonly lagBlocks: number; readonly fit: boolean },
): NodeHealth {
  const lagScore = mean(node.lagScore, lagBlocks)
  const quarantine = fit ? undefined : node.quarantine
  return { ...node, identified: true, head, lagBlocks, lagScore, quarantine }
}

/** After an answer that was true once: as bad as having been that many blocks behind. */
export function lagged(node: NodeHealth, lagBlocks: number): NodeHealth {
  return { ...node, lagScore: mean(node.lagScore, lagBlocks) }
}

/** Whether others are asked before it. An answer to an older question does not end the rest that it has asked for. */
export function isQuarantined(node: NodeHealth, now: Timestamp): boolean {
  const { quarantine } = node
  return (quarantine !== undefined && quarantine.until > now) || isResting(node, now)
}

/** Whether it is not to be asked at all, not even where nobody else answers. */
export function isResting({ restUntil }: NodeHealth, now: Timestamp): boolean {
  return restUntil > now
}

/** Whether it is known for something worse than silence: then it is not asked even where nobody else answers. */
export function isMistrusted({ quarantine }: NodeHealth): boolean {
  return quarantine !== undefined && saidWrong(quarantine.why.trouble)
}

/** The lower, the better. Twice as slow counts as much as one fault or one block behind; below 50 ms all are as fast. */
export function score({ latencyMs = 0, strikes, lagScore }: NodeHealth): number {
  return Math.round(Math.log2(Math.max(latencyMs, 50) / 50)) + strikes + Math.round(lagScore)
}

function saidWrong(trouble: Trouble): boolean {
  switch (trouble) {
    case 'wrong-chain':
    case 'ahead':
    case 'behind':
      return true
    case 'timeout':
    case 'network':
    case 'http':
    case 'rate-limited':
    case 'unreadable':
    case 'too-large':
    case 'refused':
      return false
  }
}

function mean(before: number | undefined, value: number): number {
  return before === undefined ? value : before + weight * (value - before)
}
