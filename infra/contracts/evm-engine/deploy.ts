import {
  type Abi,
  BaseError,
  createPublicClient,
  createWalletClient,
  http,
  isHex,
  stringToHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

import { decodeEngineRevert } from '../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { readCompiledEvmEngine } from './compiled-evm-engine.ts'
import type { EvmEngineConfig, EvmEngineRules, EvmMarketRules } from './evm-engine-config.ts'

/** Deploys the engine, and a TestDollar where no collateral is named; lists markets, registers signers and operators. The key's account becomes the governor. */
export async function deployEvmEngine({
  rpcUrl,
  key,
  config,
}: {
  readonly rpcUrl: string
  readonly key: `0x${string}`
  readonly config: EvmEngineConfig
}): Promise<{
  readonly address: `0x${string}`
  readonly collateral: `0x${string}`
  /** The engine's first block. */
  readonly block: number
}> {
  const { engine, dollar } = readCompiledEvmEngine()
  const sender = await senderOf(rpcUrl, key)
  const collateral = config.collateral ?? (await sender.deploy(dollar, [])).address
  const guardian = config.guardian ?? zeroAddress
  const deployed = await sender.deploy(engine, [
    sender.address,
    guardian,
    collateral,
    BigInt(config.epochSeconds),
    engineRules(config.rules),
  ])
  for (const { name, args } of setup(config))
    // One after the other: the delay, last, binds all that follows.
    await sender.call({ to: deployed.address, abi: engine.abi, name, args })
  return { address: deployed.address, collateral, block: deployed.block }
}

const zeroAddress = '0x0000000000000000000000000000000000000000'

/** As many as a block of 30 million gas takes with room to spare. */
const marketsPerTransaction = 50

function setup(config: EvmEngineConfig) {
  const calls: { readonly name: string; readonly args: readonly unknown[] }[] = []
  const markets = Object.entries(config.markets)
  for (let from = 0; from < markets.length; from += marketsPerTransaction) {
    const some = markets.slice(from, from + marketsPerTransaction)
    const ids = some.map(([symbol]) => stringToHex(symbol, { size: 32 }))
    calls.push({ name: 'setMarkets', args: [ids, some.map(([, rules]) => marketRules(rules))] })
  }
  if (config.signers.length > 0) calls.push({ name: 'addSigners', args: [config.signers] })
  for (const operator of config.operators) calls.push({ name: 'addOperator', args: [operator] })
  if (config.delaySeconds !== undefined)
    calls.push({ name: 'setDelay', args: [BigInt(config.delaySeconds)] })
  return calls
}

/** The contract's struct. */
export function marketRules({ status, maxPriceAgeSeconds, ...rules }: EvmMarketRules) {
  return { ...rules, status: status === 'active' ? 1 : 2, maxPriceAge: maxPriceAgeSeconds }
}

/** The contract's struct. */
export function engineRules({
  maxReportAgeSeconds,
  liquidationGraceSeconds,
  ...rules
}: EvmEngineRules) {
  return {
    ...rules,
    maxReportAge: maxReportAgeSeconds,
    liquidationGrace: liquidationGraceSeconds,
  }
}

type Compiled = { readonly abi: Abi; readonly bytecode: `0x${string}` }

/** Sends one transaction after the other, with nonces of its own: a node may show a block later than its hash. */
async function senderOf(rpcUrl: string, key: `0x${string}`) {
  const account = privateKeyToAccount(key)
  const transport = http(rpcUrl)
  const wallet = createWalletClient({ account, transport })
  const reader = createPublicClient({ transport, pollingInterval: 50 })
  const { address } = account
  let nonce = await reader.getTransactionCount({ address, blockTag: 'pending' })

  async function included(hash: `0x${string}`) {
    const receipt = await reader.waitForTransactionReceipt({ hash })
    if (receipt.status === 'reverted') throw new DeploymentError(`transaction ${hash} was reverted`)
    return receipt
  }

  return {
    address,
    async deploy({ abi, bytecode }: Compiled, args: readonly unknown[]) {
      const hash = await wallet
        .deployContract({ abi, bytecode, args, nonce, chain: null })
        .catch((error: unknown) => {
          throw new DeploymentError(constructorRefusal(error), error)
        })
      nonce += 1
      const { contractAddress, blockNumber } = await included(hash)
      if (!contractAddress) throw new DeploymentError(`transaction ${hash} created no contract`)
      return { address: contractAddress, block: Number(blockNumber) }
    },
    async call(call: {
      readonly to: `0x${string}`
      readonly abi: Abi
      readonly name: string
      readonly args: readonly unknown[]
    }) {
      const { to, abi, name, args } = call
      const hash = await wallet.writeContract({
        address: to,
        abi,
        functionName: name,
        args,
        nonce,
        chain: null,
      })
      nonce += 1
      await included(hash)
    },
  }
}

/** viem names the errors of calls, but not those of constructors. */
function constructorRefusal(error: unknown): string {
  if (!(error instanceof BaseError)) return String(error)
  const found = error.walk((inner) => inner instanceof Error && 'data' in inner)
  const { data } = (found ?? {}) as { readonly data?: unknown }
  const reason = isHex(data) ? decodeEngineRevert(data) : undefined
  return reason ?? error.shortMessage
}

/** An engine could not be deployed. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError'

  constructor(reason: string, cause?: unknown) {
    super(`the EVM engine was not deployed: ${reason}`, { cause })
  }
}
