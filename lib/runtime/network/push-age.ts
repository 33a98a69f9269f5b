import type { Network, NetworkMarket } from './schema.ts'

/** From which age on a market's posted price is late. */
export function maxPushAgeMs(
  { alerts }: Pick<Network, 'alerts'>,
  { push }: Pick<NetworkMarket, 'push'>,
): number {
  return (push.maxAgeSeconds ?? alerts.maxPushAgeSeconds) * 1000
}
