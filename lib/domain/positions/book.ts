import type { Account } from '../margin/account.ts'
import type { BlockId } from './account-event.ts'

/** All accounts of one exchange as of one block, and how to go back from there. Never changed: what follows is another book. */
export type Book = {
  readonly block: BlockId
  /** The oldest block that it can go back to. */
  readonly floor: BlockId
  /** Most accounts. Those in `changed` are as it says, and where it says undefined, there are none. */
  readonly table: AccountTable
  readonly changed: ReadonlyMap<string, Account | undefined>
  /** By asset: the funding index that everybody pays up to. An asset without one is at zero. */
  readonly indexes: ReadonlyMap<string, bigint>
  /** Accounts that events alone do not tell, until the contract is asked. */
  readonly doubts: ReadonlyMap<string, Doubt>
  /** What was done since `floor`, oldest first. */
  readonly journal: readonly Step[]
}

/** Many accounts that somebody else keeps, however that is done. */
export type AccountTable = {
  readonly size: number
  get(id: string): Account | undefined
  /** Each once. */
  ids(): Iterable<string>
  all(): Iterable<Account>
}

/**
 * Why an account is asked about. `unsaid`: the exchange's events do not tell everything, which is nobody's fault;
 * `taken-back`: the contract was asked at a block that is gone. All others are faults.
 */
export type Doubt = {
  readonly why: 'unsaid' | 'taken-back' | 'unknown-account' | 'out-of-order' | 'unreadable'
  readonly detail: string
}

/** How some things are now; undefined where there is no such thing. */
export type Patch = {
  readonly accounts: ReadonlyMap<string, Account | undefined>
  readonly indexes: ReadonlyMap<string, bigint | undefined>
  readonly doubts: ReadonlyMap<string, Doubt | undefined>
}

/** What a block did, or what the contract said at it, and how it was before. */
export type Step = {
  readonly kind: 'block' | 'reading'
  readonly block: BlockId
  readonly after: Patch
  readonly before: Patch
}

const noAccounts: AccountTable = { size: 0, get: () => undefined, ids: () => [], all: () => [] }

/** Nothing happened yet but that `given` accounts are there. */
export function emptyBook(block: BlockId, given: readonly string[]): Book {
  return {
    block,
    floor: block,
    table: noAccounts,
    changed: new Map(given.map((id) => [id, newAccount(id)])),
    indexes: new Map(),
    doubts: new Map(),
    journal: [],
  }
}

export function newAccount(id: string): Account {
  return { id, collateral: 0n, holdings: [] }
}

type Accounts = Pick<Book, 'table' | 'changed'>

export function accountIn({ table, changed }: Accounts, id: string): Account | undefined {
  return changed.has(id) ? changed.get(id) : table.get(id)
}

/** Each once. */
export function* accountsOf({ table, changed }: Accounts): Generator<Account> {
  for (const account of table.all()) if (!changed.has(account.id)) yield account
  for (const account of changed.values()) if (account) yield account
}

export function* idsOf({ table, changed }: Accounts): Generator<string> {
  for (const id of table.ids()) if (!changed.has(id)) yield id
  for (const [id, account] of changed) if (account) yield id
}

/** How many accounts there are. */
export function accountCount({ table, changed }: Accounts): number {
  let count = table.size
  for (const [id, account] of changed) {
    const was = table.get(id) !== undefined
    if (was && !account) count -= 1
    if (!was && account) count += 1
  }
  return count
}

export function isEmpty({ accounts, indexes, doubts }: Patch): boolean {
  return accounts.size + indexes.size + doubts.size === 0
}

/** A book that is being made: its own copies, which nobody else sees. */
export type Draft = {
  block: BlockId
  readonly floor: BlockId
  readonly table: AccountTable
  readonly changed: Map<string, Account | undefined>
  readonly indexes: Map<string, bigint>
  readonly doubts: Map<string, Doubt>
  readonly journal: Step[]
}

export function draftOf(book: Book): Draft {
  return {
    ...book,
    changed: new Map(book.changed),
    indexes: new Map(book.indexes),
    doubts: new Map(book.doubts),
    journal: [...book.journal],
  }
}

/** Takes a step, and keeps how to take it back. */
export function step(draft: Draft, { kind, block, after }: Omit<Step, 'before'>): void {
  draft.journal.push({ kind, block, after, before: valuesNow(draft, after) })
  put(draft, after)
  draft.block = block
}

export function put({ changed, indexes, doubts }: Draft, patch: Patch): void {
  for (const [id, account] of patch.accounts) changed.set(id, account)
  for (const [asset, index] of patch.indexes) setOrDelete(indexes, asset, index)
  for (const [id, doubt] of patch.doubts) setOrDelete(doubts, id, doubt)
}

function valuesNow(draft: Draft, patch: Patch): Patch {
  return {
    accounts: mapped(patch.accounts, (id) => accountIn(draft, id)),
    indexes: mapped(patch.indexes, (asset) => draft.indexes.get(asset)),
    doubts: mapped(patch.doubts, (id) => draft.doubts.get(id)),
  }
}

function mapped<V>(
  patch: ReadonlyMap<string, V>,
  value: (key: string) => V,
): ReadonlyMap<string, V> {
  return new Map([...patch.keys()].map((key) => [key, value(key)]))
}

function setOrDelete<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
