/** How long a `Retry-After` asks to be left alone: seconds or an HTTP date (RFC 9110 §10.2.3); undefined where it says neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000
  const at = httpDate(header)
  return at === undefined ? undefined : Math.max(0, at - now)
}

/** Unix milliseconds of an HTTP date. */
export function httpDate(text: string): number | undefined {
  // Dates begin with the day's name; `Date.parse` alone takes nearly anything for one.
  if (!/^[A-Z][a-z]{2},? /.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) || at < 0 ? undefined : at
}
