import { InvalidArgumentError } from 'commander'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import { DurationError, parseDuration } from '../duration.ts'

/** A time as people write it: itself, or how long ago it was. */
export type Moment =
  | { readonly kind: 'at'; readonly at: Timestamp }
  | { readonly kind: 'ago'; readonly ms: number }

/** Reads `2026-11-27T10:00:00Z`, `2026-11-27` or `90s`: commander says what is wrong with it. */
export function momentArgument(text: string): Moment {
  if (/^\d{4}-/.test(text)) return { kind: 'at', at: timeOf(text) }
  try {
    return { kind: 'ago', ms: parseDuration(text) }
  } catch (error) {
    if (!(error instanceof DurationError)) throw error
    throw new InvalidArgumentError(expected)
  }
}

export function resolved(moment: Moment, now: Timestamp): Timestamp {
  return moment.kind === 'at' ? moment.at : timestamp(Math.max(0, now - moment.ms))
}

const expected =
  'expected a time such as 2026-11-27T10:00:00Z or 2026-11-27, or how long ago: 90s, 5m, 24h'

/** UTC where it names no zone: the network's own times are. */
function timeOf(text: string): Timestamp {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(
      text,
    )
  const [, day, time = '00:00', zone = 'Z'] = match ?? []
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`)
  if (!Number.isFinite(at)) throw new InvalidArgumentError(expected)
  return timestamp(at)
}
