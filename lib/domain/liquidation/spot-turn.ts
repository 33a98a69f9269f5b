import type { Account } from '../margin/account.ts'
import type { CoreOffer } from './core-offer.ts'
import { type Fallen, leastReward, type Turn } from './in-turn.ts'
import type { CoreLiquidationLook } from './liquidation-look.ts'
import type { LiquidationPolicy } from './liquidation-policy.ts'
import { spotPart, type SpotView } from './plan-spot-liquidations.ts'

type State = {
  readonly liquidators: ReadonlyMap<string, Account>
  readonly insuranceFund: bigint
  readonly offers: readonly CoreOffer[]
}

/** What is to be done with an account of which no synthetic can be sold; `why` says why not, where it has no spot holdings either. */
export function spotTurn(
  fallen: Fallen,
  view: {
    readonly look: CoreLiquidationLook
    readonly policy: LiquidationPolicy
    readonly terms: SpotView['terms']
    readonly state: State
    readonly why: string
  },
): Turn<State> {
  const { look, policy, terms, state } = view
  const isBankrupt = fallen.margin.value < 0n
  const { offers, insuranceFund, liquidators } = state
  const sold = spotPart({ ...fallen, look, terms, offers, insuranceFund, parties: liquidators })
  if (typeof sold === 'string') {
    const why = sold === 'no-spot' ? view.why : sold
    return { kind: 'left', why, isUncovered: isBankrupt }
  }
  const { asset, size, quote, fee, reward, cover, offer, parties } = sold
  if (!isBankrupt && reward < leastReward(policy, look.dollar))
    return { kind: 'left', why: 'reward', isUncovered: false }
  return {
    kind: 'part',
    part: {
      asset,
      size,
      base: -size,
      cash: quote + reward,
      penalty: fee + reward,
      reward,
      cover,
      order: offer.order,
    },
    state: {
      liquidators: new Map([
        ...liquidators,
        ...parties.map((one): readonly [string, Account] => [one.id, one]),
      ]),
      insuranceFund: insuranceFund + fee - cover,
      offers: offers.map((one) =>
        one.order === offer.order ? { ...one, filled: one.filled + size } : one,
      ),
    },
  }
}
