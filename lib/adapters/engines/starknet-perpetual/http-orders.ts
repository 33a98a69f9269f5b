import * as z from 'zod/mini'

import type { CoreOffer, CoreWish } from '../../../domain/liquidation/core-offer.ts'
import { unixSeconds } from '../../../domain/time.ts'
import type { Clock, OrderSource, StarkCurve } from '../../../ports.ts'
import type { HttpClient } from '../../http-client.ts'
import { FeltHex } from '../../starknet-felt.ts'
import { limitOrderHash, orderHash } from './order-hash.ts'
import { collateralAsset, hashedOrder } from './own-orders.ts'
import { limitOrderOf } from './spot-liquidation.ts'

/** Longer than a round trip and a signature; liquidations wait for no one. */
const patienceMs = 1_000

const whole = (least: bigint, below: bigint) =>
  z.pipe(
    z.string().check(z.regex(/^-?[0-9]{1,39}$/)),
    z.transform((text, context) => {
      const value = BigInt(text)
      if (value >= least && value < below) return value
      context.issues.push({ code: 'custom', message: 'out of range', input: text })
      return z.NEVER
    }),
  )

const u64 = whole(0n, 1n << 64n)
const i64 = whole(-(1n << 63n) + 1n, 1n << 63n)
const positionId = z.string().check(z.regex(/^[0-9]{1,10}$/))

const Order = z.object({
  position: positionId,
  receiver: z.optional(positionId),
  asset: FeltHex,
  base: i64,
  quote: i64,
  collateral: FeltHex,
  fee: u64,
  expiration: u64,
  salt: FeltHex,
  public_key: FeltHex,
  signature: z.object({ r: FeltHex, s: FeltHex }),
  filled: z.optional(u64),
})
const Answer = z.object({ orders: z.array(z.unknown()).check(z.maxLength(1_000)) })

/**
 * Somebody's service that signs orders for what is liquidated. It is sent `{"chain_id", "contract", "slot", "wishes":
 * [{"asset", "base", "quote", "spot"?}]}`, and answers with `{"orders": [{"position", "receiver"?, "asset", "base", "quote",
 * "collateral", "fee", "expiration", "salt", "public_key", "signature": {"r", "s"}, "filled"?}]}`: amounts as decimal texts in
 * smallest units, felts in hex; a receiver makes it a limit order. Orders that are not signed as they say, have run out or are
 * in another collateral are refused, each with its reason; the others count.
 */
export function httpOrders({
  url,
  chainId,
  contract,
  client,
  curve,
  clock,
  timeoutMs = patienceMs,
}: {
  readonly url: string
  readonly chainId: `0x${string}`
  readonly contract: `0x${string}`
  readonly client: HttpClient
  readonly curve: StarkCurve
  readonly clock: Clock
  readonly timeoutMs?: number
}): OrderSource {
  const { host } = new URL(url)

  return {
    name: host,
    async offers(wishes, slot) {
      const body = JSON.stringify({
        chain_id: chainId,
        contract,
        slot: String(slot),
        wishes: wishes.map(wireWish),
      })
      const headers = { 'content-type': 'application/json' }
      const { status, body: text } = await client(
        { url, method: 'POST', headers, body },
        AbortSignal.timeout(timeoutMs),
      )
      if (status !== 200) throw new UnreadableOrdersError(host, `status ${status}`)
      const listed = ordersIn(host, text)
      const read = listed.map((one, at) => readOffer(one, at))
      const well = read.flatMap((one) => (typeof one === 'string' ? [] : [one]))
      const verdicts = curve.verify(well.map((one) => one.claim(BigInt(chainId))))
      const now = BigInt(unixSeconds(clock.now()))
      const refused = read.flatMap((one) => (typeof one === 'string' ? [`${host}: ${one}`] : []))
      const offers = well.flatMap(({ at, offer }, place): readonly CoreOffer[] => {
        const why = whyUnfit(offer, now, verdicts[place] === true)
        if (why === undefined) return [offer]
        refused.push(`${host}: order ${at} ${why}`)
        return []
      })
      return { offers, refused }
    },
  }
}

function wireWish({ asset, base, quote, isSpot }: CoreWish) {
  return { asset, base: String(base), quote: String(quote), ...(isSpot && { spot: true }) }
}

function ordersIn(host: string, text: string): readonly unknown[] {
  try {
    return Answer.parse(JSON.parse(text)).orders
  } catch {
    throw new UnreadableOrdersError(host, 'not a list of orders')
  }
}

/** The offer with what its signature must be of, or why it is none. */
function readOffer(one: unknown, at: number) {
  const read = Order.safeParse(one)
  if (!read.success) {
    const [issue] = read.error.issues
    return `order ${at} has no fit ${issue?.path.join('.') ?? ''}`
  }
  const { public_key: publicKey, signature, filled = 0n, salt, receiver, ...terms } = read.data
  const order = {
    ...terms,
    ...(receiver !== undefined && { receiver }),
    salt: BigInt(salt),
    publicKey,
    signature: { r: BigInt(signature.r), s: BigInt(signature.s) },
  }
  return {
    at,
    offer: { order, filled },
    claim(chainId: bigint) {
      const signer = { publicKey: BigInt(publicKey), chainId }
      const hash =
        receiver === undefined
          ? orderHash(hashedOrder(order), signer)
          : limitOrderHash(limitOrderOf({ ...order, receiver }), signer)
      return { key: signer.publicKey, hash, ...order.signature }
    },
  }
}

function whyUnfit(
  { order, filled }: CoreOffer,
  now: bigint,
  isSigned: boolean,
): string | undefined {
  const { base, quote, fee, collateral, expiration } = order
  if (!isSigned) return 'is not signed by its public key'
  if (expiration < now) return 'has run out'
  if (collateral !== collateralAsset) return `is in ${collateral} and not in the base collateral`
  if (base === 0n || quote === 0n || base > 0n === quote > 0n) return 'buys and sells nothing'
  if (filled >= (base < 0n ? -base : base)) return 'is used up'
  return (quote < 0n ? -quote : quote) <= fee ? 'has a fee of all that it pays' : undefined
}

/** A source of orders that answered with something else. */
export class UnreadableOrdersError extends Error {
  override readonly name = 'UnreadableOrdersError'

  constructor(host: string, why: string) {
    super(`${host} answered with ${why}`)
  }
}
