import { keccak256, stringToHex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** Somebody with a key, always the same for a name. */
export function actor(name: string): PrivateKeyAccount {
  return privateKeyToAccount(keccak256(stringToHex(name)))
}

/** As the contract wants them: by ascending address. */
export const signers = ['s1', 's2', 's3', 's4', 's5']
  .map(actor)
  .toSorted((a, b) =>
    a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1,
  ) as unknown as Five

export const alice = actor('alice')
export const bob = actor('bob')
export const carol = actor('carol')
export const dave = actor('dave')
export const keeper = actor('keeper')
export const guardian = actor('guardian')
export const operator = actor('operator')
export const stranger = actor('stranger')

type Five = readonly [A, A, A, A, A]
type A = PrivateKeyAccount
