import { z } from 'zod'

import type { ContractClass } from './abi.ts'
import { accountClass, accountClassHash } from './account-class.ts'
import { callContract, classHashAt } from './call-contract.ts'
import { hostedClasses } from './call-hosted.ts'
import { coreClasses, coreClassHashes } from './core-class.ts'
import { coreStorageAt } from './core-storage.ts'
import { revertError } from './failure.ts'
import { type Hex, hex } from './felt.ts'
import { blockAt, worldAt } from './node-view.ts'
import { rpcError } from './rpc-error.ts'
import { BlockIdParam, rpcMethod, type RpcMethod } from './rpc-method.ts'
import { tokenClass, tokenClassHash } from './token-class.ts'
import { FeltHex } from './transaction-fields.ts'
import type { World } from './world.ts'

const Call = z.object({
  contract_address: FeltHex,
  entry_point_selector: FeltHex,
  calldata: z.array(FeltHex),
})

const classes: Readonly<Record<Hex, ContractClass>> = {
  [coreClassHashes.C]: coreClasses.C,
  [coreClassHashes.D]: coreClasses.D,
  [accountClassHash]: accountClass,
  [tokenClassHash]: tokenClass,
  ...hostedClasses,
}

/** What is asked of the node itself, of contracts and of their classes. */
export const stateMethods: Readonly<Record<string, RpcMethod>> = {
  starknet_specVersion: rpcMethod({}, () => '0.10.2'),
  starknet_chainId: rpcMethod({}, (_, { view }) => view.chainId),
  starknet_syncing: rpcMethod({}, () => false),

  starknet_getNonce: rpcMethod(
    { block_id: BlockIdParam, contract_address: FeltHex },
    ({ block_id, contract_address }, { view, faults }) => {
      const world = worldAt(view, block_id)
      deployedClass(world, contract_address)
      const nonce = world.accounts[contract_address]?.nonce ?? 0n
      const wrong = nonce + BigInt(faults.active('wrong-nonce')?.by ?? 0)
      return hex(wrong < 0n ? 0n : wrong)
    },
  ),

  starknet_call: rpcMethod(
    { request: Call, block_id: BlockIdParam },
    ({ request, block_id }, { view }) => {
      const world = worldAt(view, block_id)
      const { contract_address: to, entry_point_selector } = request
      const classHash = deployedClass(world, to)
      const selector = BigInt(entry_point_selector)
      const call = { to, selector, calldata: request.calldata.map(BigInt) }
      const now = BigInt(blockAt(view, block_id).timestamp)
      const outcome = callContract(world, call, { caller: 0n, now })
      switch (outcome.kind) {
        case 'ok':
          return outcome.result.map(hex)
        case 'panic':
          throw rpcError('contractError', {
            revert_error: revertError({ address: to, classHash, selector }, outcome.panic),
          })
        case 'no-entry-point':
          throw rpcError('entryPointNotFound')
        case 'not-deployed':
          throw rpcError('contractNotFound')
      }
    },
  ),

  starknet_getStorageAt: rpcMethod(
    { contract_address: FeltHex, key: FeltHex, block_id: BlockIdParam },
    ({ contract_address, key, block_id }, { view }) => {
      const world = worldAt(view, block_id)
      deployedClass(world, contract_address)
      const isCore = contract_address === world.coreAddress
      return hex(isCore ? coreStorageAt(world.core, BigInt(key)) : 0n)
    },
  ),

  starknet_getClassHashAt: rpcMethod(
    { block_id: BlockIdParam, contract_address: FeltHex },
    ({ block_id, contract_address }, { view }) =>
      deployedClass(worldAt(view, block_id), contract_address),
  ),

  starknet_getClassAt: rpcMethod(
    { block_id: BlockIdParam, contract_address: FeltHex },
    ({ block_id, contract_address }, { view }) =>
      classOf(deployedClass(worldAt(view, block_id), contract_address)),
  ),

  starknet_getClass: rpcMethod(
    { block_id: BlockIdParam, class_hash: FeltHex },
    ({ block_id, class_hash }, { view }) => {
      blockAt(view, block_id)
      return classOf(class_hash)
    },
  ),
}

function deployedClass(world: World, address: Hex): Hex {
  const found = classHashAt(world, address)
  if (found === undefined) throw rpcError('contractNotFound')
  return found
}

function classOf(hash: Hex): ContractClass {
  const found = classes[hash]
  if (found === undefined) throw rpcError('classNotFound')
  return found
}
