import type { AccountEvent } from '../../../domain/positions/account-event.ts'
import { feltHex, selectorOf, signedFelt } from '../../starknet-felt.ts'

/** An event as nodes give it: its selector, what it is of, and what it says. */
export type RawEvent = { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }

/** `base`: what accounts are counted in, which is no asset of the exchange. */
export type AssetKind = 'base' | 'synthetic' | 'spot' | 'vault-share'

type Told = {
  readonly keys: readonly bigint[]
  readonly data: readonly bigint[]
  readonly kindOf: (asset: bigint) => AssetKind
}

/** How one kind of event is read. `keys` come without the selector; `sizes` are those of its data, in generations A to C and in D. */
type Reader = {
  readonly sizes: readonly number[]
  /** How many of its keys are positions. */
  readonly positions: number
  readonly read: (told: Told) => readonly AccountEvent[]
}

/** Where exchange fees go, and what liquidations pay to the insurance fund (starknet-perpetual, positions.cairo). */
const feePosition = '0'
const insurancePosition = '1'
export const givenPositions = [feePosition, insurancePosition]

const readers: Readonly<Record<string, Reader>> = {
  NewPosition: {
    sizes: [0],
    positions: 1,
    read: ({ keys: [id] }) => [{ kind: 'opened', account: name(id) }],
  },
  FundingTick: {
    sizes: [1],
    positions: 0,
    read: ({ keys: [asset], data: [index] }) => [
      { kind: 'funding', asset: assetName(asset), index: number(index) },
    ],
  },
  InterestApplied: {
    sizes: [1],
    positions: 1,
    read: ({ keys: [id], data: [amount] }) => cash(name(id), number(amount)),
  },
  DepositProcessed: { sizes: [5], positions: 1, read: deposit },
  Withdraw: { sizes: [4, 6], positions: 1, read: withdrawal },
  Transfer: { sizes: [4, 6], positions: 2, read: transfer },
  Trade: { sizes: [16, 18], positions: 2, read: trade },
  Liquidate: { sizes: [11, 14], positions: 2, read: liquidation },
  Deleverage: { sizes: [4, 6], positions: 2, read: deleverage },
  AssetPositionReduced: { sizes: [4], positions: 2, read: deleverage },
}

const bySelector = new Map(
  Object.entries(readers).map(([event, reader]) => [
    BigInt(selectorOf(event)),
    { event, ...reader },
  ]),
)

/** Those that change accounts, or what their holdings pay. */
export const positionSelectors: readonly `0x${string}`[] = Object.keys(readers).map(selectorOf)

/** The assets that decide how an event is read. */
export function assetsIn({ keys: [selector = 0n], data }: RawEvent): readonly bigint[] {
  const event = bySelector.get(selector)?.event
  const asked = ['DepositProcessed', 'Withdraw', 'Transfer', 'Liquidate'].some(
    (one) => one === event,
  )
  const [asset] = data
  return asked && asset !== undefined ? [asset] : []
}

/** What one event says of accounts, in the order in which it happened. */
export function accountEvents(
  { keys: [selector = 0n, ...keys], data }: RawEvent,
  kindOf: Told['kindOf'],
): readonly AccountEvent[] {
  const reader = bySelector.get(selector)
  if (!reader) return []
  const { event, sizes, positions, read } = reader
  if (sizes.includes(data.length) && keys.length >= positions) return read({ keys, data, kindOf })
  const what = `an event ${event} with ${data.length} data fields, expected ${sizes.join(' or ')}`
  return keys.slice(0, positions).map((id) => ({ kind: 'unreadable', account: name(id), what }))
}

/** Contract addresses are beyond, amounts below: that tells generation D's data from those before it. */
const amountLimit = 2n ** 64n

/** Before D: asset, amount, unquantised amount in two words, salt. In D: asset, token, amount, unquantised amount, salt. */
function deposit({ keys: [id], data, kindOf }: Told): readonly AccountEvent[] {
  const [asset = 0n, second = 0n, third = 0n] = data
  const account = name(id)
  const isNew = second >= amountLimit
  const amount = isNew ? third : second
  return [
    ...moved({ account, asset, amount, interest: 0n, kind: kindOf(asset) }),
    // In D the deposit may carry interest, of which no event tells.
    ...(isNew ? unsaid(account, 'what interest came with a deposit') : []),
  ]
}

/** Before D: asset, amount, expiration, salt. In D: asset, token, amount, expiration, salt, interest. */
function withdrawal({ keys: [id], data, kindOf }: Told): readonly AccountEvent[] {
  const [asset = 0n, second = 0n, third = 0n, , , interest = 0n] = data
  const amount = data.length === 6 ? third : second
  const account = name(id)
  return moved({
    account,
    asset,
    amount: -number(amount),
    interest: number(interest),
    kind: kindOf(asset),
  })
}

