import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { json } from './answer-json.ts'
import { readSnsPublish, sesAnswer, sesError, snsError, snsPublished } from './aws-rules.ts'
import { discordAnswer, telegramAnswer, telegramRefusal } from './chat-rules.ts'
import { faulty, nextFault, type Pager, type PagerFault, type SetFault } from './pager-faults.ts'
import {
  type PagerAnswer,
  pagerdutyAccepted,
  type PagerdutyAction,
  readPagerdutyEvent,
  slackAnswer,
} from './pager-rules.ts'

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
  readonly discordUrl: string
  /** Where the Bot API is, without the token. */
  readonly telegramUrl: string
  /** Where SNS and SES are. */
  readonly awsUrl: string
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

/** Who the receivers know. Nothing of it opens anything elsewhere. */
export const localReceivers = {
  telegramToken: '110000001:local-telegram-bot-token-0000000000',
  telegramChat: '-1001000000001',
  snsTopic: 'arn:aws:sns:eu-west-1:000000000000:starkeep-local',
  snsFifoTopic: 'arn:aws:sns:eu-west-1:000000000000:starkeep-local.fifo',
  emailFrom: 'starkeep@local.example',
} as const

const slackPath = '/services/T00000000/B00000000/local-slack-webhook'
const discordPath = '/api/webhooks/100000000000000001/local-discord-webhook'
const emailPath = '/v2/email/outbound-emails'

type Request = {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Memory = {
  readonly telegramToken: string
  readonly incidents: Map<string, PagerdutyIncident>
  /** What a FIFO topic has had, with the answer. */
  readonly published: Map<string, string>
  messages: number
}

/** The receivers of alerts in a box: they answer, validate and fail as the originals do. */
export async function startPagers(
  options: {
    /** Any free one unless given. */
    readonly port?: number
    /** What is taken is appended here too, one JSON line each. */
    readonly file?: string
    readonly now?: () => number
    readonly telegramToken?: string
  } = {},
): Promise<Pagers> {
  const { now = Date.now, telegramToken = localReceivers.telegramToken } = options
  const received: Received[] = []
  const tries = new Map<Pager, number>()
  const memory: Memory = { telegramToken, incidents: new Map(), published: new Map(), messages: 0 }
  const faults = new Map<Pager, SetFault>()

  const take = (pager: Pager, request: Request): PagerAnswer => {
    const known = memory.published.size
    const answer = answers[pager](request, memory)
    if (answer.status >= 300 || isAgain(pager, request, memory, known)) return answer
    const { headers, body } = request
    const entry = { pager, at: now(), headers: plainHeaders(headers), body }
    received.push(entry)
    if (options.file !== undefined) appendFileSync(options.file, `${JSON.stringify(entry)}\n`)
    return answer
  }

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(incoming)
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '', 'http://local')
    const pager = pagerOf(path)
    if (!pager) return send(response, notFound(path))
    if (incoming.method !== 'POST')
      return send(response, { status: 405, body: 'Method Not Allowed' })
    tries.set(pager, (tries.get(pager) ?? 0) + 1)
    const request = { path, query, headers: incoming.headers, body }
    const fault = nextFault(faults, pager)
    if (!fault) return send(response, take(pager, request))
    if (fault.kind === 'status') return send(response, faulty(pager, fault))
    if (fault.after) take(pager, request)
    // A timeout leaves the request open; `close` ends it.
    if (fault.kind === 'reset') incoming.socket.resetAndDestroy()
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
    slackUrl: `${base}${slackPath}`,
    pagerdutyUrl: `${base}/v2/enqueue`,
    webhookUrl: `${base}/webhook`,
    discordUrl: `${base}${discordPath}`,
    telegramUrl: base,
    awsUrl: base,
    received: () => [...received],
    tries: (pager) => tries.get(pager) ?? 0,
    pagerdutyIncidents: () => new Map(memory.incidents),
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

/** The path of a bot's method has its token in it, and SNS has no path at all. */
function pagerOf(path: string): Pager | undefined {
  if (path.startsWith('/bot')) return 'telegram'
  if (path.startsWith('/api/webhooks/')) return 'discord'
  const exact: Readonly<Record<string, Pager>> = {
    [slackPath]: 'slack',
    '/v2/enqueue': 'pagerduty',
    '/webhook': 'webhook',
    '/': 'sns',
    [emailPath]: 'email',
  }
  return exact[path]
}

const answers: Record<Pager, (request: Request, memory: Memory) => PagerAnswer> = {
  slack: ({ body }) => slackAnswer(body),
  pagerduty: ({ body }, { incidents }) => {
    const event = readPagerdutyEvent(body)
    return 'refused' in event ? event.refused : pagerdutyAccepted(applied(event, incidents))
  },
  webhook: () => ({ status: 200, body: '' }),
  telegram: ({ path, body }, memory) => {
    const [, token, method] = /^\/bot([^/]*)\/(.*)$/.exec(path) ?? []
    if (token !== memory.telegramToken) return telegramRefusal(401, 'Unauthorized')
    if (method !== 'sendMessage') return telegramRefusal(404, 'Not Found')
    memory.messages += 1
    return telegramAnswer(body, {
      chatId: localReceivers.telegramChat,
      messageId: memory.messages,
    })
  },
  discord: ({ path, query, body }, memory) => {
    if (path !== discordPath) return json(404, { message: 'Unknown Webhook', code: 10015 })
    memory.messages += 1
    const id = String(1_100_000_000_000_000_000n + BigInt(memory.messages))
    return discordAnswer(body, { waits: query.get('wait') === 'true', id })
  },
  sns: ({ headers, body }, { published }) => {
    if (!isSigned(headers)) return snsError(403, 'MissingAuthenticationToken', 'No signature')
    const { snsTopic, snsFifoTopic } = localReceivers
    const message = readSnsPublish(body, [snsTopic, snsFifoTopic])
    if ('refused' in message) return message.refused
    const { deduplication } = message
    const id = (deduplication && published.get(deduplication)) ?? randomUUID()
    if (deduplication !== undefined) published.set(deduplication, id)
    return snsPublished(id)
  },
  email: ({ headers, body }) =>
    isSigned(headers)
      ? sesAnswer(body, { from: localReceivers.emailFrom, messageId: randomUUID() })
      : sesError(403, 'MissingAuthenticationTokenException', 'No signature'),
}

/** What a FIFO topic has had already is answered, and delivered to nobody. */
function isAgain(pager: Pager, { body }: Request, { published }: Memory, known: number): boolean {
  const fifo = pager === 'sns' && new URLSearchParams(body).has('MessageDeduplicationId')
  return fifo && published.size === known
}

/** Whether there is a signature: what it signs is for the original to check. */
function isSigned({ authorization = '' }: IncomingMessage['headers']): boolean {
  return authorization.startsWith('AWS4-HMAC-SHA256 Credential=')
}

/** A trigger opens an incident, or adds to the open one of its key; what is resolved or unknown is not resolved again. */
function applied(
  { action, dedupKey, severity }: PagerdutyAction,
  incidents: Memory['incidents'],
): string {
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

function send(response: ServerResponse, { status, body, headers }: PagerAnswer): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
}

/** Slack's word for a webhook that is not, or no longer, there. */
function notFound(path: string): PagerAnswer {
  return path.startsWith('/services/')
    ? { status: 404, body: 'no_service' }
    : { status: 404, body: 'Not Found' }
}

function plainHeaders(headers: IncomingMessage['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  )
}
