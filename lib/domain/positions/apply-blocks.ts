import type { Account } from '../margin/account.ts'
import { accountAfter } from './account-after.ts'
import type { AccountEvent, BlockEvents, BlockId, PlacedEvent } from './account-event.ts'
import { accountIn, type Book, type Doubt, type Draft, draftOf, type Patch, step } from './book.ts'

/**
 * The book after some blocks, oldest first, and then up to `through`, which is the last of them or came after them without
 * an event. Blocks that the book has already change nothing. What is wrong with an event is a doubt about its account.
 */
export function applyBlocks(book: Book, blocks: readonly BlockEvents[], through: BlockId): Book {
  const draft = draftOf(book)
  for (const { block, events } of blocks)
    if (block.number > draft.block.number) step(draft, blockStep(draft, block, events))
  if (through.number > draft.block.number)
    step(draft, { kind: 'block', block: through, after: noPatch() })
  return draft
}

function noPatch(): Patch {
  return { accounts: new Map(), indexes: new Map(), doubts: new Map() }
}

/** What a block makes of the book, told as how things are after it. */
function blockStep(
  draft: Draft,
  block: BlockId,
  events: readonly PlacedEvent[],
): Parameters<typeof step>[1] {
  const after = {
    accounts: new Map<string, Account | undefined>(),
    indexes: new Map<string, bigint>(),
    doubts: new Map<string, Doubt | undefined>(),
  }
  const now: Now = {
    after,
    account: (id) => (after.accounts.has(id) ? after.accounts.get(id) : accountIn(draft, id)),
    index: (asset) => after.indexes.get(asset) ?? draft.indexes.get(asset) ?? 0n,
  }
  let last = -1
  for (const { place, event } of events) {
    const isLate = place < last
    last = Math.max(last, place)
    take(now, event, isLate ? outOfOrder(block, place) : undefined)
  }
  return { kind: 'block', block, after }
}

type Now = {
  readonly after: {
    readonly accounts: Map<string, Account | undefined>
    readonly indexes: Map<string, bigint>
    readonly doubts: Map<string, Doubt | undefined>
  }
  readonly account: (id: string) => Account | undefined
  readonly index: (asset: string) => bigint
}

function take(now: Now, event: AccountEvent, late: Doubt | undefined): void {
  const { after } = now
  switch (event.kind) {
    case 'funding':
      if (!late || !after.indexes.has(event.asset)) after.indexes.set(event.asset, event.index)
      // Whoever was touched before in this block may have paid up to another index.
      if (late) for (const id of after.accounts.keys()) after.doubts.set(id, late)
      return
    case 'unsaid':
    case 'unreadable':
      after.doubts.set(event.account, { why: event.kind, detail: event.what })
      return
    case 'opened':
    case 'collateral':
    case 'position':
    case 'whole':
    case 'cash':
    case 'exchanged': {
      const account = accountAfter(now.account(event.account), event, now.index)
      if (account) after.accounts.set(event.account, account)
      const doubt = account ? late : unknownAccount(event)
      if (doubt) after.doubts.set(event.account, doubt)
    }
  }
}

function outOfOrder({ number }: BlockId, place: number): Doubt {
  return {
    why: 'out-of-order',
    detail: `its event at place ${place} of block ${number} came after later ones`,
  }
}

function unknownAccount({ kind }: AccountEvent): Doubt {
  return { why: 'unknown-account', detail: `an event (${kind}) of an account that nothing opened` }
}
