import { httpClient, NoAnswerError } from '../http-client.ts'
import type { AlertWorld } from './channel.ts'
import { type Answer, refusal, silence } from './errors.ts'

/** Receivers answer within a second; past this a sweep has other channels to serve. */
export const usualDeadlineMs = 10_000

/** Receivers answer with a line; more is somebody else's page. */
const maxAnswerBytes = 64 * 1024

const ask = httpClient({
  maxBytes: maxAnswerBytes,
  // A kept connection that went stale between two rare messages would look like a message that may have arrived.
  keepAlive: false,
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
    /** How long the body of an answer asks to be left alone, in milliseconds. */
    readonly asks?: (body: string) => number | undefined
  },
): Promise<void> {
  const { channel, world } = message
  const answer = await send(message, world.deadlineMs ?? usualDeadlineMs)
  if (message.taken(answer)) return
  const body = withoutSecrets(answer.body, [...message.secrets, ...secretsOf(message.url)])
  const askedMs = message.asks?.(answer.body)
  throw refusal(channel, { ...answer, body: oneLine(body), askedMs }, world.clock.now())
}

async function send({ channel, url, body, headers }: Message, deadlineMs: number): Promise<Answer> {
  // Ends the whole exchange, also where the answer drips in byte by byte.
  const deadline = AbortSignal.timeout(deadlineMs)
  try {
    const answer = await ask({ url, method: 'POST', body, headers: { ...headers } }, deadline)
    return { status: answer.status, body: answer.body, retryAfter: answer.header('retry-after') }
  } catch (error) {
    throw silence(channel, codeOf(error))
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof NoAnswerError)) return 'no answer'
  return error.trouble === 'timeout' ? 'ETIMEDOUT' : (error.code ?? error.trouble)
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

/** Fit for an error: what a receiver wrote, cut. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
