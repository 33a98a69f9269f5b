import type { FeedQuality } from '../domain/action.ts'
import { carried, type Intent } from '../domain/intent.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Notice } from '../keepers/notice.ts'

/** The notice as one flat object, times in ISO 8601. */
export function noticeJson(notice: Notice): Readonly<Record<string, unknown>> {
  const head = { kind: notice.kind, at: iso(notice.at) }
  switch (notice.kind) {
    case 'planned':
      return { ...head, slots: notice.jobs.length }
    case 'tick': {
      const { job, outcome, slotAt, parameters } = notice
      return {
        ...head,
        ...job,
        slotAt: iso(slotAt),
        outcome: outcome.kind,
        reason: outcome.reason,
        detail: outcome.detail,
        ...(parameters !== undefined && { parameters }),
      }
    }
    case 'booked':
      return {
        ...head,
        engine: notice.engine,
        rows: notice.rows.map(({ id, kind }) => ({ id, kind })),
        block: notice.cursor.block.number,
      }
    case 'measured':
      return { ...head, measures: notice.measures }
    case 'priced':
      return {
        ...head,
        node: notice.node,
        round: notice.round,
        feeds: notice.feeds.map(qualityJson),
      }
    case 'transaction':
      return {
        ...head,
        chain: notice.chain,
        intent: notice.intent.id,
        markets: carried(notice.intent).updates.map(({ market }) => market),
        slotAt: iso(notice.slotAt),
        ...stateJson(notice.intent.state, notice.slotAt),
      }
    case 'batch': {
      const { lane, number, content, state } = notice.batch
      const { kind, ...rest } = state
      return {
        ...head,
        lane,
        number,
        name: content.name,
        state: kind,
        ...exact(rest),
      }
    }
    case 'incident': {
      const { key, rule, subject, severity, summary, since } = notice.incident
      return {
        ...head,
        state: notice.state,
        key,
        rule,
        subject,
        severity,
        summary,
        since: iso(since),
      }
    }
    case 'trouble':
      return { ...head, where: notice.where, message: notice.message }
  }
}

function exact(record: object): Readonly<Record<string, unknown>> {
  const entries = Object.entries(record).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'bigint' ? value.toString() : value,
  ])
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>
}

function qualityJson({ dispersionBps, confidenceBps, ...rest }: FeedQuality) {
  return {
    ...rest,
    dispersionBps: dispersionBps?.toFixed(3),
    confidenceBps: confidenceBps?.toFixed(3),
  }
}

function stateJson(state: Intent['state'], slotAt: Timestamp) {
  switch (state.kind) {
    case 'waiting':
      return { state: state.kind }
    case 'claimed':
      return { state: state.kind, hash: state.hash, nonce: state.nonce }
    case 'included':
    case 'settled':
      return {
        state: state.kind,
        hash: state.hash,
        nonce: state.nonce,
        block: state.block.number,
        slotToInclusionMs: state.seenAt - slotAt,
        ...(state.kind === 'included' && state.reverted !== undefined
          ? { reverted: state.reverted }
          : {}),
      }
    case 'failed':
      return { state: state.kind, why: state.why, reason: state.reason, hash: state.hash }
  }
}

function iso(at: Timestamp): string {
  return new Date(at).toISOString()
}
