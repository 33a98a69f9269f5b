import type { Account, Holding } from '../../domain/margin/account.ts'
import {
  accountCount,
  accountIn,
  type AccountTable,
  type Book,
} from '../../domain/positions/book.ts'
import type { AccountRead, Reading } from '../../domain/positions/reading.ts'
import type { Followed } from './follow.ts'
import type { IndexView } from './index-positions.ts'

type FollowedView = Extract<IndexView, { readonly kind: 'followed' }>

/** Of a book what the contract was asked about: all accounts in every slot would be as much again as the files that hold them. */
type AskedBook = Pick<Book, 'block' | 'floor' | 'indexes' | 'doubts'> & {
  /** How many there are in all. */
  readonly accounts: number
  /** Of those that were asked about, each that is not in the book as the contract has it. */
  readonly otherwise: ReadonlyMap<string, Account | undefined>
}

type KeptIndex =
  | Extract<IndexView, { readonly kind: 'busy' }>
  | (Omit<FollowedView, 'followed'> & {
      readonly followed: Omit<Followed, 'book'> & { readonly book: AskedBook }
    })

/** All that `decideIndex` goes by. */
export function keptIndex(view: IndexView): KeptIndex {
  if (view.kind === 'busy') return view
  const { followed, asked } = view
  return { ...view, followed: { ...followed, book: askedBook(followed.book, asked.reading) } }
}

/** A view with a book that knows the accounts that were asked about, and how many others there are. */
export function restoredIndex(kept: unknown): IndexView {
  // Nobody but `keptIndex` wrote it.
  const view = kept as KeptIndex
  if (view.kind === 'busy') return view
  const { followed, asked } = view
  return { ...view, followed: { ...followed, book: bookOf(followed.book, asked.reading) } }
}

function askedBook(book: Book, { accounts }: Reading): AskedBook {
  const { block, floor, indexes, doubts } = book
  const otherwise = [...accounts].flatMap(([id, read]) => {
    const ours = accountIn(book, id)
    return isAlike(ours, accountOf(read)) ? [] : [[id, ours] as const]
  })
  return {
    block,
    floor,
    indexes,
    doubts,
    accounts: accountCount(book),
    otherwise: new Map(otherwise),
  }
}

function bookOf({ otherwise, accounts: size, ...rest }: AskedBook, { accounts }: Reading): Book {
  const known = new Map(
    [...accounts].flatMap(([id, read]) => {
      const account = otherwise.has(id) ? otherwise.get(id) : accountOf(read)
      return account ? [[id, account] as const] : []
    }),
  )
  const table: AccountTable = {
    size,
    get: (id) => known.get(id),
    ids: () => known.keys(),
    all: () => known.values(),
  }
  return { ...rest, table, changed: new Map(), journal: [] }
}

function accountOf(read: AccountRead): Account | undefined {
  return read.kind === 'account' ? read.account : undefined
}

function isAlike(one: Account | undefined, other: Account | undefined): boolean {
  if (!one || !other) return one === other
  const { holdings } = other
  return (
    one.id === other.id &&
    one.collateral === other.collateral &&
    one.holdings.length === holdings.length &&
    one.holdings.every((held, at) => isSameHolding(held, holdings[at]))
  )
}

function isSameHolding(one: Holding, other: Holding | undefined): boolean {
  return (
    one.asset === other?.asset &&
    one.balance === other.balance &&
    one.fundingIndex === other.fundingIndex &&
    one.cost === other.cost
  )
}
