import type { Standing } from '../../../domain/proving/settlement-place.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Rpc, RpcRequest } from '../../rpc.ts'
import { feltHex, signedFelt } from '../../starknet-felt.ts'
import { blockBy, type BlockId, view } from '../../starknet-read.ts'
import type { AppchainPrograms } from './appchain-run.ts'
import { unexpectedAnswer } from './errors.ts'

type Hex = `0x${string}`

/** What the contract says of itself. */
export type AppchainViews = {
  readonly standing: Standing
  readonly programs: AppchainPrograms
  readonly registry: bigint
  /** Whether the account may bring updates. */
  readonly mayUpdate: boolean
  /** The block that it was read in. */
  readonly block: Block
}

/** Reads the contract at the newest block. The block first: the views are then of exactly that one. */
export async function readAppchain(
  rpc: Rpc,
  { contract, account }: { readonly contract: Hex; readonly account: Hex },
): Promise<AppchainViews> {
  const [block] = await rpc.values([blockBy('latest')])
  const at = { contract, at: { block_hash: block.hash } }
  const [standing, programs, [registry = 0n], [isOperator], [owner]] = await rpc.values([
    standingAt(at),
    programsAt(at),
    view({ ...at, entrypoint: 'get_facts_registry' }),
    view({ ...at, entrypoint: 'is_operator', calldata: [BigInt(account)] }),
    view({ ...at, entrypoint: 'owner' }),
  ])
  const mayUpdate = isOperator === 1n || owner === BigInt(account)
  return { standing, programs, registry, mayUpdate, block }
}

/**
 * Where the contract stands in the newest block that L1 has; of a node that does not tell which one that is, so many blocks
 * below the newest. Before its deployment it stands nowhere.
 */
export async function readFinalStanding(
  rpc: Rpc,
  {
    contract,
    head,
    finalityBlocks,
  }: { readonly contract: Hex; readonly head: Block; readonly finalityBlocks: number },
): Promise<Standing> {
  const number = await finalNumber(rpc, head.number - finalityBlocks)
  if (number < 0) return nowhere
  const [answer] = await rpc.answers([standingAt({ contract, at: { block_number: number } })])
  if (answer.kind === 'result') return answer.value
  if (answer.error.code === noContract) return nowhere
  throw unexpectedAnswer(contract, answer.error)
}

const nowhere: Standing = { number: -1 }

async function finalNumber(rpc: Rpc, otherwise: number): Promise<number> {
  const request: RpcRequest<Block> = { ...blockBy('latest'), params: { block_id: 'l1_accepted' } }
  const [answer] = await rpc.answers([request])
  if (answer.kind === 'result') return answer.value.number
  if (unable.has(answer.error.code)) return otherwise
  throw unexpectedAnswer('the newest block on L1', answer.error)
}

/** starknet-specs: CONTRACT_NOT_FOUND. */
const noContract = 20

/** BLOCK_NOT_FOUND where a local chain has no L1 under it, and JSON-RPC's invalid params of nodes before version 0.9. */
const unable = new Set([24, -32_602])

type At = { readonly contract: Hex; readonly at: BlockId }

function standingAt(at: At): RpcRequest<Standing> {
  const request = view({ ...at, entrypoint: 'get_state' })
  return {
    ...request,
    read(result) {
      const [root, number, hash] = request.read(result)
      if (root === undefined || number === undefined || hash === undefined)
        throw new RangeError('a state has a root, a block number and a block hash')
      return { number: Number(signedFelt(number)), hash: feltHex(hash), root: feltHex(root) }
    },
  }
}

function programsAt(at: At): RpcRequest<AppchainPrograms> {
  const request = view({ ...at, entrypoint: 'get_program_info' })
  return {
    ...request,
    read(result) {
      const [bootloader, snosConfig, snos, layoutBridge] = request.read(result)
      if (
        bootloader === undefined ||
        snosConfig === undefined ||
        snos === undefined ||
        layoutBridge === undefined
      )
        throw new RangeError('there are four program hashes')
      return { bootloader, snosConfig, snos, layoutBridge }
    },
  }
}
