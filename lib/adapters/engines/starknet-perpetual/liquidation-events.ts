import type {
  Deleveraged,
  LiquidationEvent,
  LiquidationEvents,
  Liquidated,
} from '../../../domain/liquidation/liquidation-event.ts'
import { holdingValue } from '../../../domain/margin/starknet-margin.ts'
import { insuranceFundPosition } from '../../../domain/margin/starknet-order.ts'
import type { Market } from '../../../domain/market.ts'
import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { Block } from '../../../domain/transaction.ts'
import { feltHex, selectorOf, signedFelt } from '../../starknet-felt.ts'
import { blockBy } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import { type CoreEvent, coreEvents, placesOf } from './core-events.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'
import { readPositions } from './read-positions.ts'
import { timelyData } from './views.ts'

const [liquidate, deleverage] = [selectorOf('Liquidate'), selectorOf('Deleverage')]

/**
 * Liquidations and deleverages of a Core, with the mark of their block: its events do not say it. What the liquidator gained by
 * the mark is the reward, and the penalty is that with what went to the insurance fund. Where the mark changed within the block
 * it is the block's last.
 */
export async function coreLiquidationEvents(
  core: Core,
  asked: { readonly after: BlockId; readonly to: BlockId },
): Promise<LiquidationEvents> {
  const found = await coreEvents(core, [liquidate, deleverage], asked)
  if (found.kind === 'gone') return found
  const listed = new Map(core.listings.map(({ assetId, market }) => [feltHex(assetId), market]))
  const events: LiquidationEvent[] = []
  for (const [number, all] of Map.groupBy(found.events, ({ block_number: at = -1 }) => at)) {
    const [answer] = await core.rpc.answers([blockBy({ block_number: number })])
    const block = answer.kind === 'result' ? answer.value : undefined
    if (!block || all.some((one) => one.block_hash !== block.hash)) return { kind: 'gone' }
    const prices = await pricesAt(core, [...new Set(all.map(assetIn))], block)
    for (const [place, event] of placesOf(all)) {
      const asset = assetIn(event)
      const price = prices.get(asset)
      if (price === undefined)
        throw new StrangeContractError(core.engine, core.address, `has no price of ${asset}`)
      const read = eventOf(event, { block, place, market: listed.get(asset), price })
      if (!read)
        throw new StrangeContractError(
          core.engine,
          core.address,
          `tells a liquidation with ${event.data.length} data fields in block ${number}`,
        )
      events.push(read)
    }
  }
  const { through } = found
  return { kind: 'events', through, events, insuranceFund: await fundAt(core, through) }
}

/** Both kinds begin with the asset, or with the order whose first field it is. */
function assetIn({ data: [asset = 0n] }: CoreEvent): `0x${string}` {
  return feltHex(asset)
}

async function pricesAt(
  core: Core,
  assets: readonly `0x${string}`[],
  { hash }: Block,
): Promise<ReadonlyMap<string, bigint>> {
  const requests = assets.map((assetId) =>
    timelyData({ contract: core.address, generation: 'D', assetId, at: { block_hash: hash } }),
  )
  const answers = requests.length === 0 ? [] : await core.rpc.answers(requests)
  const read = await Promise.all(
    requests.map(async (request, at) => answered(core, request, answers[at])),
  )
  return new Map(
    assets.flatMap((asset, at) => {
      const price = read[at]?.price
      return price === undefined ? [] : [[asset, price] as const]
    }),
  )
}

async function fundAt(core: Core, block: BlockId): Promise<bigint | undefined> {
  const { accounts } = await readPositions(core, [insuranceFundPosition], block)
  const fund = accounts.get(insuranceFundPosition)
  return fund?.kind === 'account' ? fund.account.collateral : undefined
}

type Beside = {
  readonly block: Block
  readonly place: number
  readonly market: Market | undefined
  readonly price: bigint
}

function eventOf(event: CoreEvent, beside: Beside): LiquidationEvent | undefined {
  const [selector = 0n] = event.keys
  return feltHex(selector) === liquidate ? liquidated(event, beside) : deleveraged(event, beside)
}

/** Keys and data as in events.cairo; the last three fields are of generation D. */
function liquidated(event: CoreEvent, beside: Beside): Liquidated | undefined {
  const { keys, data } = event
  if (data.length !== 11 && data.length !== 14) return undefined
  const [, account = 0n, liquidator = 0n] = keys
  const [base, quote, fee, insurance] = [6, 7, 8, 10].map((at) =>
    signedFelt(data[at] ?? 0n),
  ) as Four
  const cash = -holdingValue(base, beside.price)
  const reward = cash - quote - fee
  return {
    kind: 'liquidated',
    ...happened(event, beside),
    account: account.toString(),
    base,
    cash,
    liquidator: liquidator.toString(),
    price: beside.price,
    penalty: reward + insurance,
    reward,
    cover: 0n,
  }
}

function deleveraged(event: CoreEvent, beside: Beside): Deleveraged | undefined {
  const { keys, data } = event
  if (data.length !== 4 && data.length !== 6) return undefined
  const [, account = 0n, counterparty = 0n] = keys
  const [base, quote] = [1, 3].map((at) => signedFelt(data[at] ?? 0n)) as Two
  const cash = -holdingValue(base, beside.price)
  return {
    kind: 'deleveraged',
    ...happened(event, beside),
    account: account.toString(),
    base,
    cash,
    counterparty: counterparty.toString(),
    loss: quote - cash,
  }
}

type Two = [bigint, bigint]
type Four = [...Two, bigint, bigint]

function happened(event: CoreEvent, { block, place, market }: Beside) {
  return {
    block,
    transaction: event.transaction_hash,
    place,
    asset: assetIn(event),
    market,
  }
}
