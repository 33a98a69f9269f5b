import type { CoreLiquidationLook } from '../../../domain/liquidation/liquidation-look.ts'
import type { Account } from '../../../domain/margin/account.ts'
import type { CoreMark } from '../../../domain/margin/starknet-margin.ts'
import { insuranceFundPosition } from '../../../domain/margin/starknet-order.ts'
import { timestamp, unixSeconds } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { RpcAnswer, RpcRequest } from '../../rpc.ts'
import { feltHex } from '../../starknet-felt.ts'
import { blockBy } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'
import type { Generation } from './generation.ts'
import { type AssetMark, readMarks } from './read-marks.ts'
import { readPositions } from './read-positions.ts'
import { isOperator, isPaused, numberView } from './views.ts'

/** Collateral is counted in millionths of a dollar. */
const dollar = 1_000_000n

const gateViews = [
  'get_last_funding_tick',
  'get_max_funding_interval',
  'get_last_price_validation',
  'get_max_price_interval',
] as const

/** What decides liquidations and deleverages, of the newest block. */
export async function coreLiquidationLook(
  core: Core,
  {
    generation,
    account,
    position,
    held,
  }: {
    readonly generation: Generation
    readonly account: string
    /** Ours, where we sign orders. */
    readonly position: string | undefined
    readonly held: readonly string[]
  },
): Promise<CoreLiquidationLook> {
  const { rpc, listings } = core
  const [block] = await rpc.values([blockBy('latest')])
  const at = { block_hash: block.hash }
  const [gates, marks, positions, exact] = await Promise.all([
    gatesAt(core, { account, block }),
    readMarks(core, {
      generation,
      assets: [...listings.map(({ assetId }) => assetId), ...held],
      at,
    }),
    readPositions(core, [insuranceFundPosition, ...(position ? [position] : [])], block),
    exactly(core, generation, block),
  ])
  const accountOf = (id: string): Account | undefined => {
    const read = positions.accounts.get(id)
    return read?.kind === 'account' ? read.account : undefined
  }
  const known = new Set(marks.map(({ asset }) => asset))
  return {
    kind: 'starknet-perpetual',
    generation: exact,
    block,
    paused: gates.paused,
    from: timestamp(0),
    markets: Object.fromEntries(
      listings
        .map(({ assetId, market }) => [feltHex(assetId), market] as const)
        .filter(([asset]) => known.has(asset)),
    ),
    dollar,
    insuranceFund: accountOf(insuranceFundPosition)?.collateral ?? 0n,
    marks: Object.fromEntries(
      marks
        .filter((one) => isPriced(one, { ...gates, block }))
        .map(({ asset, mark }) => [asset, mark]),
    ),
    pricedAt: Object.fromEntries(
      // An inactive asset keeps its last price for ever.
      marks
        .filter(({ mark }) => mark.status !== 'inactive')
        .map(({ asset, pricedAt }) => [asset, timestamp(Number(pricedAt) * 1_000)]),
    ),
    blocked: whyBlocked(marks, { ...gates, block }),
    liquidator: position === undefined ? undefined : accountOf(position),
  }
}

type Gates = {
  readonly paused: boolean
  readonly operator: boolean
  readonly lastFunding: bigint
  readonly fundingInterval: bigint
  readonly lastValidation: bigint
  readonly priceInterval: bigint
}

async function gatesAt(
  core: Core,
  { account, block }: { readonly account: string; readonly block: Block },
): Promise<Gates> {
  const { address, rpc, engine } = core
  const at = { block_hash: block.hash }
  const requests = [
    isPaused(address, at),
    isOperator(address, account, at),
    ...gateViews.map((view) => numberView(address, view, at)),
  ] as const
  const answers = await rpc.answers(requests)
  const said = async <T>(request: RpcRequest<T>, place: number): Promise<T> => {
    // The answer to that request.
    const value = await answered(core, request, answers[place] as RpcAnswer<T> | undefined)
    if (value !== undefined) return value
    throw new StrangeContractError(engine, address, 'does not say how its checks stand')
  }
  const [paused, operator, ...numbers] = requests
  const [lastFunding = 0n, fundingInterval = 0n, lastValidation = 0n, priceInterval = 0n] =
    await Promise.all(numbers.map(async (request, index) => said(request, index + 2)))
  return {
    paused: await said(paused, 0),
    operator: await said(operator, 1),
    lastFunding,
    fundingInterval,
    lastValidation,
    priceInterval,
  }
}

/** starknet-specs: ENTRYPOINT_NOT_FOUND. */
const noSuchView = 21

/** C and D have the same views of assets; only D has a time of its own. */
async function exactly(core: Core, found: Generation, block: Block): Promise<Generation> {
  if (found < 'C') return found
  const request = numberView(core.address, 'get_exchange_time', { block_hash: block.hash })
  const [answer] = await core.rpc.answers([request])
  if (answer.kind === 'error' && answer.error.code === noSuchView) return 'C'
  await answered(core, request, answer)
  return 'D'
}

type Moment = Gates & { readonly block: Block }

/** Whether we decide by it: an inactive asset keeps its last price for ever, any other must have a new one. */
function isPriced({ mark, pricedAt }: AssetMark, { priceInterval, block }: Moment): boolean {
  if (mark.price === 0n) return false
  return mark.status === 'inactive' || secondsOf(block) - pricedAt <= priceInterval
}

/** assets.cairo `validate_assets_integrity`, and the role. */
function whyBlocked(
  marks: readonly { readonly mark: CoreMark; readonly pricedAt: bigint }[],
  moment: Moment,
): string | undefined {
  const { operator, lastFunding, fundingInterval, lastValidation, priceInterval, block } = moment
  const now = secondsOf(block)
  if (!operator) return 'ONLY_OPERATOR'
  if (now - lastFunding > fundingInterval) return 'FUNDING_EXPIRED'
  if (now - lastValidation <= priceInterval) return undefined
  const isOld = marks.some(
    ({ mark, pricedAt }) => mark.status === undefined && now - pricedAt > priceInterval,
  )
  return isOld ? 'SYNTHETIC_EXPIRED_PRICE' : undefined
}

function secondsOf({ time }: Block): bigint {
  return BigInt(unixSeconds(time))
}
