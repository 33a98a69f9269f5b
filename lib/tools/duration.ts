const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Reads `90s`, `5m`, `1h30m` as milliseconds, greater than 0. */
export function parseDuration(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) throw new DurationError(text)
  const ms = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs],
    0,
  )
  if (!Number.isSafeInteger(Math.round(ms)) || ms < 1) throw new DurationError(text)
  return Math.round(ms)
}

/** A length of time for people: `850 ms`, `4.2 s`, `3 min`, `2.5 h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${shortest(ms / 1_000)} s`
  if (ms < 99.95 * 60_000) return `${shortest(ms / 60_000)} min`
  return `${shortest(ms / 3_600_000)} h`
}

function shortest(value: number): string {
  return String(Number(value.toFixed(1)))
}

/** The text names no length of time. */
export class DurationError extends Error {
  override readonly name = 'DurationError'

  constructor(text: string) {
    super(`"${text}" is not a length of time; expected such as 60s, 5m or 1h30m`)
  }
}
