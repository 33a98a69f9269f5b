/** The jobs that a network file may name. */
export const jobNames = [
  'publish-prices',
  'push-prices',
  'settle-funding',
  'update-exchange-time',
  'apply-interests',
  'index-positions',
  'liquidate',
  'deleverage',
  'prove-batches',
  'watch-systems',
  'watch-liveness',
  'tell-uptime',
  'keep-books',
  'govern',
  'pack-history',
  'deliver-outbox',
] as const
export type JobName = (typeof jobNames)[number]
