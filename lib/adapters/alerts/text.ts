import type { Alert } from '../../domain/alert.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { AlertWorld } from './channel.ts'

/** `CRITICAL price-late core:BTC-USD`; when it is over, that comes first. */
export function title({ state, severity, rule, subject }: Alert): string {
  return plain(`${headline(state, severity)} ${rule} ${subject}`)
}

/** What is wrong, or was. */
export function summary({ state, summary: sentence }: Alert): string {
  return plain(state === 'resolved' ? `It is over: ${sentence}` : sentence)
}

/** Where, since when, and what to do. */
export function context({ state, network, since, at }: Alert): string {
  const duration = state === 'resolved' ? ` until ${utc(at)} (${lasted(at - since)})` : ''
  return plain(`${network}, since ${utc(since)}${duration}`)
}

/** Relative to the repository, where every rule has its page. */
export function runbook({ rule }: Alert): string {
  return plain(`infra/runbooks/${rule}.md`)
}

/** Past that, receivers refuse a link; a rule's name is a tenth of it. */
const maxLink = 500

/** The same page in a browser, where it is known where that is. */
export function runbookUrl({ rule }: Alert, { runbooks }: AlertWorld): string | undefined {
  if (runbooks === undefined) return undefined
  const url = `${runbooks.replace(/\/+$/, '')}/${encodeURIComponent(rule.toWellFormed())}.md`
  return url.length > maxLink ? undefined : url
}

/** The same for each try of one message, and another for each message about an incident. */
export function messageId({ key, state, severity, at }: Alert): string {
  return `${key}:${state}:${severity}${state === 'reminded' ? `:${at}` : ''}`
}

export function utc(at: Timestamp): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

/** At most `limit` characters however the receiver counts them; a character is never cut in half. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** One line without control characters: what a venue or node wrote must not draw on a screen. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}

function headline(state: Alert['state'], severity: Alert['severity']): string {
  switch (state) {
    case 'opened':
      return severity.toUpperCase()
    case 'worsened':
      return `NOW ${severity.toUpperCase()}`
    case 'reminded':
      return `STILL ${severity.toUpperCase()}`
    case 'resolved':
      return 'RESOLVED'
  }
}

function lasted(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000))
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  if (h > 0) return `${h} h ${m} min`
  return m > 0 ? `${m} min ${s} s` : `${s} s`
}
