/**
 * Rules that count down to something that a chain will refuse or take from us, whoever is away: nothing else inhibits
 * them, and they are silenced only where somebody says that deadlines are meant, too.
 */
export const neverInhibited: ReadonlySet<string> = new Set([
  'batch-expires',
  'deadline-near',
  'exchange-time-late',
  'funding-late',
])
