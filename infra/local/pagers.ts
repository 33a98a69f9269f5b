import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import {
  type PagerAnswer,
  pagerdutyAccepted,
  type PagerdutyAction,
  readPagerdutyEvent,
  slackAnswer,
} from './pager-rules.ts'

export type Pager = 'slack' | 'pagerduty' | 'webhook'

/** How a receiver fails. With `after`, it takes the message first: the sender cannot know. */
type PagerFault =
  | { readonly kind: 'timeout' | 'reset'; readonly after?: boolean }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: string
      readonly retryAfter?: string
    }

/** One message that a receiver took. */
type Received = {
  readonly pager: Pager
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** PagerDuty's view of one key. `incidents` counts how often it was opened anew. */
type PagerdutyIncident = {
  readonly state: 'triggered' | 'acknowledged' | 'resolved'
  readonly severity: string | undefined
  readonly incidents: number
}

export type Pagers = {
  readonly slackUrl: string
  readonly pagerdutyUrl: string
  readonly webhookUrl: string
  /** What was taken, oldest first. */
  readonly received: () => readonly Received[]
  /** Every request that came, taken or not. */
  readonly tries: (pager: Pager) => number
  readonly pagerdutyIncidents: () => ReadonlyMap<string, PagerdutyIncident>
  readonly faults: {
    /** The next `times` requests fail so; all of them until `clear` where it is left out. */
    readonly set: (pager: Pager, fault: PagerFault, times?: number) => void
    readonly clear: (pager?: Pager) => void
  }
  readonly close: () => Promise<void>
}

const paths: Readonly<Record<Pager, string>> = {
  slack: '/services/T00000000/B00000000/local-slack-webhook',
  pagerduty: '/v2/enqueue',
  webhook: '/webhook',
}

/** The receivers of alerts in a box: they answer, validate and fail as Slack, PagerDuty and any webhook do. */
export async function startPagers(
  options: {
    /** Any free one unless given. */
    readonly port?: number
    /** What is taken is appended here too, one JSON line each. */
    readonly file?: string
    readonly now?: () => number
  } = {},
): Promise<Pagers> {
  const { now = Date.now } = options
  const received: Received[] = []
  const tries: Record<Pager, number> = { slack: 0, pagerduty: 0, webhook: 0 }
  const incidents = new Map<string, PagerdutyIncident>()
  const faults = new Map<Pager, { fault: PagerFault; left: number }>()

  const take = (pager: Pager, { headers }: IncomingMessage, body: string): PagerAnswer => {
    const answer = answers[pager](body, incidents)
    if (answer.status >= 300) return answer
    const entry = { pager, at: now(), headers: plainHeaders(headers), body }
    received.push(entry)
    if (options.file !== undefined) appendFileSync(options.file, `${JSON.stringify(entry)}\n`)
    return answer
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const pager = pagerOf(request.url)
    if (!pager) return send(response, notFound(request.url))
    if (request.method !== 'POST')
      return send(response, { status: 405, body: 'Method Not Allowed' })
    tries[pager] += 1
    const fault = nextFault(faults, pager)
    if (!fault) return send(response, take(pager, request, body))
    if (fault.kind === 'status') return send(response, faulty(pager, fault))
    if (fault.after) take(pager, request, body)
    // A timeout leaves the request open; `close` ends it.
    if (fault.kind === 'reset') request.socket.resetAndDestroy()
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // Heard by whoever is still there: a sender that went away is why most of these happen.
      if (response.headersSent) response.destroy()
      else send(response, { status: 500, body: String(error) })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    slackUrl: `${base}${paths.slack}`,
    pagerdutyUrl: `${base}${paths.pagerduty}`,
    webhookUrl: `${base}${paths.webhook}`,
    received: () => [...received],
    tries: (pager) => tries[pager],
    pagerdutyIncidents: () => new Map(incidents),
    faults: {
      set: (pager, fault, times = Infinity) => void faults.set(pager, { fault, left: times }),
      clear: (pager) => void (pager === undefined ? faults.clear() : faults.delete(pager)),
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Incidents = Map<string, PagerdutyIncident>

const answers: Record<Pager, (body: string, incidents: Incidents) => PagerAnswer> = {
  slack: slackAnswer,
  pagerduty: (body, incidents) => {
    const event = readPagerdutyEvent(body)
    return 'refused' in event ? event.refused : pagerdutyAccepted(applied(event, incidents))
  },
  webhook: () => ({ status: 200, body: '' }),
}

/** A trigger opens an incident, or adds to the open one of its key; what is resolved or unknown is not resolved again. */
function applied({ action, dedupKey, severity }: PagerdutyAction, incidents: Incidents): string {
  const key = dedupKey ?? randomUUID().replaceAll('-', '')
  const last = incidents.get(key)
  const open = last && last.state !== 'resolved'
  if (action === 'trigger') {
    const state = open ? last.state : 'triggered'
    incidents.set(key, { state, severity, incidents: (last?.incidents ?? 0) + (open ? 0 : 1) })
  } else if (open) {
    incidents.set(key, { ...last, state: action === 'resolve' ? 'resolved' : 'acknowledged' })
  }
  return key
}

function nextFault(
  faults: Map<Pager, { fault: PagerFault; left: number }>,
  pager: Pager,
): PagerFault | undefined {
  const entry = faults.get(pager)
  if (!entry || entry.left <= 0) return undefined
  entry.left -= 1
  return entry.fault
}

/** The receivers' own words for a status, where a fault names none. */
function faulty(pager: Pager, fault: PagerFault & { kind: 'status' }): PagerAnswer {
  const throttled = {
    slack: 'rate_limited',
    pagerduty: JSON.stringify({
      status: 'throttle exceeded',
      message: 'Requests for this service are arriving too quickly. Please retry later.',
    }),
    webhook: 'Too Many Requests',
  }
  return {
    status: fault.status,
    body: fault.body ?? (fault.status === 429 ? throttled[pager] : ''),
    headers: fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
  }
}

function send(response: ServerResponse, { status, body, headers }: PagerAnswer): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
}

/** Slack's word for a webhook that is not, or no longer, there. */
function notFound(url: string | undefined): PagerAnswer {
  return url?.startsWith('/services/')
    ? { status: 404, body: 'no_service' }
    : { status: 404, body: 'Not Found' }
}

function pagerOf(url: string | undefined): Pager | undefined {
  return (Object.keys(paths) as Pager[]).find((pager) => paths[pager] === url)
}

function plainHeaders(headers: IncomingMessage['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  )
}
