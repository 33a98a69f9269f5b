import { hash as starknetHash } from 'starknet'
import { z } from 'zod'

import { type Hex, hex } from './felt.ts'
import { FeltHex, hashedFields, transactionFields } from './transaction-fields.ts'

/** The RPC's DEPLOY_ACCOUNT_TXN_V3. */
export const DeployAccount = z.object({
  type: z.literal('DEPLOY_ACCOUNT'),
  class_hash: FeltHex,
  contract_address_salt: FeltHex,
  constructor_calldata: z.array(FeltHex),
  ...transactionFields,
})
export type DeployAccount = z.infer<typeof DeployAccount>

export function deployHash(tx: DeployAccount, chainId: Hex): Hex {
  const computed = starknetHash.calculateDeployAccountTransactionHash({
    contractAddress: deployedAddress(tx),
    classHash: tx.class_hash,
    salt: tx.contract_address_salt,
    compiledConstructorCalldata: tx.constructor_calldata,
    chainId: chainId as never,
    ...hashedFields(tx),
  })
  return hex(BigInt(computed))
}

const addresses = new WeakMap<DeployAccount, Hex>()

/** Pedersen is slow, and a pool asks each of its transactions for its account again and again. */
export function deployedAddress(tx: DeployAccount): Hex {
  const known = addresses.get(tx)
  if (known !== undefined) return known
  const { class_hash, contract_address_salt: salt, constructor_calldata } = tx
  const computed = starknetHash.calculateContractAddressFromHash(
    salt,
    class_hash,
    constructor_calldata,
    0,
  )
  const address = hex(BigInt(computed))
  addresses.set(tx, address)
  return address
}
