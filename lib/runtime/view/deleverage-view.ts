import * as z from 'zod'

import { carried, type Intent } from '../../domain/intent.ts'
import { namesIn } from '../../domain/pnl/book-rows.ts'
import { workReach } from '../../domain/pnl/ledger-row.ts'
import { dollars } from '../../domain/pnl/row-usd.ts'
import type { WeekOfBooks } from '../../keepers/books/week-of-books.ts'
import type { Look } from './look.ts'
import { newestSlots, outcomeSchema, type SlotOutcome } from './newest-slots.ts'

/** What is done about accounts with less than nothing that the insurance fund cannot pay for. */
export type DeleverageView = {
  /** Undefined while there is none. */
  readonly newest: (SlotOutcome & { readonly bankrupt: number }) | undefined
  /** Newest first: on its way, or booked. */
  readonly parts: readonly DeleveragePartView[]
}

export type DeleveragePartView = {
  readonly key: string
  readonly at: number
  readonly account: string
  readonly counterparty: string
  readonly market: string
  readonly state: 'waiting' | 'sent' | 'included' | 'failed' | 'booked'
  readonly why: string
  /** What the counterparty lost against the mark, in USD; undefined where nobody tells that. */
  readonly loss: string | undefined
}

type Found = {
  readonly engine: string
  /** Newest first. */
  readonly intents: readonly Intent[]
  readonly week: WeekOfBooks
}

const viewSchema = z.object({ bankrupt: z.array(z.unknown()) })
const decidedSchema = z.object({ outcome: outcomeSchema })

const shownParts = 20

/** Of one exchange; without decimals, nothing of its money is known and nothing was done. */
export async function deleverageView(
  look: Look,
  { decimals, ...found }: Found & { readonly decimals: number | undefined },
): Promise<DeleverageView> {
  const [newest] = await newestSlots(look, {
    keeper: 'deleverage',
    subject: found.engine,
    limit: 1,
    view: viewSchema,
    decided: decidedSchema,
  })
  return {
    newest: newest && {
      at: newest.at,
      ...newest.decided.outcome,
      bankrupt: newest.view.bankrupt.length,
    },
    parts: decimals === undefined ? [] : deleverageParts({ ...found, decimals }),
  }
}

function deleverageParts({
  engine,
  intents,
  week: { cursor, rows },
  decimals,
}: Found & { readonly decimals: number }): readonly DeleveragePartView[] {
  const usd = (amount: bigint | undefined): string | undefined =>
    amount === undefined ? undefined : dollars(amount, decimals).toFixed(2)
  const booked = rows.flatMap(({ id, at, ...row }): readonly BookedPart[] => {
    if (row.kind !== 'deleveraged') return []
    const { account, counterparty, asset, market, loss, transaction } = row.event
    const part = { key: id, at, account, counterparty, market: market ?? asset, loss: usd(loss) }
    return [{ part: { ...part, state: 'booked', why: '' }, name: closed(row.event), transaction }]
  })
  const known = new Set(booked.map(({ name, transaction }) => `${transaction} ${name}`))
  const open = intents.flatMap((intent): readonly DeleveragePartView[] => {
    const action = carried(intent)
    const { state, id, createdAt } = intent
    if (action.kind !== 'deleverage' || action.engine !== engine) return []
    const names = namesIn(intent)
    const isBooked =
      state.kind === 'settled' && state.block.number <= (cursor ? workReach(cursor) : -1)
    return action.updates.flatMap((part) => {
      const { account, counterparty, market, loss } = part
      // What was booked tells it better.
      if (names.some((name) => known.has(`${name} ${closed(part)}`))) return []
      const key = `${id} ${closed(part)}`
      const standing = isBooked ? withoutEffect : stateOf(state)
      return [{ key, at: createdAt, account, counterparty, market, ...standing, loss: usd(loss) }]
    })
  })
  return [...open, ...booked.map(({ part }) => part)]
    .toSorted((one, other) => other.at - one.at)
    .slice(0, shownParts)
}

type BookedPart = {
  readonly part: DeleveragePartView
  readonly name: string
  readonly transaction: string
}

/** What is closed, and against whom. */
function closed({
  account,
  counterparty,
  asset,
}: {
  readonly account: string
  readonly counterparty: string
  readonly asset: string
}): string {
  return `${account} ${counterparty} ${asset}`
}

/** Its block is booked, and nothing of it is in the books. */
const withoutEffect = {
  state: 'failed',
  why: 'it is not in the books of its block or batch: the exchange refused it there, or has others in its place',
} as const

function stateOf(state: Intent['state']): Pick<DeleveragePartView, 'state' | 'why'> {
  switch (state.kind) {
    case 'waiting':
      return { state: 'waiting', why: '' }
    case 'claimed':
      return { state: 'sent', why: '' }
    case 'included':
      return state.reverted === undefined
        ? { state: 'included', why: '' }
        : { state: 'failed', why: state.reverted }
    case 'settled':
      return { state: 'included', why: '' }
    case 'failed':
      return { state: 'failed', why: state.reason }
  }
}
