import { boolEnum, contractClass, eventStruct, struct } from './abi.ts'
import { address, u256 } from './cairo-codec.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'
import { hex } from './felt.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'
import { balanceOf, moved, type World } from './world.ts'

/** STRK's class on starknet-devnet. */
export const tokenClassHash = '0x2e77ee61d4df3d988ee1f42ea5442e913862cc82c2584d212ecda76666498fc'

type TokenEffect = {
  readonly world: World
  readonly result: readonly bigint[]
  readonly events: readonly { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }[]
}
type TokenCall = { readonly caller: bigint }

const wide = 'core::integer::u256'

/** As much of an ERC-20 as fees need. */
export const tokenEntryPoints: readonly EntryPoint<World, TokenCall, TokenEffect>[] = [
  ...['balance_of', 'balanceOf'].map((name) =>
    entryPoint({
      name,
      kind: 'view',
      inputs: { account: address },
      outputs: [wide],
      run: (world: World, _: TokenCall, { account }) => ({
        world,
        result: words(balanceOf(world, hex(account))),
        events: [],
      }),
    }),
  ),
  entryPoint({
    name: 'decimals',
    kind: 'view',
    inputs: {},
    outputs: ['core::integer::u8'],
    run: (world: World) => ({ world, result: [18n], events: [] }),
  }),
  entryPoint({
    name: 'transfer',
    kind: 'external',
    inputs: { recipient: address, amount: u256 },
    outputs: ['core::bool'],
    run(world: World, { caller }: TokenCall, { recipient, amount }) {
      assertFelt(recipient !== 0n, 'ERC20: transfer to 0')
      assertFelt(balanceOf(world, hex(caller)) >= amount, 'ERC20: insufficient balance')
      return {
        world: moved(world, { from: hex(caller), to: hex(recipient), amount }),
        result: [1n],
        events: [transferEvent(caller, recipient, amount)],
      }
    },
  }),
]

export function transferEvent(from: bigint, to: bigint, amount: bigint) {
  return { keys: [selectorOf('Transfer'), from, to], data: words(amount) }
}

function words(amount: bigint): readonly bigint[] {
  return [amount & ((1n << 128n) - 1n), amount >> 128n]
}

const account = 'core::starknet::contract_address::ContractAddress'

export const tokenClass = contractClass(tokenEntryPoints, [
  boolEnum,
  struct(wide, { low: 'core::integer::u128', high: 'core::integer::u128' }),
  eventStruct('starknet_box::Token::Transfer', {
    from: ['key', account],
    to: ['key', account],
    value: ['data', wide],
  }),
])
