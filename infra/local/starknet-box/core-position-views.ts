import { type Health, healthOf } from '../../../lib/domain/margin/account.ts'
import { holdingValue, riskFactor } from '../../../lib/domain/margin/starknet-margin.ts'
import { felt252, unsigned } from './cairo-codec.ts'
import { existingPosition, marginOf, markOf } from './core-rules-positions.ts'
import type { CoreCall, CorePosition, CoreState } from './core-state.ts'
import type { CoreView } from './core-views.ts'
import { entryPoint } from './entry-point.ts'
import { felt, type Hex, hex } from './felt.ts'

const bool = 'core::bool'

/** What the core says of accounts, and of what they asked for. */
export const positionViews: readonly CoreView[] = [
  ofPosition('get_position_assets', 'starknet_box::PositionData', positionWords),
  ofPosition('get_position_tv_tr', 'starknet_box::PositionTVTR', (core, position) => {
    const { value, requirement } = marginOf(core, position)
    return [felt(value), requirement]
  }),
  healthView('is_healthy', (health) => health === 'healthy'),
  healthView('is_liquidatable', (health) => health !== 'healthy'),
  healthView('is_deleveragable', (health) => health === 'bankrupt'),
  entryPoint({
    name: 'get_deposit_status',
    kind: 'view',
    inputs: { depositHash: felt252 },
    outputs: ['starknet_box::DepositStatus'],
    run(core: CoreState, _: CoreCall, { depositHash }) {
      const found = core.deposits[hex(depositHash)]
      if (found === undefined) return [0n]
      if (found.kind === 'PENDING') return [3n, found.since]
      return [found.kind === 'PROCESSED' ? 1n : 2n]
    },
  }),
  entryPoint({
    name: 'get_request_status',
    kind: 'view',
    inputs: { requestHash: felt252 },
    outputs: ['starknet_box::RequestStatus'],
    run(core: CoreState, _: CoreCall, { requestHash }) {
      const found = core.requests[hex(requestHash)]
      if (found === undefined) return [0n]
      return [found === 'PROCESSED' ? 1n : 2n]
    },
  }),
]

function ofPosition(
  name: string,
  output: string,
  read: (core: CoreState, position: CorePosition) => readonly bigint[],
): CoreView {
  return entryPoint({
    name,
    kind: 'view',
    inputs: { positionId: unsigned(32) },
    outputs: [output],
    run: (core: CoreState, _: CoreCall, { positionId }) =>
      read(core, existingPosition(core, positionId)),
  })
}

function healthView(name: string, isSo: (health: Health) => boolean): CoreView {
  return ofPosition(name, bool, (core, position) => [
    BigInt(isSo(healthOf(marginOf(core, position)))),
  ])
}

const kinds = { synthetic: 0n, spot: 1n, 'vault-share': 2n }

/** Of each holding id, balance, price, risk factor, funding index, and in generation D its type; then collateral with all funding. */
function positionWords(core: CoreState, position: CorePosition): readonly bigint[] {
  const { collateral } = marginOf(core, position)
  const holdings = position.holdings.map(({ asset, balance, fundingIndex }) => {
    const mark = markOf(core.assets[asset as Hex])
    if (mark === undefined) throw new RangeError(`${asset} is held and not registered`)
    const factor = riskFactor(holdingValue(balance, mark.price), mark)
    const words = [BigInt(asset), felt(balance), mark.price, factor, felt(fundingIndex)]
    return core.generation === 'D' ? [...words, kinds[mark.kind]] : words
  })
  return [BigInt(holdings.length), ...holdings.flat(), felt(collateral)]
}
