import { computeHashOnElements, poseidonHashMany } from '@scure/starknet'
import * as z from 'zod/mini'

import type { StarknetFee } from '../../domain/fee.ts'
import { Felt } from '../starknet-felt.ts'
import { commonFields, commonOf, hashOfV3 } from './starknet-v3.ts'

/** How an account is brought into being. */
export type AccountDeployment = {
  readonly classHash: `0x${string}`
  /** The account's public key unless given. */
  readonly salt?: `0x${string}` | undefined
  /** What its constructor takes: the public key alone unless given. */
  readonly calldata?: readonly `0x${string}`[] | undefined
}

/** The same, with nothing left open. */
export type DeploymentParts = {
  readonly classHash: bigint
  readonly salt: bigint
  readonly calldata: readonly bigint[]
}

export function deploymentParts(
  { classHash, salt, calldata }: AccountDeployment,
  publicKey: `0x${string}`,
): DeploymentParts {
  return {
    classHash: BigInt(classHash),
    salt: BigInt(salt ?? publicKey),
    calldata: (calldata ?? [publicKey]).map(BigInt),
  }
}

/** The RPC's DEPLOY_ACCOUNT_TXN_V3, as far as its hash depends on it. */
export const DeployAccount = z.object({
  type: z.literal('DEPLOY_ACCOUNT'),
  class_hash: Felt,
  contract_address_salt: Felt,
  constructor_calldata: z.array(Felt),
  ...commonFields,
})
export type DeployAccount = z.infer<typeof DeployAccount>

/** At nonce 0: an account that is not there has used none. */
export function deployOf(
  { classHash, salt, calldata }: DeploymentParts,
  fee: StarknetFee,
): DeployAccount {
  return {
    type: 'DEPLOY_ACCOUNT',
    class_hash: classHash,
    contract_address_salt: salt,
    constructor_calldata: [...calldata],
    ...commonOf({ nonce: 0n, fee }),
  }
}

const prefix = 0x6465706c6f795f6163636f756e74n // 'deploy_account'

export function deployHash(deploy: DeployAccount, chainId: bigint): bigint {
  const { class_hash, contract_address_salt, constructor_calldata } = deploy
  return hashOfV3({
    prefix,
    sender: addressOfDeploy(deploy),
    common: deploy,
    chainId,
    own: [poseidonHashMany(constructor_calldata), class_hash, contract_address_salt],
  })
}

export function addressOfDeploy(deploy: DeployAccount): bigint {
  const { class_hash: classHash, contract_address_salt: salt } = deploy
  return contractAddress({ classHash, salt, calldata: deploy.constructor_calldata })
}

const addressPrefix = 0x535441524b4e45545f434f4e54524143545f41444452455353n // 'STARKNET_CONTRACT_ADDRESS'

/** Addresses are below this (docs.starknet.io, contract address). */
const addressBound = 2n ** 251n - 256n

/** Where an account that deploys itself comes to be: Pedersen's hash of what it is made of, with 0 for the deployer. */
export function contractAddress({ classHash, salt, calldata }: DeploymentParts): bigint {
  const own = [addressPrefix, 0n, salt, classHash, pedersenHash(calldata)]
  return pedersenHash(own) % addressBound
}

function pedersenHash(felts: readonly bigint[]): bigint {
  return BigInt(String(computeHashOnElements([...felts])))
}
