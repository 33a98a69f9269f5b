import { Logger } from '@aws-lambda-powertools/logger'

import type { Notice, Notify } from '../keepers/notice.ts'
import type { Metrics } from './metrics.ts'

/** Notices as structured log lines and metrics, for functions in the cloud. */
export function cloudNotify(metrics: Metrics): Notify {
  const logger = new Logger({ serviceName: 'starkeep' })
  return (notice) => {
    metrics.count(notice)
    // Their numbers are metrics, and the tick's own line tells the rest.
    if (notice.kind === 'priced' || notice.kind === 'booked' || notice.kind === 'measured') return
    const { message, fields } = line(notice)
    if (isTrouble(notice)) logger.warn(message, fields)
    else logger.info(message, fields)
  }
}

/** What has a line of its own. */
type Told = Exclude<Notice, { readonly kind: 'priced' | 'booked' | 'measured' }>

function isTrouble(notice: Told): boolean {
  switch (notice.kind) {
    case 'trouble':
      return true
    case 'tick':
      return notice.outcome.kind !== 'done'
    case 'transaction':
      return notice.intent.state.kind === 'failed'
    case 'incident':
      return notice.state !== 'resolved'
    case 'batch':
      return notice.batch.state.kind === 'needs-human'
    case 'planned':
      return false
  }
}

function line(notice: Told): {
  readonly message: string
  readonly fields: Record<string, unknown>
} {
  switch (notice.kind) {
    case 'planned':
      return { message: 'planned', fields: { jobs: notice.jobs.length } }
    case 'tick': {
      const { outcome, job, parameters } = notice
      return {
        message: `${job.job} ${outcome.kind}`,
        fields: { ...job, ...outcome, ...(parameters !== undefined && { parameters }) },
      }
    }
    case 'transaction': {
      const { id, state } = notice.intent
      return {
        message: `transaction ${state.kind}`,
        fields: { chain: notice.chain, intent: id, state },
      }
    }
    case 'batch': {
      const { lane, number, content, state } = notice.batch
      return { message: `batch ${state.kind}`, fields: { lane, number, name: content.name, state } }
    }
    case 'incident': {
      const { rule, subject, severity, summary } = notice.incident
      return { message: `incident ${notice.state}`, fields: { rule, subject, severity, summary } }
    }
    case 'trouble':
      return { message: 'trouble', fields: { where: notice.where, reason: notice.message } }
  }
}
