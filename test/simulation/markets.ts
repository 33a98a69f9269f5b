import { parseMarket } from '../../lib/domain/market.ts'

/** Whatever any exchange may list; one with fewer lists the first ones. */
export const markets = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD'].map((name) => parseMarket(name))
