import type { Action } from '../../domain/action.ts'
import type {
  NotedPrice,
  NotedPush,
  NotedValue,
  ShadowNote,
} from '../../domain/parameters/shadow-note.ts'
import type { FeedResult } from '../../domain/price-round.ts'
import type { PushVerdict } from '../../domain/push-policy.ts'
import { decisionText } from '../decision-text.ts'
import type { Decision } from '../keeper.ts'

type Noted = Pick<ShadowNote, 'isSame' | 'outcomes' | 'prices' | 'pushes' | 'accounts'>

/** How two decisions on one view differ. */
export function noteOf(
  own: Decision,
  shadow: Decision,
  isSame: boolean = decisionText(own) === decisionText(shadow),
): Noted {
  const [feeds, others] = [feedsIn(own), feedsIn(shadow)]
  const [verdicts, otherVerdicts] = [pushesIn(own), pushesIn(shadow)]
  const [accounts, otherAccounts] = [accountsIn(own), accountsIn(shadow)]
  return {
    isSame,
    ...(!isSame && { outcomes: { own: outcomeIn(own), shadow: outcomeIn(shadow) } }),
    ...(feeds && others && { prices: pricesOf(feeds, others) }),
    ...((verdicts ?? otherVerdicts) && {
      pushes: { own: verdicts ?? [], shadow: otherVerdicts ?? [] },
    }),
    ...((accounts ?? otherAccounts) && {
      accounts: { own: accounts ?? [], shadow: otherAccounts ?? [] },
    }),
  }
}

function outcomeIn({ outcome: { kind, reason } }: Decision) {
  return { kind, reason }
}

function pricesOf(
  own: readonly FeedResult[],
  shadow: readonly FeedResult[],
): NonNullable<ShadowNote['prices']> {
  const others = new Map(shadow.filter(isMarket).map((one) => [one.feed, one]))
  const markets = own.filter(isMarket)
  const apart = markets.flatMap((one): readonly NotedPrice[] => {
    const other = others.get(one.feed)
    // What was decided once for both.
    if (other === one) return []
    const [its, shadows] = [valueOf(one), other ? valueOf(other) : notListed]
    return isAlike(its, shadows) ? [] : [{ feed: one.feed, own: its, shadow: shadows }]
  })
  const without = {
    own: markets.filter(hasNoPrice).length,
    shadow: markets.filter(({ feed }) => hasNoPrice(others.get(feed))).length,
  }
  return { same: markets.length - apart.length, apart, without }
}

const notListed: NotedValue = { kind: 'none', reason: 'not-listed' }

function hasNoPrice(result: FeedResult | undefined): boolean {
  return result?.outcome.kind !== 'price'
}

function isMarket({ role }: FeedResult): boolean {
  return role === 'market'
}

function valueOf({ outcome }: FeedResult): NotedValue {
  if (outcome.kind === 'price') return { kind: 'price', price: outcome.price.toFixed() }
  return { kind: 'none', reason: outcome.reason }
}

function isAlike(one: NotedValue, other: NotedValue): boolean {
  if (one.kind === 'price') return other.kind === 'price' && one.price === other.price
  return other.kind === 'none' && one.reason === other.reason
}

/** What publish-prices records of its round. */
export function feedsIn({ recorded }: Decision): readonly FeedResult[] | undefined {
  return member(recorded, 'feeds') as readonly FeedResult[] | undefined
}

/** What push-prices records of its candidates. */
function pushesIn({ recorded }: Decision): readonly NotedPush[] | undefined {
  const verdicts = member(recorded, 'verdicts') as readonly PushVerdict[] | undefined
  return verdicts?.flatMap(({ market, kind, why }) => (kind === 'due' ? [{ market, why }] : []))
}

function accountsIn({ actions }: Decision): readonly string[] | undefined {
  const found = actions.filter(isOnAccounts)
  return found.length === 0
    ? undefined
    : found.flatMap(({ updates }) => updates.map(({ account }) => account))
}

function isOnAccounts(
  action: Action,
): action is Extract<Action, { kind: 'liquidate' | 'deleverage' }> {
  return action.kind === 'liquidate' || action.kind === 'deleverage'
}

function member(recorded: unknown, key: string): unknown {
  if (typeof recorded !== 'object' || recorded === null || !Object.hasOwn(recorded, key))
    return undefined
  return (recorded as Readonly<Record<string, unknown>>)[key]
}
