import { maxHeadAgeMs } from '../../domain/head-age.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'

/** What one node gave as its newest block. */
export type Sighting<Node> = { readonly node: Node; readonly head: Block }

export type Placed<Node> = Sighting<Node> & {
  /**
   * `good`: it has the agreed block. `late`: a few blocks behind, as nodes of a fleet are. `behind`: so far that it does
   * not follow the chain. `ahead`: so far above the others that it is on no chain of theirs.
   */
  readonly place: 'good' | 'late' | 'behind' | 'ahead'
  readonly lagBlocks: number
}

export type Agreement<Node> = {
  /** The newest block that a majority has reached; undefined where nobody said anything that counts. */
  readonly head: Block | undefined
  readonly placed: readonly Placed<Node>[]
}

/** A chain's clock may be this far ahead of ours. */
const clockToleranceMs = 15_000

/**
 * The newest block that more than half of the nodes that answered have reached: of one node its own, of two the lower,
 * unless that is old and the other one is not. A block from before `floor`, the last one agreed on, proves nothing unless
 * most of all `nodes` say so: then the chain went back.
 */
export function agreeOnHead<Node>(look: {
  readonly seen: readonly Sighting<Node>[]
  readonly floor: Block | undefined
  readonly nodes: number
  readonly now: Timestamp
  readonly blockSeconds: number
}): Agreement<Node> {
  const { seen, floor, nodes, now, blockSeconds } = look
  const oldMs = maxHeadAgeMs(blockSeconds)
  const farBlocks = Math.ceil(oldMs / (blockSeconds * 1000))
  const past = seen.filter(({ head }) => floor && isBefore(head, floor))
  const wentBack = past.length * 2 > nodes
  const current = wentBack ? seen : seen.filter((one) => !past.includes(one))
  const head = reached(votersOf(current, { now, oldMs })) ?? (seen.length > 0 ? floor : undefined)
  return { head, placed: seen.map((one) => ({ ...one, ...placeOf(one.head, head, farBlocks) })) }
}

/** Earlier in the same chain: one that was reset, or has reorganised, has lower blocks with later times. */
export function isBefore(one: Block, other: Block): boolean {
  return one.number < other.number && one.time < other.time
}

function votersOf<Node>(
  seen: readonly Sighting<Node>[],
  { now, oldMs }: { readonly now: Timestamp; readonly oldMs: number },
): readonly Block[] {
  const heads = seen.map(({ head }) => head)
  const present = heads.filter(({ time }) => time <= now + clockToleranceMs)
  const voters = present.length > 0 ? present : heads
  if (voters.length !== 2) return voters
  // Of two nobody has a majority; that time passes is the third witness.
  const young = voters.filter(({ time }) => now - time <= oldMs)
  return young.length === 1 ? young : voters
}

function reached(voters: readonly Block[]): Block | undefined {
  // In the middle or above it, so that it and those before it are more than half.
  const number = voters.toSorted((one, other) => other.number - one.number)[voters.length >> 1]
    ?.number
  const there = voters.filter((block) => block.number === number)
  const votes = ({ hash }: Block) => there.filter((block) => block.hash === hash).length
  return there.reduce<Block | undefined>(
    (most, block) => (most && votes(most) >= votes(block) ? most : block),
    undefined,
  )
}

function placeOf(
  own: Block,
  agreed: Block | undefined,
  farBlocks: number,
): Pick<Placed<unknown>, 'place' | 'lagBlocks'> {
  const lag = (agreed?.number ?? own.number) - own.number
  if (lag > farBlocks) return { place: 'behind', lagBlocks: lag }
  if (lag > 0) return { place: 'late', lagBlocks: lag }
  return { place: -lag > farBlocks ? 'ahead' : 'good', lagBlocks: 0 }
}
