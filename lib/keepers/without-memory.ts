import type { PriceRound } from '../domain/price-round.ts'

/** A round for who goes by its prices alone: what the next round must know of it is half of its text. */
export function withoutMemory(round: PriceRound): PriceRound {
  return { ...round, memory: { tuples: {}, accepted: {}, held: {} } }
}
