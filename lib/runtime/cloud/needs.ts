import type { Needs } from '../compose.ts'
import type { JobName } from '../network/job-names.ts'

const none: Needs = { oracles: false, senders: false, alerts: false, watched: false }

/** What serverless.yml gives each function the rights to, and no more. */
export function needsOf(job: JobName): Needs {
  switch (job) {
    case 'publish-prices':
      return { ...none, oracles: true }
    case 'index-positions':
      return none
    case 'push-prices':
    case 'settle-funding':
    case 'update-exchange-time':
    case 'apply-interests':
    case 'liquidate':
    case 'deleverage':
    case 'prove-batches':
    case 'tell-uptime':
      return { ...none, senders: true }
    case 'keep-books':
    case 'govern':
    case 'pack-history':
      return none
    case 'watch-systems':
      return { ...none, watched: true }
    case 'watch-liveness':
      return { ...none, alerts: true }
    case 'deliver-outbox':
      return { ...none, senders: true, alerts: true }
  }
}
