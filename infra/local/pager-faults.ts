import { json } from './answer-json.ts'
import { sesError, snsError } from './aws-rules.ts'
import { discordLimited, telegramRefusal } from './chat-rules.ts'
import type { PagerAnswer } from './pager-rules.ts'

export type Pager = 'slack' | 'pagerduty' | 'webhook' | 'telegram' | 'discord' | 'sns' | 'email'

/** How a receiver fails. With `after`, it takes the message first: the sender cannot know. */
export type PagerFault =
  | { readonly kind: 'timeout' | 'reset'; readonly after?: boolean }
  | {
      readonly kind: 'status'
      readonly status: number
      /** In place of the receiver's own words. */
      readonly body?: string
      /** When to come back: where the receiver says that. */
      readonly retryAfter?: string
    }

export type SetFault = { readonly fault: PagerFault; left: number }

/** The fault of the next request to that receiver, which it uses up. */
export function nextFault(faults: Map<Pager, SetFault>, pager: Pager): PagerFault | undefined {
  const entry = faults.get(pager)
  if (!entry || entry.left <= 0) return undefined
  entry.left -= 1
  return entry.fault
}

/** The receivers' own words for a status, where a fault names none. */
export function faulty(pager: Pager, fault: PagerFault & { kind: 'status' }): PagerAnswer {
  const { status, body, retryAfter } = fault
  const own = body === undefined ? ownWords(pager, status, retryAfter) : { status, body }
  // Of these alone the body says it, whatever the header says.
  const silent = pager === 'telegram' || (pager === 'discord' && body === undefined)
  return {
    ...own,
    headers: {
      ...own.headers,
      ...(retryAfter === undefined || silent ? {} : { 'retry-after': retryAfter }),
    },
  }
}

function ownWords(pager: Pager, status: number, retryAfter: string | undefined): PagerAnswer {
  const limited = status === 429
  switch (pager) {
    case 'slack':
      return { status, body: limited ? 'rate_limited' : '' }
    case 'pagerduty':
      return limited
        ? json(status, {
            status: 'throttle exceeded',
            message: 'Requests for this service are arriving too quickly. Please retry later.',
          })
        : { status, body: '' }
    case 'webhook':
      return { status, body: limited ? 'Too Many Requests' : '' }
    case 'telegram':
      return telegramRefusal(status, limited ? `retry after ${retryAfter}` : 'failed', retryAfter)
    case 'discord':
      return limited ? discordLimited(retryAfter) : json(status, { message: `${status}`, code: 0 })
    case 'sns':
      return snsError(status, limited ? 'Throttled' : 'InternalError', 'Rate exceeded')
    case 'email':
      return limited
        ? sesError(status, 'TooManyRequestsException', 'Too many requests')
        : sesError(status, 'InternalServiceErrorException', 'failed')
  }
}
