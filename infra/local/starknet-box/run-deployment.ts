import { accountClassHash } from './account-class.ts'
import { felt252, readArguments } from './cairo-codec.ts'
import { classHashAt, emitted, type EmittedEvent } from './call-contract.ts'
import { hostedClasses } from './call-hosted.ts'
import { coreClassHashes } from './core-class.ts'
import { type DeployAccount, deployedAddress } from './deploy-account.ts'
import type { Frame } from './failure.ts'
import type { Gas } from './gas.ts'
import { feltPanic, Panic, type PanicData } from './panic.ts'
import { selectorOf } from './selectors.ts'
import { tokenClassHash } from './token-class.ts'
import type { World } from './world.ts'

/** Why an account cannot come into being so. */
export type DeploymentTrouble =
  /** Nobody has declared the class. */
  | { readonly kind: 'undeclared' }
  /** Something is deployed there already. */
  | { readonly kind: 'taken' }
  /** Its constructor panics. */
  | { readonly kind: 'panic'; readonly frame: Frame; readonly panic: PanicData }

/** Real transactions on starknet-devnet (block version 0.14.4), of the account class that both have. */
export const deploymentGas: Gas = { l2Gas: 2_281_840n, l1DataGas: 352n }

/** The classes that are declared here and that no account has. */
const otherClasses: readonly string[] = [
  ...Object.values(coreClassHashes),
  tokenClassHash,
  ...Object.keys(hostedClasses),
]

export function deploymentTrouble(world: World, tx: DeployAccount): DeploymentTrouble | undefined {
  const { class_hash: classHash } = tx
  const address = deployedAddress(tx)
  if (classHashAt(world, address) !== undefined) return { kind: 'taken' }
  if (classHash !== accountClassHash && !otherClasses.includes(classHash))
    return { kind: 'undeclared' }
  try {
    // The constructors of the others want more than a key.
    if (classHash !== accountClassHash) throw new Panic(feltPanic('Failed to deserialize param #1'))
    publicKeyIn(tx)
    return undefined
  } catch (error) {
    if (!(error instanceof Panic)) throw error
    const frame = { address, classHash, selector: selectorOf('constructor') }
    return { kind: 'panic', frame, panic: error.data }
  }
}

/** The world with the account in it, its nonce 0 used. The caller has seen that nothing is in the way. */
export function withAccount(
  world: World,
  tx: DeployAccount,
): { readonly world: World; readonly events: readonly EmittedEvent[] } {
  const address = deployedAddress(tx)
  const publicKey = publicKeyIn(tx)
  const accounts = { ...world.accounts, [address]: { publicKey, nonce: 1n } }
  const added = { keys: [selectorOf('OwnerAdded'), publicKey], data: [] }
  return { world: { ...world, accounts }, events: emitted(address, [added]) }
}

function publicKeyIn({ constructor_calldata: calldata }: DeployAccount): bigint {
  return readArguments({ publicKey: felt252 }, calldata.map(BigInt)).publicKey
}
