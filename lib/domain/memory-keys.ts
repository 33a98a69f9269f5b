import type { FeedResult } from './price-round.ts'

/** How a memory names a feed. A symbol may be a market and a leg at once, and each has its own past. */
export function feedKey({ feed, role }: Pick<FeedResult, 'feed' | 'role'>): string {
  return role === 'leg' ? `leg ${feed}` : feed
}

/** How a memory names a source within its feed. */
export function sourceKey(venue: string, instrument: string): string {
  return `${venue} ${instrument}`
}
