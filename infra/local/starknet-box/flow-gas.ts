import type { ContractCall } from './call-contract.ts'
import type { CoreState } from './core-state.ts'
import { selectorOf } from './selectors.ts'

/** Of a call between positions: what it takes anyway, and for each of their holdings. */
type FlowGas = {
  readonly call: bigint
  readonly holding: bigint
  /** Those whose margins are looked at. */
  readonly positions: (calldata: readonly bigint[]) => readonly (bigint | undefined)[]
}

/** What the liquidator holds is not looked through, where it holds little. */
const liquidated: FlowGas['positions'] = (calldata) => [calldata[2 + Number(calldata[1] ?? 0n)]]
const both: FlowGas['positions'] = ([, one, other]) => [one, other]
const none: FlowGas['positions'] = () => []
/** Behind two signatures of two words each, orders of nine. */
const traders: FlowGas['positions'] = (calldata) => [calldata[7], calldata[16]]
/** The same behind the list's length; further trades are of further calls' size. */
const firstTraders: FlowGas['positions'] = (calldata) => [calldata[8], calldata[17]]

// Fitted to real transactions on starknet-devnet (block version 0.14.4). A trade of generation C was not measured: it is taken
// as one of D's with C's cheaper holdings.
const flows: Readonly<Record<CoreState['generation'], ReadonlyMap<bigint, FlowGas>>> = {
  C: bySelector({
    liquidate: { call: 5_300_000n, holding: 350_000n, positions: liquidated },
    deleverage: { call: 3_700_000n, holding: 350_000n, positions: both },
    reduce_asset_position: { call: 3_700_000n, holding: 0n, positions: none },
    trade: { call: 6_700_000n, holding: 350_000n, positions: traders },
    process_deposit: { call: 2_900_000n, holding: 0n, positions: none },
  }),
  D: bySelector({
    liquidate: { call: 5_600_000n, holding: 380_000n, positions: liquidated },
    deleverage: { call: 3_930_000n, holding: 380_000n, positions: both },
    reduce_asset_position: { call: 3_930_000n, holding: 0n, positions: none },
    multi_trade: { call: 7_100_000n, holding: 380_000n, positions: firstTraders },
    process_deposit: { call: 3_020_000n, holding: 0n, positions: none },
    update_exchange_time: { call: 645_000n, holding: 0n, positions: none },
    apply_interests: { call: 705_000n, holding: 0n, positions: none },
  }),
}

function bySelector(named: Readonly<Record<string, FlowGas>>): ReadonlyMap<bigint, FlowGas> {
  return new Map(Object.entries(named).map(([name, gas]) => [selectorOf(name), gas]))
}

/** L2 gas of a call between positions; undefined of others. */
export function flowGas(
  { generation, positions }: CoreState,
  { selector, calldata }: ContractCall,
): bigint | undefined {
  const gas = flows[generation].get(selector)
  if (gas === undefined) return undefined
  const holdings = gas
    .positions(calldata)
    .reduce((sum, id) => sum + (positions[`${id}`]?.holdings.length ?? 0), 0)
  return gas.call + gas.holding * BigInt(holdings)
}
