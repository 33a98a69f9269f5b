import * as z from 'zod/mini'

import type { Decimal } from '../../../domain/decimal.ts'
import type { Book, Level } from '../../../domain/funding/premium.ts'
import type { Timestamp } from '../../../domain/time.ts'
import { price } from '../fields.ts'
import { refuse } from '../read.ts'

/** Of an exchange whose book is older, nobody knows where it trades now. */
const maxBookAgeMs = 60_000

type RawLevel = { readonly price: Decimal | undefined; readonly size: Decimal | undefined }

/** A level as an object with these names. */
export function levelOf(priceName: string, sizeName: string) {
  const shape: Record<string, typeof price> = { [priceName]: price, [sizeName]: price }
  return z.pipe(
    z.object(shape),
    z.transform((one): RawLevel => ({ price: one[priceName], size: one[sizeName] })),
  )
}

/** A level as `[price, size]`. */
export const levelPair = z.pipe(
  z.tuple([price, price]),
  z.transform(([at, size]): RawLevel => ({ price: at, size })),
)

/** Both sides, best price first, as the exchange should have sent them; throws `VenueAnswerError` where it did not. */
export function bookOf(
  kind: string,
  sides: { readonly bids: readonly RawLevel[]; readonly asks: readonly RawLevel[] },
): Book {
  const bids = side(kind, 'bids', sides.bids)
  const asks = side(kind, 'asks', sides.asks)
  if (!bids.every(({ price: at }, place) => place === 0 || at.lt(priceAt(bids, place - 1))))
    refuse(kind, 'its bids do not fall', false)
  if (!asks.every(({ price: at }, place) => place === 0 || at.gt(priceAt(asks, place - 1))))
    refuse(kind, 'its asks do not rise', false)
  const [bid, ask] = [bids[0], asks[0]]
  if (bid && ask && bid.price.gte(ask.price))
    refuse(kind, `its best bid ${bid.price.toFixed()} is not below its best ask`, false)
  return { bids, asks }
}

function side(kind: string, name: string, levels: readonly RawLevel[]): readonly Level[] {
  return levels.map(({ price: at, size }, place) =>
    at && size ? { price: at, size } : refuse(kind, `${name}.${place} is no price and size`, false),
  )
}

function priceAt(levels: readonly Level[], place: number): Decimal {
  // Only asked for places before one that is there.
  return (levels[place] as Level).price
}

/** Throws where the answer is of another market. */
export function sameSymbol(kind: string, found: string, asked: string): void {
  if (found !== asked) refuse(kind, `it is the book of ${found}, asked for ${asked}`, false)
}

/** Throws where the book says itself that it is of another time. */
export function ofNow(kind: string, time: number | undefined, now: Timestamp): void {
  if (time === undefined) return refuse(kind, 'it has no time', false)
  const ageMs = now - time
  if (Math.abs(ageMs) > maxBookAgeMs)
    refuse(kind, `it is of ${Math.round(ageMs / 1000)} s ago`, false)
}
