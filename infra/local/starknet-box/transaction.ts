import { z } from 'zod'

import { DeployAccount, deployedAddress, deployHash } from './deploy-account.ts'
import type { Hex } from './felt.ts'
import { Invoke, invokeHash } from './invoke.ts'

/** What the node takes: calls by an account, or the account itself. */
export const Transaction = z.discriminatedUnion('type', [Invoke, DeployAccount])
export type Transaction = z.infer<typeof Transaction>

/** Whose nonce it uses, and who pays. */
export function senderOf(tx: Transaction): Hex {
  return tx.type === 'INVOKE' ? tx.sender_address : deployedAddress(tx)
}

export function transactionHash(tx: Transaction, chainId: Hex): Hex {
  return tx.type === 'INVOKE' ? invokeHash(tx, chainId) : deployHash(tx, chainId)
}
