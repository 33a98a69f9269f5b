import type { Timestamp } from './time.ts'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** Hours of some days in which a channel is not told what can wait. */
export type QuietHours = {
  /** On which it begins: 22:00 to 07:00 on Friday ends on Saturday. */
  readonly days: readonly Weekday[]
  /** Local time, `22:00`. Where both are the same it is the whole day. */
  readonly from: string
  readonly to: string
  /** Of the IANA: `Europe/Zurich`. */
  readonly zone: string
}

/** By the clock on the wall there: an hour that daylight saving skips or repeats is skipped or repeated. */
export function isQuiet(all: readonly QuietHours[], at: Timestamp): boolean {
  return all.some(({ days, from, to, zone }) => {
    const { day, minute } = wallTime(zone, at)
    const [begin, end] = [minuteOf(from), minuteOf(to)]
    const today = days.includes(day)
    if (begin < end) return today && minute >= begin && minute < end
    return (today && minute >= begin) || (days.includes(dayBefore(day)) && minute < end)
  })
}

/** Whether the zone is known; its rules are the runtime's. */
export function isZone(zone: string): boolean {
  try {
    return formatOf(zone).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function wallTime(zone: string, at: Timestamp): { readonly day: Weekday; readonly minute: number } {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const name = parts.get('weekday')?.toLowerCase() ?? ''
  const day = weekdays.find((one) => one === name)
  if (day === undefined) throw new RangeError(`${name} is no day of the week`)
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once for each zone: that takes longer than all uses of it. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(zone, made)
  return made
}

function minuteOf(clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':')
  return Number(hours) * 60 + Number(minutes)
}

function dayBefore(day: Weekday): Weekday {
  return weekdays[(weekdays.indexOf(day) + 6) % 7] ?? day
}
