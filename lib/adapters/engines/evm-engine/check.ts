import { encodeFunctionData } from 'viem/utils'

import type { Market } from '../../../domain/market.ts'
import type { OracleKeys } from '../../../ports.ts'
import type { Rpc, RpcAnswer } from '../../rpc.ts'
import { evmEngineAbi } from './abi.ts'
import { type PerpMarkDomain, separatorOf } from './report-digest.ts'
import { lowerCase } from './report-signature.ts'
import {
  askContract,
  type EvmEngineSnapshot,
  hexText,
  readSnapshot,
  snapshotData,
} from './snapshot.ts'

type Expected = {
  readonly rpc: Rpc
  readonly name: string
  readonly domain: PerpMarkDomain
  readonly markets: readonly Market[]
  /** The network file's own, where it has one. */
  readonly quorum: number | undefined
  readonly oracles: readonly OracleKeys[]
}

/** One sentence for each thing that the network file and the contract see differently. */
export async function checkEvmEngine(expected: Expected): Promise<readonly string[]> {
  const { rpc, name, domain, markets } = expected
  const separatorData = encodeFunctionData({ abi: evmEngineAbi, functionName: 'domainSeparator' })
  const [chainId, code, separator, answer] = await rpc.answers([
    hexText('eth_chainId', []),
    hexText('eth_getCode', [domain.address, 'latest']),
    askContract(domain.address, separatorData),
    askContract(domain.address, snapshotData(markets)),
  ])
  const there = chainSentence(name, domain, chainId)
  if (there !== undefined) return [there]
  if (code.kind === 'result' && code.value === '0x')
    return [`${name}: there is no contract at ${domain.address}`]
  const snapshot = snapshotOf(answer, markets)
  if (!snapshot || separator.kind === 'error')
    return [`${name}: the contract at ${domain.address} does not answer as a PerpEngine`]
  return [
    ...domainSentences(name, domain, separator.value),
    ...snapshot.markets.flatMap((market) => marketSentences(expected, market, snapshot)),
    ...expected.oracles.flatMap((oracle) => oracleSentences(name, oracle, snapshot)),
  ]
}

function chainSentence(
  name: string,
  { chainId }: PerpMarkDomain,
  answer: RpcAnswer<`0x${string}`>,
): string | undefined {
  if (answer.kind === 'error') return `${name}: the node does not say which chain it is on`
  if (BigInt(answer.value) === BigInt(chainId)) return undefined
  return `${name}: the node is on chain ${BigInt(answer.value)}, the network file says ${chainId}`
}

/** Undefined where it refuses, or answers something else. */
function snapshotOf(
  answer: RpcAnswer<`0x${string}`>,
  markets: readonly Market[],
): EvmEngineSnapshot | undefined {
  if (answer.kind === 'error') return undefined
  try {
    return readSnapshot(answer.value, markets)
  } catch {
    return undefined
  }
}

function domainSentences(name: string, domain: PerpMarkDomain, theirs: string): readonly string[] {
  const ours = separatorOf(domain)
  if (ours === theirs) return []
  return [`${name}: the contract verifies signatures for the domain ${theirs}, ours is ${ours}`]
}

function marketSentences(
  { name, quorum = 0 }: Expected,
  market: EvmEngineSnapshot['markets'][number],
  { signers }: EvmEngineSnapshot,
): readonly string[] {
  if (market.status === 'unlisted') return [`${name}: the contract does not list ${market.market}`]
  const needed = Math.max(market.quorum, quorum)
  return [
    ...(market.status === 'reduce-only'
      ? [`${name}: ${market.market} is closed to new positions`]
      : []),
    ...(needed > signers.size
      ? [
          `${name}: a price of ${market.market} needs ${needed} reports, and the contract has ${signers.size} signers`,
        ]
      : []),
  ]
}

function oracleSentences(
  name: string,
  { node, evm, next }: OracleKeys,
  { signers }: EvmEngineSnapshot,
): readonly string[] {
  if (next?.evm && signers.has(lowerCase(next.evm.address))) return []
  if (!evm) return [`${name}: node ${node} has no EVM key to sign with`]
  if (signers.has(lowerCase(evm.address))) return []
  return [`${name}: ${evm.address} of node ${node} is not a signer`]
}
