import { applyBlocks } from '../../domain/positions/apply-blocks.ts'
import { type Book, emptyBook } from '../../domain/positions/book.ts'
import { type LogRecord, stepsBetween } from '../../domain/positions/log-record.ts'
import { knownBlocks, rollBack, settled } from '../../domain/positions/roll-back.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Blocks, Clock, EnginePositions } from '../../ports.ts'

export type Followed = {
  readonly book: Book
  /** What became of the book that it began with. */
  readonly records: readonly LogRecord[]
  /** It began anew: there was no book, or none of its blocks is in the chain. */
  readonly isNew: boolean
  readonly head: Block
  /** The lowest block that it went back to; undefined where it never did. */
  readonly wentBackTo: number | undefined
  readonly events: number
}

type World = {
  readonly chain: Blocks
  readonly positions: EnginePositions
  readonly clock: Clock
}

/** Each time the chain may have moved while it was asked; a chain that always does is looked at again in the next slot. */
const mostTries = 5

/** Takes the book along with the chain: back where blocks are gone, then on to the newest one, as far as there is time. */
export async function follow(
  world: World,
  start: Book | undefined,
  until: Timestamp,
): Promise<Followed> {
  const { chain, positions, clock } = world
  let head = await chain.head()
  let now: Omit<Followed, 'head'> = start ? unmoved(start) : await beginning(world)
  for (let tries = 0; tries < mostTries && clock.now() < until;) {
    now = await rejoined(world, now, head)
    if (now.book.block.number >= head.number) break
    const found = await positions.events(now.book.block, head)
    if (found.kind === 'gone') {
      tries += 1
      head = await chain.head()
      continue
    }
    const book = applyBlocks(now.book, found.blocks, found.through)
    const events = found.blocks.reduce((sum, { events: all }) => sum + all.length, now.events)
    const records = [...now.records, ...stepsBetween(now.book, book)]
    now = { ...now, records, events, book: settled(book, head.number - chain.finalityBlocks) }
  }
  return { ...now, head }
}

function unmoved(book: Book): Omit<Followed, 'head'> {
  return { book, records: [], isNew: false, wentBackTo: undefined, events: 0 }
}

async function beginning({ chain, positions }: World): Promise<Omit<Followed, 'head'>> {
  const first = Math.max(0, positions.from - 1)
  const block = await chain.block(first)
  if (!block) throw new NoSuchBlockError(chain.name, first)
  const { number, hash } = block
  return { ...unmoved(emptyBook({ number, hash }, positions.given)), isNew: true }
}

/** The book at a block that the chain still has. A node that is only behind takes nothing back. */
async function rejoined(
  world: World,
  now: Omit<Followed, 'head'>,
  head: Block,
): Promise<Omit<Followed, 'head'>> {
  const { chain } = world
  const known = knownBlocks(now.book).filter(({ number }) => number <= head.number)
  for (const [at, { number, hash }] of known.entries()) {
    const there = number === head.number ? head : await chain.block(number)
    if (there?.hash !== hash) continue
    if (at === 0) return now
    const book = rollBack(now.book, number)
    if (!book) break
    return {
      ...now,
      book,
      records: [...now.records, { kind: 'back', number }],
      wentBackTo: Math.min(number, now.wentBackTo ?? number),
    }
  }
  // A head before all that it can go back to says nothing of what came after.
  return known.length === 0 ? now : await beginning(world)
}

/** The network file says that an exchange began at a block that its chain does not have yet. */
export class NoSuchBlockError extends Error {
  override readonly name = 'NoSuchBlockError'

  constructor(chain: string, number: number) {
    super(`${chain} has no block ${number}; set the engine's positionsFrom to one that it has`)
  }
}
