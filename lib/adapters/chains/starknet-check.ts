import type { StarkKey } from '../../ports.ts'
import type { Rpc, RpcAnswer } from '../rpc.ts'
import { Felt, feltHex } from '../starknet-felt.ts'
import { view } from '../starknet-read.ts'
import type { RpcSet } from './rpc-set.ts'
import { strkOf } from './starknet-read.ts'

type Expected = {
  readonly rpc: RpcSet
  readonly keys: ReadonlyMap<`0x${string}`, StarkKey>
}

/** One sentence for each thing that the network file says of the chain and a node denies. */
export async function checkStarknet({ rpc, keys }: Expected): Promise<readonly string[]> {
  const strangers = await rpc.strangers()
  if (strangers.length > 0) return strangers
  const accounts = [...keys].map(async ([address, key]) => accountSentences(rpc, address, key))
  return (await Promise.all(accounts)).flat()
}

/** What accounts call the view of their key: OpenZeppelin's two spellings, then Argent's and Braavos's. */
const keyViews = ['get_public_key', 'getPublicKey', 'get_owner', 'get_signer'] as const

async function accountSentences(
  rpc: Rpc,
  address: `0x${string}`,
  { publicKey }: StarkKey,
): Promise<readonly string[]> {
  const [nonce, balance, ...views] = await rpc.answers([
    {
      method: 'starknet_getClassHashAt',
      params: { block_id: 'latest', contract_address: address },
      read: (result: unknown) => Felt.parse(result),
    },
    strkOf(address),
    ...keyViews.map((entrypoint) => view({ contract: address, entrypoint, at: 'latest' })),
  ])
  if (nonce.kind === 'error') return [`there is no account at ${address}; deploy it first`]
  const registered = views.flatMap((answer) => wordOf(answer))
  const fits = registered.length === 0 || registered.includes(BigInt(publicKey))
  return [
    ...(fits
      ? []
      : [
          `account ${address} has the key ${feltHex(registered[0] ?? 0n)}, the network file's key is ${publicKey}; name the key of that account`,
        ]),
    ...(isNothing(balance)
      ? [`account ${address} has no STRK to pay fees with; send it some`]
      : []),
  ]
}

/** Accounts of other makers have other views: one that none of them answers says nothing. */
function wordOf(answer: RpcAnswer<readonly bigint[]> | undefined): readonly bigint[] {
  return answer?.kind === 'result' ? answer.value.slice(0, 1) : []
}

function isNothing(answer: RpcAnswer<readonly bigint[]>): boolean {
  return answer.kind === 'result' && answer.value.every((word) => word === 0n)
}

/** A chain id is a short string as a felt. */
export function chainIdName(id: bigint): string {
  const hex = id.toString(16)
  const text = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('latin1')
  return /^[ -~]+$/.test(text) ? text : feltHex(id)
}
