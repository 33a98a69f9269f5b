import { accountClassHash, isSignedBy } from './account-class.ts'
import type { Frame } from './failure.ts'
import type { Hex } from './felt.ts'
import { feltPanic, type PanicData } from './panic.ts'
import { selectorOf } from './selectors.ts'
import { senderOf, type Transaction } from './transaction.ts'
import type { World } from './world.ts'

/** What an account of OpenZeppelin says to a signature that is not its own. */
export const badSignature: PanicData = feltPanic('Account: invalid signature')

export function validationName({ type }: Transaction): '__validate__' | '__validate_deploy__' {
  return type === 'INVOKE' ? '__validate__' : '__validate_deploy__'
}

export function validationFrame(tx: Transaction): Frame {
  return {
    address: senderOf(tx),
    classHash: accountClassHash,
    selector: selectorOf(validationName(tx)),
  }
}

/** An account that is only being deployed has the key that its constructor takes. */
export function isValidated(tx: Transaction, hash: Hex, world: World): boolean {
  const publicKey =
    tx.type === 'INVOKE'
      ? world.accounts[tx.sender_address]?.publicKey
      : BigInt(tx.constructor_calldata[0] ?? 0)
  return publicKey !== undefined && isSignedBy(publicKey, BigInt(hash), tx.signature.map(BigInt))
}
