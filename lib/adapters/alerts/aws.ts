import { AlertNotTakenError } from '../../domain/alert.ts'
import type { AlertWorld } from './channel.ts'
import { refusal, silence } from './errors.ts'
import { oneLine, usualDeadlineMs } from './http.ts'

export type AwsPlace = {
  /** Where undefined, the one of the process's own environment. */
  readonly region: string | undefined
  /** An emulator, which asks for credentials and looks at none. */
  readonly endpoint: string | undefined
}

export type AwsSend<Input> = (input: Input, signal: AbortSignal) => Promise<AwsAnswer>

type AwsAnswer = { readonly MessageId?: string | undefined }

/** One try and no more: the outbox tries again, and knows then that the first may have arrived. */
export function awsOptions({ region, endpoint }: AwsPlace) {
  return {
    ...(region === undefined ? {} : { region }),
    maxAttempts: 1,
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  }
}

/** Loaded with the first message: most processes never send one. What failed to load is loaded again. */
export function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return async () => {
    loaded ??= load()
    try {
      return await loaded
    } catch (error) {
      loaded = undefined
      throw error
    }
  }
}

/**
 * Waits for the service's yes; throws what anything else means. The SDK's errors are not passed on: they carry the whole
 * exchange, with the signature in it.
 */
export async function askAws(
  channel: string,
  world: AlertWorld,
  send: (signal: AbortSignal) => Promise<AwsAnswer>,
): Promise<void> {
  const deadline = AbortSignal.timeout(world.deadlineMs ?? usualDeadlineMs)
  try {
    const { MessageId: id } = await send(deadline)
    if (id !== undefined) return
  } catch (error) {
    throw meaning(channel, error, { timedOut: deadline.aborted, now: world.clock.now() })
  }
  throw silence(channel, 'an answer without a message id')
}

function meaning(
  channel: string,
  error: unknown,
  { timedOut, now }: { readonly timedOut: boolean; readonly now: number },
): Error {
  if (timedOut) return silence(channel, 'ETIMEDOUT')
  if (!(error instanceof Error)) return silence(channel, 'no answer')
  const answer = answerIn(error)
  const body = oneLine(withoutKeys(`${error.name}: ${error.message}`))
  if (uncredited.has(error.name)) return new AlertNotTakenError(channel, body)
  if (answer === undefined) return silence(channel, codeIn(error) ?? error.name)
  const status = throttled.has(error.name) ? 429 : answer.status
  return refusal(channel, { status, body, retryAfter: answer.retryAfter }, now)
}

/** Our own standing, which may be right in a minute; the service looks at nothing before it. */
const uncredited = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
])

/** These come with status 400 too. */
const throttled = new Set([
  'KMSThrottling',
  'KMSThrottlingException',
  'LimitExceededException',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
])

/** Status and `Retry-After` of the answer that an error of the SDK was made from; undefined where there was none. */
function answerIn(
  error: Error,
): { readonly status: number; readonly retryAfter: string | undefined } | undefined {
  const response = field(error, '$response')
  const status = field(response, 'statusCode') ?? field(field(error, '$metadata'), 'httpStatusCode')
  if (typeof status !== 'number') return undefined
  const after = field(field(response, 'headers'), 'retry-after')
  return { status, retryAfter: typeof after === 'string' ? after : undefined }
}

/** The system's or Node's own code. */
function codeIn(error: Error): string | undefined {
  const code = field(error, 'code') ?? field(error.cause, 'code')
  return typeof code === 'string' ? code : undefined
}

function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}

/** Ids of access keys, which some answers repeat. */
function withoutKeys(text: string): string {
  return text.replaceAll(/\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b/g, '[secret]')
}
