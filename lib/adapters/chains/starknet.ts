import { type Fee, FeeCapError, type StarknetFee } from '../../domain/fee.ts'
import type { BroadcastAnswer } from '../../domain/transaction.ts'
import type { Chain, Clock, StarkKey } from '../../ports.ts'
import type { Rpc, RpcAnswer } from '../rpc.ts'
import { feltHex } from '../starknet-felt.ts'
import { blockBy } from '../starknet-read.ts'
import { UnfitTransactionError, UnknownAccountError } from './errors.ts'
import { nonceReader } from './nonce-reader.ts'
import { unexpectedRefusal, valueOf } from './refusal.ts'
import { type RpcSet, rpcSet } from './rpc-set.ts'
import { sendEverywhere } from './send-everywhere.ts'
import { starknetAnswer } from './starknet-broadcast.ts'
import { chainIdName, checkStarknet } from './starknet-check.ts'
import { type AccountDeployment, type DeploymentParts, deploymentParts } from './starknet-deploy.ts'
import { type SignFor, starknetDeployments } from './starknet-deployments.ts'
import { bumpStarknet, mostOfStarknet } from './starknet-fee.ts'
import { invokeOf, multicall } from './starknet-invoke.ts'
import { addTransaction, idOfChain, nonceAt, statusOf, strkOf } from './starknet-read.ts'
import { simulateCalls } from './starknet-simulate.ts'
import { starknetStatus } from './starknet-status.ts'
import { readTransaction, senderOf, transactionHash } from './starknet-transaction.ts'
import { signedJson } from './starknet-v3.ts'

export type StarknetChainOptions = {
  readonly name: string
  /** Nodes of the chain, at least one; of equally good ones the first is asked. */
  readonly rpcUrls: readonly string[]
  readonly blockSeconds: number
  /** A short string as a felt, such as that of SN_MAIN. */
  readonly chainId: `0x${string}`
  readonly finalityBlocks: number
  /** Keys of the accounts that send here, by address. The accounts take Cairo 1 calldata and one signature of two words. */
  readonly keys: Readonly<Record<string, StarkKey>>
  /** How those of them are deployed that may not be there yet, by address. */
  readonly deployments?: Readonly<Record<string, AccountDeployment>>
  readonly clock: Clock
  /** The most that one transaction may cost, in fri; without it there is no limit. */
  readonly feeCap?: bigint
  readonly timeoutMs?: number
  /** Ends every question that has no answer yet, and each new one. */
  readonly cutOff?: AbortSignal | undefined
}

/** A Starknet chain over JSON-RPC 0.9 or later. `rpc` is for the engines on it. */
export function starknetChain(options: StarknetChainOptions): Chain & { readonly rpc: Rpc } {
  const { name, blockSeconds, clock, feeCap } = options
  const chainId = BigInt(options.chainId)
  const rpc = rpcSet({
    chain: name,
    urls: options.rpcUrls,
    clock,
    blockSeconds,
    probe: { chainId: idOfChain, expected: chainId, nameOf: chainIdName, head: blockBy('latest') },
    timeoutMs: options.timeoutMs,
    cutOff: options.cutOff,
  })
  const readNonce = nonceReader({
    chain: name,
    rpc,
    head: blockBy('latest'),
    nonces: (account) => {
      const address = addressOf(name, account)
      return [nonceAt(address, 'latest'), nonceAt(address, 'pre_confirmed')]
    },
    read: nonceIn,
  })
  const keys = new Map(
    Object.entries(options.keys).map(([account, key]) => [addressOf(name, account), key]),
  )
  const deployments = deploymentsOf(options, keys)

  const sign: SignFor = async (account, fee, transactionFor) => {
    const key = keys.get(addressOf(name, account))
    if (!key) throw new UnknownAccountError(name, account)
    const offered = starknetFee(name, fee)
    const most = mostOfStarknet(offered)
    if (feeCap !== undefined && most > feeCap) throw new FeeCapError(name, most, feeCap)
    const transaction = transactionFor(offered)
    const hash = transactionHash(transaction, chainId)
    const { r, s } = await key.sign(hash)
    return { hash: feltHex(hash), bytes: signedJson(transaction, [r, s]), fee }
  }

  return {
    name,
    kind: 'starknet',
    rpc,
    blockSeconds,
    finalityBlocks: options.finalityBlocks,

    check: async () => checkStarknet({ chain: name, rpc, keys, deployments }),
    nodes: () => rpc.nodes(),
    head: async () => rpc.head(),

    async block(number) {
      const [answer] = await rpc.answers([blockBy({ block_number: number })])
      if (answer.kind === 'result') return answer.value
      if (answer.error.code === unknownBlock) return undefined
      throw unexpectedRefusal(name, 'starknet_getBlockWithTxHashes', answer.error)
    },

    nonce: readNonce,

    async simulate(account, calls) {
      const address = addressOf(name, account)
      const deployment = deployments.get(address)
      return simulateCalls({ chain: name, rpc, account: address, deployment }, calls)
    },

    async sign(account, { calls, nonce, fee }) {
      const calldata = multicall(name, calls)
      return sign(account, fee, (offered) =>
        invokeOf({ account: BigInt(account), calldata, nonce: BigInt(nonce), fee: offered }),
      )
    },

    broadcast: async (bytes) => broadcast({ chain: name, rpc, chainId, bytes }),
    status: async (hash) => starknetStatus({ chain: name, rpc, hash: BigInt(hash) }),
    bump: (fee, market) => bumpStarknet(starknetFee(name, fee), starknetFee(name, market)),
    mostOf: (fee) => mostOfStarknet(starknetFee(name, fee)),

    async balance(account) {
      const [[low = 0n, high = 0n]] = await rpc.values([strkOf(addressOf(name, account))])
      return (high << 128n) | low
    },

    deployments: starknetDeployments({
      chain: name,
      rpc,
      parts: deployments,
      addressOf: (account) => addressOf(name, account),
      sign,
    }),
  }
}

