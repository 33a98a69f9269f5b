import type { CoreLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import type { CoreMarks } from '../../../lib/domain/margin/starknet-margin.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { big } from '../margin/recorded-calls.ts'
import { assetsOf, judged, positionOf, type Vector } from '../margin/recorded.ts'

type Words = Readonly<Record<string, unknown>>

export type SpotWorld = {
  readonly look: CoreLiquidationLook
  readonly account: (id: unknown) => Account
}

/** The positions of a recorded call, by symbol, as our looks have them. */
export function spotWorld({ pre }: Vector, insuranceFund = 0n): SpotWorld {
  const all = Object.entries((pre?.['positions'] ?? {}) as Words).map(([id, state]) =>
    judged('D', id, positionOf('D', state)),
  )
  const marks: CoreMarks = Object.fromEntries(all.flatMap((one) => Object.entries(one.marks)))
  const look: CoreLiquidationLook = {
    kind: 'starknet-perpetual',
    generation: 'D',
    block: { number: 1, hash: '0x01', time: timestamp(Number(big(pre?.['now'])) * 1_000) },
    paused: false,
    from: timestamp(0),
    markets: {},
    dollar: 1_000_000n,
    insuranceFund,
    marks,
    blocked: undefined,
    liquidator: undefined,
  }
  return {
    look,
    account: (id) =>
      all.find(({ account }) => account.id === String(id))?.account ?? {
        id: String(id),
        collateral: 0n,
        holdings: [],
      },
  }
}

/** The symbol of an asset's id. */
export function symbolOf(id: unknown): string {
  const found = Object.entries(assetsOf('D')).find(([, one]) => BigInt(one.id) === big(id))
  return found?.[0] ?? ''
}
