import { boolEnum, contractClass, spanStruct, struct } from './abi.ts'
import { felt252, span } from './cairo-codec.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'
import { feltPanic, Panic } from './panic.ts'
import { isStarkSignature } from './stark-signature.ts'
import type { BoxAccount } from './world.ts'

/** OpenZeppelin's account with a STARK key, the one that starknet-devnet deploys too. */
export const accountClassHash = '0x5b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564'

const felt = 'core::felt252'
const calls = 'core::array::Array::<core::starknet::account::Call>'

type AccountView = EntryPoint<BoxAccount, undefined, readonly bigint[]>

/** 'VALID', as SNIP-6 has it. */
const valid = 0x56414c4944n

/** What others may ask of an account. */
const accountViews: readonly AccountView[] = [
  entryPoint({
    name: 'is_valid_signature',
    kind: 'view',
    inputs: {
      hash: felt252,
      signature: { ...span(felt252), type: `core::array::Array::<${felt}>` },
    },
    outputs: [felt],
    run: (account: BoxAccount, _: undefined, { hash, signature }) => [
      isSignedBy(account.publicKey, hash, signature) ? valid : 0n,
    ],
  }),
  entryPoint({
    name: 'get_public_key',
    kind: 'view',
    inputs: {},
    outputs: [felt],
    run: ({ publicKey }: BoxAccount) => [publicKey],
  }),
]

export function isSignedBy(publicKey: bigint, hash: bigint, signature: readonly bigint[]): boolean {
  const [r, s] = signature
  if (signature.length !== 2 || r === undefined || s === undefined) return false
  return isStarkSignature({ hash, publicKey, r, s })
}

const someCalls = [{ name: 'calls', type: calls }]
const ofDeployment = ['class_hash', 'contract_address_salt', 'public_key'].map((name) => ({
  name,
  type: felt,
}))

/** Only the sequencer calls these; anybody else is refused. */
const forSequencer = [
  {
    name: '__execute__',
    inputs: someCalls,
    outputs: [`core::array::Array::<core::array::Span::<${felt}>>`],
  },
  { name: '__validate__', inputs: someCalls, outputs: [felt] },
  { name: '__validate_deploy__', inputs: ofDeployment, outputs: [felt] },
].map((one) => ({
  ...one,
  kind: 'external' as const,
  run(): never {
    throw new Panic(feltPanic('Account: invalid caller'))
  },
}))

export const accountEntryPoints: readonly AccountView[] = [...forSequencer, ...accountViews]

export const accountClass = contractClass(accountEntryPoints, [
  boolEnum,
  spanStruct(felt),
  struct('core::starknet::account::Call', {
    to: 'core::starknet::contract_address::ContractAddress',
    selector: felt,
    calldata: `core::array::Span::<${felt}>`,
  }),
  {
    type: 'constructor',
    name: 'constructor',
    inputs: [{ name: 'public_key', type: felt }],
  },
])
