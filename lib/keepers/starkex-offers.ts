import { carried, type Intent } from '../domain/intent.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { starkexEffects, withEffects } from '../domain/liquidation/starkex-effects.ts'
import { type StarkexOffer, starkexWishes } from '../domain/liquidation/starkex-offer.ts'
import type { Account } from '../domain/margin/account.ts'
import { accountIn, type Book } from '../domain/positions/book.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import type { EngineLiquidation, Store } from '../ports.ts'
import { messageOf } from './message-of.ts'

/** What liquidators would take over on StarkEx, and their accounts as the index has them. */
export type StarkexOffers = {
  readonly offers: readonly StarkexOffer[]
  readonly liquidators: readonly Account[]
  /** Sources that could not be asked, and why. */
  readonly silent: readonly string[]
}

export const noStarkexOffers: StarkexOffers = { offers: [], liquidators: [], silent: [] }

/** Signed orders for all that these accounts hold, on a StarkEx exchange. */
export async function starkexOffersFor(
  { starkexOrders = [] }: EngineLiquidation,
  {
    accounts,
    look,
    accountOf,
    slot,
  }: {
    readonly accounts: readonly Account[]
    readonly look: LiquidationLook
    readonly accountOf: AccountOf | undefined
    readonly slot: number
  },
): Promise<StarkexOffers> {
  if (look.kind !== 'starkex' || !accountOf || accounts.length === 0) return noStarkexOffers
  const wishes = starkexWishes(accounts, look)
  const asked = await Promise.allSettled(
    starkexOrders.map(async (source) => source.offers(wishes, slot)),
  )
  const offers = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const positions = [...new Set(offers.map(({ order }) => String(order.position)))]
  return {
    offers,
    liquidators: positions.flatMap(accountOf),
    silent: asked.flatMap((one, at) =>
      one.status === 'rejected'
        ? [`${starkexOrders[at]?.name ?? ''}: ${messageOf(one.reason)}`]
        : [],
    ),
  }
}

export type AccountOf = (id: string) => readonly Account[]

/**
 * Accounts of a StarkEx exchange as its batches have them, with what our work has changed since, or is about to: nobody can be
 * asked about them. Undefined on other exchanges.
 */
export async function starkexAccounts(
  { intents }: Pick<Store, 'intents'>,
  lane: string,
  {
    engine,
    look,
    book,
  }: {
    readonly engine: string
    readonly look: LiquidationLook
    readonly book: Book | undefined
  },
): Promise<AccountOf | undefined> {
  if (look.kind !== 'starkex' || !book) return undefined
  const since = timestamp(look.accountsAt - batchSlackMs)
  const recent = await recentSince(intents, lane, since)
  const ours = recent.filter(({ action, state }) => {
    if (action.engine !== engine || state.kind === 'failed') return false
    return state.kind === 'waiting' || state.kind === 'claimed' || state.seenAt >= since
  })
  // The newest come first.
  const effects = starkexEffects(ours.toReversed().map(carried))
  return (id) => {
    const account = accountIn(book, id)
    return account ? [withEffects(account, effects, look)] : []
  }
}

/** A batch may have been begun some time before it says that it was made. */
const batchSlackMs = 60_000

/** In a crash there is more work between two batches than between two looks. */
const lookBack = [100, 1_000] as const

async function recentSince(
  intents: Pick<Store['intents'], 'recent'>,
  lane: string,
  since: Timestamp,
): Promise<readonly Intent[]> {
  let found: readonly Intent[] = []
  for (const limit of lookBack) {
    found = await intents.recent(lane, limit)
    const oldest = found.at(-1)
    if (found.length < limit || !oldest || oldest.createdAt < since) break
  }
  return found
}
