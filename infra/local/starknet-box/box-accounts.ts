import { createHash } from 'node:crypto'

import { getStarkKey, grindKey } from '@scure/starknet'
import { hash } from 'starknet'

import type { DevnetAccount } from '../devnet.ts'
import { accountClassHash } from './account-class.ts'
import { hex } from './felt.ts'

/** The funded accounts of a box: the same for the same seed, so that a core can name them before the box runs. */
export function boxAccounts({
  seed = 0,
  accounts = 3,
}: {
  readonly seed?: number | undefined
  readonly accounts?: number | undefined
}): readonly DevnetAccount[] {
  return Array.from({ length: accounts }, (_, at) => accountOf(`starknet-box ${seed} ${at}`))
}

/** An address takes some 30 ms to compute, and a process that starts one box mostly starts others. */
const known = new Map<string, DevnetAccount>()

function accountOf(phrase: string): DevnetAccount {
  const account = known.get(phrase) ?? computed(phrase)
  known.set(phrase, account)
  return account
}

function computed(phrase: string): DevnetAccount {
  const privateKey = hex(BigInt(`0x${grindKey(createHash('sha256').update(phrase).digest('hex'))}`))
  const publicKey = hex(BigInt(getStarkKey(privateKey)))
  const address = hash.calculateContractAddressFromHash(publicKey, accountClassHash, [publicKey], 0)
  return { address: hex(BigInt(address)), privateKey, publicKey }
}
