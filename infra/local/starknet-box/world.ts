import type { CoreState } from './core-state.ts'
import type { Hex } from './felt.ts'
import type { HostedContracts } from './hosted-contracts.ts'

/** Everything that contracts store, as plain data that is never changed in place. */
export type World = {
  readonly coreAddress: Hex
  readonly core: CoreState
  /** Account contracts by address. */
  readonly accounts: Readonly<Record<Hex, BoxAccount>>
  /** STRK by address, in fri (1e-18). */
  readonly balances: Readonly<Record<Hex, bigint>>
  /** What others may take of it: by owner, then by who may. */
  readonly allowances: Readonly<Record<Hex, Readonly<Record<Hex, bigint>>>>
  /** Contracts beside the core; absent where there are none. */
  readonly contracts?: HostedContracts
}

export type BoxAccount = { readonly publicKey: bigint; readonly nonce: bigint }

/** STRK, which fees are paid in, where every public Starknet has it (starknet-io/starknet-addresses). */
export const feeToken: Hex = '0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d'

/** Takes the fees. */
export const sequencer: Hex = '0x1000'

export function balanceOf(world: World, owner: Hex): bigint {
  return world.balances[owner] ?? 0n
}

/** Moves STRK; the caller has checked that there is enough. */
export function moved(
  world: World,
  { from, to, amount }: { readonly from: Hex; readonly to: Hex; readonly amount: bigint },
): World {
  const taken: World['balances'] = { ...world.balances, [from]: balanceOf(world, from) - amount }
  return { ...world, balances: { ...taken, [to]: (taken[to] ?? 0n) + amount } }
}
