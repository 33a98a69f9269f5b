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

/** As much of an ERC-20 as fees and deposits need. */
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
      return {
        world: transferred(world, { from: caller, to: recipient, amount }),
        result: [1n],
        events: [transferEvent(caller, recipient, amount)],
      }
    },
  }),
  entryPoint({
    name: 'allowance',
    kind: 'view',
    inputs: { owner: address, spender: address },
    outputs: [wide],
    run: (world: World, _: TokenCall, { owner, spender }) => ({
      world,
      result: words(allowanceOf(world, owner, spender)),
      events: [],
    }),
  }),
  entryPoint({
    name: 'approve',
    kind: 'external',
    inputs: { spender: address, amount: u256 },
    outputs: ['core::bool'],
    run(world: World, { caller }: TokenCall, { spender, amount }) {
      assertFelt(spender !== 0n, 'ERC20: approve to 0')
      const approval = { keys: [selectorOf('Approval'), caller, spender], data: words(amount) }
      return {
        world: withAllowance(world, { owner: caller, spender, amount }),
        result: [1n],
        events: [approval],
      }
    },
  }),
  ...['transfer_from', 'transferFrom'].map((name) =>
    entryPoint({
      name,
      kind: 'external',
      inputs: { sender: address, recipient: address, amount: u256 },
      outputs: ['core::bool'],
      run: (world: World, { caller }: TokenCall, { sender, recipient, amount }) => ({
        world: transferredFrom(world, { spender: caller, from: sender, to: recipient, amount }),
        result: [1n],
        events: [transferEvent(sender, recipient, amount)],
      }),
    }),
  ),
]

type Transfer = { readonly from: bigint; readonly to: bigint; readonly amount: bigint }

/** Panics where there is not enough (OpenZeppelin's texts). */
export function transferred(world: World, { from, to, amount }: Transfer): World {
  assertFelt(to !== 0n, 'ERC20: transfer to 0')
  assertFelt(balanceOf(world, hex(from)) >= amount, 'ERC20: insufficient balance')
  return moved(world, { from: hex(from), to: hex(to), amount })
}

/** Panics where the owner has not allowed so much to the one who takes it. */
export function transferredFrom(
  world: World,
  { spender, ...transfer }: Transfer & { readonly spender: bigint },
): World {
  const owner = transfer.from
  const allowed = allowanceOf(world, owner, spender)
  assertFelt(allowed >= transfer.amount, 'ERC20: insufficient allowance')
  const left = { owner, spender, amount: allowed - transfer.amount }
  return transferred(withAllowance(world, left), transfer)
}

function allowanceOf({ allowances }: World, owner: bigint, spender: bigint): bigint {
  return allowances[hex(owner)]?.[hex(spender)] ?? 0n
}

function withAllowance(
  world: World,
  {
    owner,
    spender,
    amount,
  }: { readonly owner: bigint; readonly spender: bigint; readonly amount: bigint },
): World {
  const others = world.allowances[hex(owner)]
  const allowed = { ...others, [hex(spender)]: amount }
  return { ...world, allowances: { ...world.allowances, [hex(owner)]: allowed } }
}

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