/** Asset, amount, expiration, salt; in D the sender's and the recipient's interest too. */
function transfer({ keys: [to, from], data, kindOf }: Told): readonly AccountEvent[] {
  const [asset = 0n, amount = 0n, , , sent = 0n, received = 0n] = data
  const kind = kindOf(asset)
  return [
    ...moved({ account: name(from), asset, amount: -amount, interest: number(sent), kind }),
    ...moved({ account: name(to), asset, amount, interest: number(received), kind }),
  ]
}

/** Two orders of six fields, then what was settled of them for A, both fees, and in D both interests. */
function trade({ keys: [a, b], data }: Told): readonly AccountEvent[] {
  const [base, quote, feeA, feeB, interestA, interestB] = [12, 13, 14, 15, 16, 17].map((at) =>
    number(data[at]),
  ) as Six
  const asset = assetName(data[0])
  return [
    { kind: 'exchanged', account: name(a), asset, base, quote: quote - feeA + interestA },
    { kind: 'exchanged', account: name(b), asset, base: -base, quote: interestB - feeB - quote },
    ...cash(feePosition, feeA + feeB),
  ]
}

/** The liquidator's order of six fields, what was settled for the liquidated, the liquidator's fee, the insurance fund's asset and fee, and in D three interests. */
function liquidation({
  keys: [liquidated, liquidator],
  data,
  kindOf,
}: Told): readonly AccountEvent[] {
  const [base, quote, fee, insurance, interest, interestLiquidator] = [6, 7, 8, 10, 11, 12].map(
    (at) => number(data[at]),
  ) as Six
  const asset = assetName(data[0])
  const paid = interestLiquidator - fee - quote
  const account = name(liquidator)
  // A spot asset goes to whomever the liquidator's order names, and no event does.
  const isSpot = kindOf(data[0] ?? 0n) === 'spot'
  return [
    {
      kind: 'exchanged',
      account: name(liquidated),
      asset,
      base,
      quote: quote - insurance + interest,
    },
    ...(isSpot
      ? [...cash(account, paid), ...unsaid(account, 'who received the liquidated asset')]
      : [{ kind: 'exchanged' as const, account, asset, base: -base, quote: paid }]),
    ...cash(feePosition, fee),
    ...cash(insurancePosition, insurance),
  ]
}

/** Whose spot asset was sold to whom, where the event says that. */
export function spotLiquidation(
  { keys: [selector = 0n, liquidated, liquidator], data: [asset] }: RawEvent,
  kindOf: Told['kindOf'],
): { readonly liquidated: bigint; readonly liquidator: bigint } | undefined {
  if (bySelector.get(selector)?.event !== 'Liquidate' || asset === undefined) return undefined
  if (liquidated === undefined || liquidator === undefined) return undefined
  return kindOf(asset) === 'spot' ? { liquidated, liquidator } : undefined
}

/** That a position received a liquidated asset. */
export function receivedSpot(id: bigint): AccountEvent {
  return { kind: 'unsaid', account: name(id), what: 'what it received of a liquidated asset' }
}

/** Asset, amount, quote asset and amount of the first position; in D both interests. A reduction is the same without. */
function deleverage({ keys: [a, b], data }: Told): readonly AccountEvent[] {
  const asset = assetName(data[0])
  const [base, quote, interestA, interestB] = [1, 3, 4, 5].map((at) => number(data[at])) as Four
  return [
    { kind: 'exchanged', account: name(a), asset, base, quote: quote + interestA },
    { kind: 'exchanged', account: name(b), asset, base: -base, quote: interestB - quote },
  ]
}

type Four = [bigint, bigint, bigint, bigint]
type Six = [...Four, bigint, bigint]

function moved(move: {
  readonly account: string
  readonly asset: bigint
  readonly amount: bigint
  readonly interest: bigint
  readonly kind: AssetKind
}): readonly AccountEvent[] {
  const { account, asset, amount, interest, kind } = move
  if (kind === 'base') return cash(account, amount + interest)
  return [{ kind: 'exchanged', account, asset: assetName(asset), base: amount, quote: interest }]
}

function cash(account: string, amount: bigint): readonly AccountEvent[] {
  return amount === 0n ? [] : [{ kind: 'cash', account, amount }]
}

function unsaid(account: string, what: string): readonly AccountEvent[] {
  return [{ kind: 'unsaid', account, what }]
}

function number(felt = 0n): bigint {
  return signedFelt(felt)
}

function name(id = 0n): string {
  return id.toString()
}

function assetName(asset = 0n): string {
  return feltHex(asset)
}
