/**
 * Rules that tell of something that happened, for as long as people should know of it: nothing of it goes on, and nothing can be
 * done to end it sooner.
 */
export const pastRules: ReadonlySet<string> = new Set([
  'blocks-lost',
  'head-went-back',
  'level-jumped',
  'fund-falling',
  'liquidation-burst',
  'setting-changed',
  'change-differs',
  'parameters-taken-back',
])
