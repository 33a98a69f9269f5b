import type { GatewayConfig } from './gateway-config.ts'
import { inRange } from './in-range.ts'
import { refuseUnless } from './refusal.ts'

/** When a transaction comes: the exchange's time before it, and the real one, in seconds. */
export type TickTimes = { readonly systemTime: bigint; readonly now: bigint }

/** A tick's time, which does not go back and is near the real one. Throws a `Refusal` otherwise. */
export function tickTime(
  { tickDistanceSeconds }: GatewayConfig,
  text: string,
  { systemTime, now }: TickTimes,
): bigint {
  const time = inRange('TIMESTAMP', text, 2n ** 32n)
  refuseUnless(time >= systemTime, 'SYSTEM_TIME_DECREASING', `${time} < ${systemTime}`)
  const distance = time > now ? time - now : now - time
  refuseUnless(
    distance <= BigInt(tickDistanceSeconds),
    'INVALID_TICK_TIMESTAMP_DISTANCE_FROM_BLOCKCHAIN_TIME',
    `${time} is ${distance} s from ${now}`,
  )
  return time
}
