import type { Account, Holding } from '../margin/account.ts'
import type { BlockId } from './account-event.ts'
import { accountIn, type Book, type Doubt, draftOf, isEmpty, step } from './book.ts'
import { withCosts } from './costs.ts'

/** What the contract's own views say at a block. */
export type Reading = {
  readonly block: BlockId
  readonly accounts: ReadonlyMap<string, AccountRead>
  /** By asset. */
  readonly indexes: ReadonlyMap<string, bigint>
}

export type AccountRead =
  | { readonly kind: 'account'; readonly account: Account }
  /** The contract knows no such account. */
  | { readonly kind: 'none' }
  /** It said something else than it says of accounts. */
  | { readonly kind: 'unreadable'; readonly detail: string }

/** Where the events and the contract disagree, or an event was not as it must be. */
export type Apart = {
  /** An account, or an asset whose funding index it is. */
  readonly of: string
  readonly why: 'apart' | 'unknown-account' | 'out-of-order' | 'unreadable'
  readonly detail: string
}

/** The book as the contract has it, and where it was not so. The reading must be of the book's own block. */
export function compare(
  book: Book,
  reading: Reading,
): { readonly book: Book; readonly apart: readonly Apart[] } {
  if (reading.block.hash !== book.block.hash)
    throw new RangeError(
      `the book is of block ${book.block.number}, what was read is of ${reading.block.number} or of another chain`,
    )
  const accounts = new Map<string, Account | undefined>()
  const doubts = new Map<string, Doubt | undefined>()
  const apart: Apart[] = []
  for (const [id, read] of reading.accounts) {
    const doubt = book.doubts.get(id)
    if (read.kind === 'unreadable') {
      doubts.set(id, { why: 'unreadable', detail: read.detail })
      apart.push({ of: id, why: 'unreadable', detail: read.detail })
      continue
    }
    const ours = accountIn(book, id)
    const theirs = read.kind === 'account' ? read.account : undefined
    const difference = differenceOf(ours, theirs)
    if (difference !== undefined) accounts.set(id, theirs && withCosts(theirs, ours))
    if (doubt) doubts.set(id, undefined)
    apart.push(...found(id, doubt, difference))
  }
  const indexes = new Map<string, bigint>()
  for (const [asset, theirs] of reading.indexes) {
    const ours = book.indexes.get(asset) ?? 0n
    if (ours === theirs) continue
    indexes.set(asset, theirs)
    const detail = `its funding index is ${theirs}, by events ${ours}`
    apart.push({ of: asset, why: 'apart', detail })
  }
  const after = { accounts, indexes, doubts }
  if (isEmpty(after)) return { book, apart }
  const draft = draftOf(book)
  step(draft, { kind: 'reading', block: book.block, after })
  return { book: draft, apart }
}

function found(
  of: string,
  doubt: Doubt | undefined,
  difference: string | undefined,
): readonly Apart[] {
  switch (doubt?.why) {
    case undefined:
      return difference === undefined ? [] : [{ of, why: 'apart', detail: difference }]
    case 'unsaid':
    case 'taken-back':
      return []
    case 'unknown-account':
    case 'out-of-order':
    case 'unreadable': {
      const detail = difference === undefined ? doubt.detail : `${doubt.detail}; ${difference}`
      return [{ of, why: doubt.why, detail }]
    }
  }
}

/** In words; undefined where both are the same. The order of holdings means nothing. */
function differenceOf(ours: Account | undefined, theirs: Account | undefined): string | undefined {
  if (!ours || !theirs)
    return ours === theirs
      ? undefined
      : `it is ${theirs ? 'there' : 'not there'}, by events it is ${ours ? 'there' : 'not there'}`
  if (ours.collateral !== theirs.collateral)
    return `its cash is ${theirs.collateral}, by events ${ours.collateral}`
  const assets = new Set([...ours.holdings, ...theirs.holdings].map(({ asset }) => asset))
  for (const asset of assets) {
    const its = words(heldBy(theirs, asset))
    // What a holding cost is asked only of those who keep it.
    const isKept = heldBy(theirs, asset)?.cost !== undefined
    const mine = words(heldBy(ours, asset), isKept)
    if (mine !== its) return `its ${asset} is ${its}, by events ${mine}`
  }
  return undefined
}

function heldBy({ holdings }: Account, asset: string): Holding | undefined {
  return holdings.find((one) => one.asset === asset)
}

function words(held: Holding | undefined, isCostTold = true): string {
  if (!held) return 'none'
  const cost = held.cost === undefined || !isCostTold ? '' : ` for ${held.cost}`
  return `${held.balance}${cost} paid up to ${held.fundingIndex}`
}
