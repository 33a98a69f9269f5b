import type { Decimal } from './decimal.ts'
import type { Timestamp } from './time.ts'

/**
 * What a venue's time says. `quote`: when this instrument's quote was made; `trade`: its last trade;
 * `envelope`: one server time for the whole answer; `none`: the answer carries no time.
 */
export type TimeKind = 'quote' | 'trade' | 'envelope' | 'none'

/** One venue's prices for one instrument, as read and not yet judged. Prices are in the instrument's quote currency. */
export type Quote = {
  readonly venue: string
  /** Canonical instrument name, `BTC-USDT` or `BTC-USDT-PERP`. */
  readonly instrument: string
  readonly bid: Decimal | undefined
  readonly ask: Decimal | undefined
  readonly last: Decimal | undefined
  readonly timeKind: TimeKind
  /** The venue's own time; undefined exactly when `timeKind` is `none`. */
  readonly venueTime: Timestamp | undefined
  /** When the whole answer had arrived, by our clock. */
  readonly receivedAt: Timestamp
  /** The answer's `Date` header, less its `Age`: how old the answer itself is, where a venue gives no time. */
  readonly answeredAt: Timestamp | undefined
  /** The venue says that the instrument is suspended, delisted or in maintenance. */
  readonly suspended: boolean
}
