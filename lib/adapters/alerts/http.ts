import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

import { create, isAxiosError, isCancel } from 'axios'

import type { AlertWorld } from './channel.ts'
import { type Answer, refusal, silence } from './errors.ts'

/** Receivers answer within a second; past this a sweep has other channels to serve. */
const usualDeadlineMs = 10_000

/** Receivers answer with a line; more is somebody else's page. */
const maxAnswerBytes = 64 * 1024

const client = create({
  // A kept connection that went stale between two rare messages would look like a message that may have arrived.
  httpAgent: new HttpAgent({ keepAlive: false }),
  httpsAgent: new HttpsAgent({ keepAlive: false }),
  // A redirect would carry the secret in the path or the body elsewhere.
  maxRedirects: 0,
  maxContentLength: maxAnswerBytes,
  responseType: 'text',
  transformResponse: (body: unknown) => body,
  validateStatus: () => true,
  headers: { 'content-type': 'application/json', 'user-agent': 'starkeep' },
})

type Message = {
  readonly channel: string
  readonly url: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Posts one message. Resolves when `taken` says yes to the answer; throws what the answer means otherwise.
 * The errors never carry the URL, the headers or the message: `secrets` are also taken out of what the receiver wrote.
 */
export async function post(
  message: Message & {
    readonly secrets: readonly string[]
    readonly world: AlertWorld
    readonly taken: (answer: Answer) => boolean
  },
): Promise<void> {
  const { channel, world } = message
  const answer = await send(message, world.deadlineMs ?? usualDeadlineMs)
  if (message.taken(answer)) return
  const body = withoutSecrets(answer.body, [...message.secrets, ...secretsOf(message.url)])
  throw refusal(channel, { ...answer, body: oneLine(body) }, world.clock.now())
}

async function send({ channel, url, body, headers }: Message, deadlineMs: number): Promise<Answer> {
  try {
    const answer = await client.post<string>(url, body, {
      headers: { ...headers },
      // Ends the whole exchange, also where the answer drips in byte by byte.
      signal: AbortSignal.timeout(deadlineMs),
    })
    const retryAfter: unknown = answer.headers['retry-after']
    return {
      status: answer.status,
      body: answer.data,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    }
  } catch (error) {
    // The cause is left out on purpose: axios keeps the URL and the message in it.
    throw silence(channel, codeOf(error))
  }
}

function codeOf(error: unknown): string {
  if (!isAxiosError(error)) return 'no answer'
  if (isCancel(error)) return 'ETIMEDOUT'
  return error.code ?? 'no answer'
}

/** A webhook's path, query and user are its password. */
function secretsOf(url: string): readonly string[] {
  const { pathname, search, username, password } = new URL(url)
  return [url, pathname, search, username, password, ...pathname.split('/')].filter(
    (part) => part.length >= 6,
  )
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const longestFirst = secrets.filter(Boolean).toSorted((a, b) => b.length - a.length)
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
