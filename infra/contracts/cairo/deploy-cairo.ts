import { setTimeout as sleep } from 'node:timers/promises'

import { Account, RpcProvider } from 'starknet'

import { type CairoSource, readCairoClass } from './cairo-class.ts'

/** Deploys on one Starknet node, from one account, and tells what is deployed what it must know. */
export type CairoDeployer = {
  readonly account: `0x${string}`
  /** Its address, once it is in a block or in the one being built. */
  deploy(source: CairoSource, constructorCalldata: readonly bigint[]): Promise<`0x${string}`>
  /** All in one transaction. */
  tell(contract: `0x${string}`, calls: readonly CairoCall[]): Promise<void>
}

export type CairoCall = { readonly entrypoint: string; readonly calldata: readonly bigint[] }

export function cairoDeployer({
  rpcUrl,
  account,
}: {
  readonly rpcUrl: string
  readonly account: { readonly address: `0x${string}`; readonly privateKey: string }
}): CairoDeployer {
  // The block being built counts: a node that builds blocks only on request would otherwise never see the class.
  const provider = new RpcProvider({ nodeUrl: rpcUrl, blockIdentifier: 'pre_confirmed' })
  const sender = new Account({ provider, address: account.address, signer: account.privateKey })
  return {
    account: account.address,

    async deploy(source, constructorCalldata) {
      const classHash = await declared(provider, sender, source)
      // Not `deployContract`, which sleeps for five seconds before it asks for the first time.
      const { transaction_hash, contract_address } = await sender.deploy(
        { classHash, constructorCalldata: constructorCalldata.map(String) },
        { tip: 0 },
      )
      const [address] = contract_address
      if (address === undefined) throw new CairoDeploymentError('it got no address')
      await included(provider, transaction_hash)
      return `0x${BigInt(address).toString(16)}`
    },

    async tell(contract, calls) {
      const told = calls.map(({ entrypoint, calldata }) => ({
        contractAddress: contract,
        entrypoint,
        calldata: calldata.map(String),
      }))
      const { transaction_hash } = await sender.execute(told, { tip: 0 })
      await included(provider, transaction_hash)
    },
  }
}

/**
 * Nobody compiles Sierra to CASM on npm, but the node does: it refuses a wrong compiled class hash and names the right one.
 * Anything else that goes wrong is passed on.
 */
async function declared(
  provider: RpcProvider,
  sender: Account,
  source: CairoSource,
): Promise<string> {
  const { contract, classHash } = readCairoClass(source)
  if (await isDeclared(provider, classHash)) return classHash
  const declaration = { contract, classHash }
  const compiledClassHash = await sender
    .declare({ ...declaration, compiledClassHash: '0x1' }, { tip: 0 })
    .then(() => '0x1', expectedCompiledClassHash)
  if (compiledClassHash === '0x1') return classHash
  const { transaction_hash } = await sender.declare(
    { ...declaration, compiledClassHash },
    { tip: 0 },
  )
  await included(provider, transaction_hash)
  return classHash
}

async function isDeclared(provider: RpcProvider, classHash: string): Promise<boolean> {
  try {
    await provider.getClass(classHash, 'latest')
    return true
  } catch (error) {
    // 28: class hash not found.
    if (error instanceof Error && error.message.includes('28: ')) return false
    throw error
  }
}

function expectedCompiledClassHash(error: unknown): string {
  const found = /Mismatch compiled class hash[\s\S]*?Expected: (0x[0-9a-f]+)/i.exec(String(error))
  if (found?.[1] === undefined) throw error
  return found[1]
}

const pollMs = 50
/** A first declaration takes a local node up to 15 s. */
const deadlineMs = 120_000

async function included(provider: RpcProvider, hash: string): Promise<void> {
  for (let waited = 0; waited < deadlineMs; waited += pollMs) {
    const receipt = await receiptOf(provider, hash)
    if (receipt?.isReverted() === true)
      throw new CairoDeploymentError(receipt.value.revert_reason ?? '')
    if (receipt?.isSuccess() === true && receipt.value.block_number !== undefined) return
    await sleep(pollMs)
  }
  throw new CairoDeploymentError(`transaction ${hash} is not included after ${deadlineMs / 1000} s`)
}

async function receiptOf(provider: RpcProvider, hash: string) {
  try {
    return await provider.getTransactionReceipt(hash)
  } catch (error) {
    // 29: transaction hash not found, which is to say not yet.
    if (error instanceof Error && error.message.includes('29: ')) return undefined
    throw error
  }
}

/** A contract could not be deployed, or not be told what it must know. */
export class CairoDeploymentError extends Error {
  override readonly name = 'CairoDeploymentError'

  constructor(reason: string) {
    super(`the contract was not deployed: ${reason}`)
  }
}
