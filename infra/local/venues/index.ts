import { binanceFutures } from './binance-futures.ts'
import { binance, binanceus } from './binance.ts'
import { bitfinex } from './bitfinex.ts'
import { bitget } from './bitget.ts'
import { bitstamp } from './bitstamp.ts'
import { bybit } from './bybit.ts'
import { coinbase } from './coinbase.ts'
import { cryptoCom } from './crypto-com.ts'
import { deribit } from './deribit.ts'
import { extended } from './extended.ts'
import { gate } from './gate.ts'
import { gemini } from './gemini.ts'
import { htx } from './htx.ts'
import { hyperliquid } from './hyperliquid.ts'
import { krakenFutures } from './kraken-futures.ts'
import { kraken } from './kraken.ts'
import { kucoinFutures } from './kucoin-futures.ts'
import { kucoin } from './kucoin.ts'
import { mexc } from './mexc.ts'
import { okx } from './okx.ts'
import type { VenueSimulator } from './venue-simulator.ts'

/** Every venue that can be simulated. */
export const venueSimulators: readonly VenueSimulator[] = [
  binance,
  binanceus,
  binanceFutures,
  coinbase,
  kraken,
  krakenFutures,
  okx,
  bybit,
  bitstamp,
  bitfinex,
  gemini,
  kucoin,
  kucoinFutures,
  gate,
  cryptoCom,
  bitget,
  htx,
  mexc,
  deribit,
  hyperliquid,
]

/** Exchanges whose prices nobody takes for ours: they are only watched. */
export const publishers: readonly VenueSimulator[] = [extended]
