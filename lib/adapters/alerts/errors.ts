import { AlertNotTakenError, AlertRefusedError } from '../../domain/alert.ts'
import { retryAfterMs } from '../retry-after.ts'

/** The receiver's answer to a message. */
export type Answer = {
  readonly status: number
  readonly body: string
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined
  /** How long the body asks to wait, where the receiver says it there: that is more exact than the header. */
  readonly askedMs?: number | undefined
}

/**
 * What an answer that is not the receiver's yes means. A 4xx means that our message is wrong, except for those that ask
 * for patience; 429 and 503 say that nothing was taken; any other answer says neither.
 */
export function refusal(channel: string, answer: Answer, now: number): Error {
  const { status, body, retryAfter, askedMs } = answer
  const reason = body === '' ? `status ${status}` : `status ${status}, ${body}`
  if (status === 429 || status === 503)
    return new AlertNotTakenError(channel, reason, askedMs ?? retryAfterMs(retryAfter, now))
  // 408: the request was too slow; 425: it came too early to be safe. Both ask for it again.
  if (status === 408 || status === 425) return new AlertNotTakenError(channel, reason)
  if (status >= 400 && status < 500) return new AlertRefusedError(channel, reason)
  return new AlertUncertainError(channel, reason)
}

/** What it means that no answer came. */
export function silence(channel: string, code: string): Error {
  return neverSent.has(code)
    ? new AlertNotTakenError(channel, code)
    : new AlertUncertainError(channel, code)
}

/** No byte of the request has left when one of these happens. */
const neverSent = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** The receiver may or may not have the message. */
class AlertUncertainError extends Error {
  override readonly name = 'AlertUncertainError'
  readonly channel: string

  constructor(channel: string, reason: string) {
    super(`${channel} may or may not have taken the alert: ${reason}`)
    this.channel = channel
  }
}
