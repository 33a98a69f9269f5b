import { setTimeout as sleep } from 'node:timers/promises'

import { Account, type Call, RpcProvider } from 'starknet'

import { readCompiledCore } from './compiled-core.ts'
import { type CoreAssetConfig, type CoreConfig } from './core-config.ts'

/** Declares our core on a Starknet node, deploys it, and registers operators, assets and oracles. The account becomes its governor. */
export async function deployCore({
  rpcUrl,
  account,
  config,
}: {
  readonly rpcUrl: string
  readonly account: { readonly address: string; readonly privateKey: string }
  /** `governor` is ignored: the deploying account is it. */
  readonly config: CoreConfig
}): Promise<{ readonly address: `0x${string}`; readonly block: number }> {
  // The block being built counts: a node that builds blocks only on request would otherwise never see the class.
  const provider = new RpcProvider({ nodeUrl: rpcUrl, blockIdentifier: 'pre_confirmed' })
  const sender = new Account({ provider, address: account.address, signer: account.privateKey })
  const classHash = await declareCore(provider, sender)
  const deployed = await sender.deployContract(
    { classHash, constructorCalldata: constructorCalldata(account.address, config) },
    { tip: 0 },
  )
  const block = await included(provider, deployed.transaction_hash)
  const address = canonical(deployed.contract_address)
  for (const calls of registrations(address, config)) {
    const { transaction_hash } = await sender.execute([...calls], { tip: 0 })
    await included(provider, transaction_hash)
  }
  return { address, block }
}

/**
 * Nobody compiles Sierra to CASM on npm, but the node does: it refuses a wrong compiled class hash and names the right one.
 * Anything else that goes wrong is passed on.
 */
async function declareCore(provider: RpcProvider, sender: Account): Promise<string> {
  const { contract, classHash } = readCompiledCore()
  if (await isDeclared(provider, classHash)) return classHash
  const compiledClassHash = await sender
    .declare({ contract, compiledClassHash: '0x1' }, { tip: 0 })
    .then(() => '0x1', expectedCompiledClassHash)
  if (compiledClassHash === '0x1') return classHash
  const declared = await sender.declare({ contract, compiledClassHash }, { tip: 0 })
  await included(provider, declared.transaction_hash)
  return declared.class_hash
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

function constructorCalldata(governor: string, config: CoreConfig): string[] {
  const [operator] = config.operators
  if (operator === undefined) throw new DeploymentError('a core needs an operator')
  return [
    BigInt(governor),
    operator,
    config.maxPriceInterval,
    config.maxOraclePriceValidity,
    config.maxFundingInterval,
    config.maxFundingRate,
  ].map(String)
}

/** One transaction for the other operators, then one per ten assets: few enough for any node's limits. */
function registrations(address: string, config: CoreConfig): readonly (readonly Call[])[] {
  const operators = config.operators
    .slice(1)
    .map((operator) => call(address, 'register_operator', [operator]))
  const batches: Call[][] = operators.length > 0 ? [operators] : []
  for (let at = 0; at < config.assets.length; at += 10)
    batches.push(
      config.assets.slice(at, at + 10).flatMap((asset) => assetRegistration(address, asset)),
    )
  return batches
}

function assetRegistration(address: string, asset: CoreAssetConfig): Call[] {
  const { assetId, riskFactorTiers, firstTierBoundary, tierSize, quorum, resolutionFactor } = asset
  const tiers = [riskFactorTiers.length, ...riskFactorTiers]
  return [
    call(address, 'add_synthetic_asset', [
      assetId,
      ...tiers.map(BigInt),
      firstTierBoundary,
      tierSize,
      BigInt(quorum),
      resolutionFactor,
    ]),
    ...asset.oracles.map((oracle) =>
      call(address, 'add_oracle_to_asset', [
        assetId,
        oracle.publicKey,
        oracle.oracleName,
        oracle.assetName,
      ]),
    ),
  ]
}

function call(contractAddress: string, entrypoint: string, calldata: readonly bigint[]): Call {
  return { contractAddress, entrypoint, calldata: calldata.map(String) }
}

const pollMs = 50
/** A first declaration takes a local node up to 15 s. */
const deadlineMs = 120_000

/** Waits until the node has run the transaction, in a block or in the one being built, and answers that block's number. */
async function included(provider: RpcProvider, hash: string): Promise<number> {
  for (let waited = 0; waited < deadlineMs; waited += pollMs) {
    const receipt = await receiptOf(provider, hash)
    if (receipt?.isReverted() === true) throw new DeploymentError(receipt.value.revert_reason ?? '')
    if (receipt?.isSuccess() === true && receipt.value.block_number !== undefined)
      return receipt.value.block_number
    await sleep(pollMs)
  }
  throw new DeploymentError(`transaction ${hash} is not included after ${deadlineMs / 1000} s`)
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

function canonical(address: string): `0x${string}` {
  return `0x${BigInt(address).toString(16)}`
}

/** A core could not be deployed. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError'

  constructor(reason: string) {
    super(`the core was not deployed: ${reason}`)
  }
}
