import type { Account, Holding } from '../../../domain/margin/account.ts'
import { fundingDue } from '../../../domain/positions/account-after.ts'
import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { AccountRead, Reading } from '../../../domain/positions/reading.ts'
import type { RpcAnswer, RpcRequest } from '../../rpc.ts'
import { feltHex, signedFelt } from '../../starknet-felt.ts'
import { view } from '../../starknet-read.ts'
import { contractReason } from '../../starknet-revert.ts'
import { answered } from './answered.ts'
import type { Core } from './core.ts'
import { timelyData, type TimelyData } from './views.ts'

/** starknet-specs: ENTRYPOINT_NOT_FOUND. */
const noSuchView = 21

/**
 * What the views say of these positions at the block. The contract shows collateral with all funding that is due; what it
 * stores, and what its events change, is without.
 */
export async function readPositions(
  core: Core,
  accounts: readonly string[],
  { number, hash }: BlockId,
): Promise<Reading> {
  const at = { block_hash: hash }
  const requests = accounts.map((id) =>
    view({
      contract: core.address,
      entrypoint: 'get_position_assets',
      calldata: [BigInt(id)],
      at,
    }),
  )
  const answers = await core.rpc.answers(requests)
  const shown = await Promise.all(
    requests.map(async (request, index) => shownOf(core, request, answers[index])),
  )
  const held = shown.flatMap((one) => (one.kind === 'shown' ? one.holdings : []))
  const assets = new Set([
    ...core.listings.map(({ assetId }) => feltHex(assetId)),
    ...held.map(({ asset }) => feltHex(asset)),
  ])
  const indexes = await indexesOf(core, [...assets], hash)
  const reads = shown.map((one, index) => readOf(accounts[index] ?? '', one, indexes))
  return {
    block: { number, hash },
    accounts: new Map(accounts.map((id, index) => [id, reads[index] ?? { kind: 'none' }])),
    indexes,
  }
}

type Shown =
  | {
      readonly kind: 'shown'
      readonly holdings: readonly Holding[]
      /** With the funding of all holdings. */
      readonly collateral: bigint
    }
  | Exclude<AccountRead, { kind: 'account' }>

/** An error of the contract is about that position alone; one that says nothing of the contract is the node's, and thrown. */
async function shownOf(
  core: Core,
  request: RpcRequest<readonly bigint[]>,
  answer: RpcAnswer<readonly bigint[]> | undefined,
): Promise<Shown> {
  if (answer?.kind === 'result') return decoded(answer.value)
  const reason = answer && contractReason(answer.error)
  if (reason === 'POSITION_DOESNT_EXIST') return { kind: 'none' }
  if (reason !== undefined) return { kind: 'unreadable', detail: `the contract says ${reason}` }
  const [felts] = await core.rpc.values([request])
  return decoded(felts)
}

/** A count; for each holding id, balance, price, risk factor, funding index, and in generation D its type; then collateral. */
function decoded(felts: readonly bigint[]): Shown {
  const count = Number(felts[0] ?? -1n)
  const size = count === 0 ? 0 : (felts.length - 2) / count
  if ((count !== 0 && size !== 5 && size !== 6) || felts.length !== 2 + count * size)
    return { kind: 'unreadable', detail: `a position of ${felts.length} felts, ${count} holdings` }
  const holdings = Array.from({ length: count }, (_, at): Holding => {
    const [asset = 0n, balance = 0n, , , index = 0n] = felts.slice(1 + at * size)
    return { asset: feltHex(asset), balance: signedFelt(balance), fundingIndex: signedFelt(index) }
  })
  return { kind: 'shown', holdings, collateral: signedFelt(felts.at(-1) ?? 0n) }
}

function readOf(id: string, shown: Shown, indexes: ReadonlyMap<string, bigint>): AccountRead {
  if (shown.kind !== 'shown') return shown
  const { holdings, collateral } = shown
  const due = holdings.reduce(
    (sum, holding) => sum + fundingDue(holding, indexes.get(holding.asset) ?? 0n),
    0n,
  )
  const account: Account = { id, collateral: collateral - due, holdings }
  return { kind: 'account', account }
}

/** Of each asset the funding index that its holders pay up to; an asset that the contract does not know has none. */
async function indexesOf(
  core: Core,
  assets: readonly `0x${string}`[],
  hash: `0x${string}`,
): Promise<ReadonlyMap<string, bigint>> {
  const found = await timelyOf(core, { assets, hash, generation: 'D' })
  const old = found ?? (await timelyOf(core, { assets, hash, generation: 'A' })) ?? []
  return new Map(
    assets.flatMap((asset, at) => {
      const timely = old[at]
      return timely ? [[asset, timely.fundingIndex] as const] : []
    }),
  )
}

/** Undefined where the contract's views have other names. */
async function timelyOf(
  core: Core,
  asked: {
    readonly assets: readonly `0x${string}`[]
    readonly hash: `0x${string}`
    readonly generation: 'A' | 'D'
  },
): Promise<readonly (TimelyData | undefined)[] | undefined> {
  const { assets, hash, generation } = asked
  if (assets.length === 0) return []
  const requests = assets.map((assetId) =>
    timelyData({ contract: core.address, generation, assetId, at: { block_hash: hash } }),
  )
  const answers = await core.rpc.answers(requests)
  const isOther = answers.some((one) => one.kind === 'error' && one.error.code === noSuchView)
  if (isOther && generation === 'D') return undefined
  return Promise.all(requests.map(async (request, at) => answered(core, request, answers[at])))
}
