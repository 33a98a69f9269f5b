/** The jobs that a network file may name. */
export const jobNames = [
  'publish-prices',
  'push-prices',
  'settle-funding',
  'index-positions',
  'watch-liveness',
  'deliver-outbox',
] as const
export type JobName = (typeof jobNames)[number]
