import type { StarkKey } from '../../ports.ts'
import type { RpcAnswer } from '../rpc.ts'
import { feltHex } from '../starknet-felt.ts'
import { view } from '../starknet-read.ts'
import type { RpcSet } from './rpc-set.ts'
import { contractAddress, type DeploymentParts } from './starknet-deploy.ts'
import { classHashAt, isClass, strkOf } from './starknet-read.ts'
import { simulateDeployment } from './starknet-simulate.ts'

type Expected = {
  readonly chain: string
  readonly rpc: RpcSet
  readonly keys: ReadonlyMap<`0x${string}`, StarkKey>
  readonly deployments: ReadonlyMap<`0x${string}`, DeploymentParts>
}

type Account = Pick<Expected, 'chain' | 'rpc'> & {
  readonly address: `0x${string}`
  readonly key: StarkKey
  readonly deployment: DeploymentParts | undefined
}

/** One sentence for each thing that the network file says of the chain and a node denies. Throws where no node answers. */
export async function checkStarknet(expected: Expected): Promise<readonly string[]> {
  const { chain, rpc, keys, deployments } = expected
  const strangers = await rpc.strangers()
  if (strangers.length > 0) return strangers
  // Who has no account there asks nothing else, and would take silence for consent.
  if (keys.size === 0) await rpc.head()
  const accounts = [...keys].map(async ([address, key]) =>
    accountSentences({ chain, rpc, address, key, deployment: deployments.get(address) }),
  )
  return (await Promise.all(accounts)).flat()
}

/** What accounts call the view of their key: OpenZeppelin's two spellings, then Argent's and Braavos's. */
const keyViews = ['get_public_key', 'getPublicKey', 'get_owner', 'get_signer'] as const

async function accountSentences(account: Account): Promise<readonly string[]> {
  const { rpc, address, deployment } = account
  const [classHash, balance, ...views] = await rpc.answers([
    classHashAt(address),
    strkOf(address),
    ...keyViews.map((entrypoint) => view({ contract: address, entrypoint, at: 'latest' })),
  ])
  const isThere = classHash.kind === 'result'
  if (!isThere && !deployment)
    return [`there is no account at ${address}; deploy it first, or say under deploy how`]
  return [
    ...misplaced(account),
    ...(isThere ? wrongKey(account, views) : await undeployable(account)),
    ...(isNothing(balance)
      ? [`account ${address} has no STRK to pay fees with; send it some`]
      : []),
  ]
}

function wrongKey(
  { address, key: { publicKey } }: Account,
  views: readonly RpcAnswer<readonly bigint[]>[],
): readonly string[] {
  const registered = views.flatMap((answer) => wordOf(answer))
  if (registered.length === 0 || registered.includes(BigInt(publicKey))) return []
  return [
    `account ${address} has the key ${feltHex(registered[0] ?? 0n)}, the network file's key is ${publicKey}; name the key of that account`,
  ]
}

/** An address follows from what an account is deployed with, also where that was long ago. */
function misplaced({ address, deployment }: Account): readonly string[] {
  const where = deployment && feltHex(contractAddress(deployment))
  if (where === undefined || where === address) return []
  return [
    `account ${address} does not follow from what deploy says: class hash, salt, calldata and key give ${where}; name that address, or what the account is made of`,
  ]
}

/** Why its deployment could not take effect now. One that would make another account is not tried. */
async function undeployable(account: Account): Promise<readonly string[]> {
  const { chain, rpc, address, deployment } = account
  if (!deployment || misplaced(account).length > 0) return []
  const [declared] = await rpc.answers([isClass(deployment.classHash)])
  if (declared.kind === 'error')
    return [
      `account ${address} cannot be deployed: its class ${feltHex(deployment.classHash)} is not declared on this chain`,
    ]
  const simulation = await simulateDeployment({ chain, rpc, account: address }, deployment)
  return simulation.kind === 'ok'
    ? []
    : [`account ${address} cannot be deployed: its constructor says ${simulation.reason}`]
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
