import { privateKeyToAccount } from 'viem/accounts'

import type { EvmKey } from '../../ports.ts'
import { assertHash, secp256k1Order } from './evm-signature.ts'
import { type KeySecret, privateScalar } from './private-scalar.ts'

/** A secp256k1 key held in memory: for one laptop. Signatures are deterministic (RFC 6979). */
export function localEvmKey(secret: KeySecret): EvmKey {
  const scalar = privateScalar(secret, { curve: 'Ethereum', order: secp256k1Order })
  const account = privateKeyToAccount(`0x${scalar.toString(16).padStart(64, '0')}`)
  return {
    address: account.address,
    async sign(hash) {
      assertHash(hash)
      return account.sign({ hash })
    },
  }
}