/** starknet-specs: CONTRACT_NOT_FOUND and BLOCK_NOT_FOUND. */
const unknownContract = 20
const unknownBlock = 24

function addressOf(chain: string, account: string): `0x${string}` {
  if (!/^0x[0-9a-fA-F]{1,64}$/.test(account)) throw new UnknownAccountError(chain, account)
  return feltHex(account)
}

/** An account that is not deployed yet, or only in the block being built, has sent nothing. */
function nonceIn(answer: RpcAnswer<bigint>, host: string): number {
  if (answer.kind === 'error' && answer.error.code === unknownContract) return 0
  return Number(valueOf(answer, host))
}

function deploymentsOf(
  { name, deployments = {} }: StarknetChainOptions,
  keys: ReadonlyMap<`0x${string}`, StarkKey>,
): ReadonlyMap<`0x${string}`, DeploymentParts> {
  const all = Object.entries(deployments).map(([account, deployment]) => {
    const address = addressOf(name, account)
    const key = keys.get(address)
    if (!key) throw new UnknownAccountError(name, account)
    return [address, deploymentParts(deployment, key.publicKey)] as const
  })
  return new Map(all)
}

function starknetFee(chain: string, fee: Fee): StarknetFee {
  if (fee.kind !== 'starknet')
    throw new UnfitTransactionError(chain, `the fee is an ${fee.kind} one`)
  return fee
}

async function broadcast(sent: {
  readonly chain: string
  readonly rpc: RpcSet
  readonly chainId: bigint
  readonly bytes: string
}): Promise<BroadcastAnswer> {
  const { chain, rpc, chainId, bytes } = sent
  const { json, transaction } = readTransaction(chain, bytes)
  const hash = transactionHash(transaction, chainId)
  const request = addTransaction({ type: transaction.type, json, hash })
  const said = await sendEverywhere({ chain, rpc, request, meaningOf: starknetAnswer })
  if (said.kind !== 'refused') return said
  const { why, reason } = said
  if (why !== 'nonce') return { kind: 'refused', why, reason }
  // A nonce is also wrong where these very bytes have used it; and only the account's own tells on which side it is wrong.
  const account = feltHex(senderOf(transaction))
  const [status, next] = await rpc.answers([statusOf(hash), nonceAt(account, 'pre_confirmed')])
  if (status.kind === 'result' && status.value !== 'REJECTED') return { kind: 'known' }
  const free = BigInt(nonceIn(next, chain))
  if (transaction.nonce < free) return { kind: 'refused', why: 'nonce-too-low', reason }
  if (transaction.nonce > free) return { kind: 'refused', why: 'nonce-too-high', reason }
  // The nodes that refused it know less than the one that was asked.
  throw unexpectedRefusal(chain, request.method, { code: 52, message: reason, data: undefined })
}
