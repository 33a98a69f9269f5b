import pRetry from 'p-retry'

import { instrumentName } from '../../domain/instrument.ts'
import type { Quote } from '../../domain/quote.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Clock, Venue, VenueFailure, VenueRequest } from '../../ports.ts'
import { httpDate } from '../retry-after.ts'
import type { CoolDowns } from './cool-downs.ts'
import type { Headers, Outcome, VenueClient } from './http.ts'
import { named } from './names.ts'
import { VenueAnswerError, VenueBusyError, VenueUnknownNameError } from './venue-answer-error.ts'

/** What all requests of one tick share. */
export type Asking = {
  readonly clock: Clock
  readonly client: VenueClient
  readonly cooling: CoolDowns
  /** Ends everything at the deadline. */
  readonly signal: AbortSignal
}

/** What one request brought; without a quote there is a failure. */
export type Brought = {
  readonly request: VenueRequest
  readonly quotes: readonly Quote[]
  readonly failure: VenueFailure | undefined
  /** The venue does not know one of the request's names, and says nothing of the others. */
  readonly blamesNames: boolean
}

export type Question = {
  readonly venue: Venue
  readonly baseUrl: string
  readonly request: VenueRequest
}

/** Asks one venue one question, and once more where that may help. Never throws. */
export async function askVenue(world: Asking, question: Question): Promise<Brought> {
  const { venue } = question
  const until = world.cooling.until(venue.name, world.clock.now())
  if (until !== undefined)
    return failed(question, 'cooling', `not asked until ${new Date(until).toISOString()}`)
  const outcome = await withOneRetry(world, question)
  switch (outcome.kind) {
    case 'answer':
      return answered(world, question, outcome)
    case 'status':
      return refused(world, question, outcome)
    case 'timeout':
    case 'network':
    case 'too-large':
    case 'unreadable':
      return failed(question, outcome.kind, outcome.detail)
  }
}

/** The second try comes after so long, or up to twice that: venues' front doors restart together. */
const retryAfterMs = 200

async function withOneRetry(
  world: Asking,
  { venue, baseUrl, request }: Question,
): Promise<Outcome> {
  // A base that the network file names stands for all of the venue's hosts.
  const host = baseUrl === venue.baseUrl ? (request.baseUrl ?? baseUrl) : baseUrl
  let latest: Outcome = { kind: 'timeout', detail: 'no time was left to ask' }
  try {
    return await pRetry(
      async () => {
        latest = await world.client(host, request, world.signal)
        if (mayPass(latest)) throw new PassingTroubleError()
        return latest
      },
      { retries: 1, minTimeout: retryAfterMs, randomize: true, signal: world.signal },
    )
  } catch (error) {
    // The second try failed as well, or the deadline came first: what was seen last is the reason.
    if (error instanceof PassingTroubleError || world.signal.aborted) return latest
    return { kind: 'network', detail: String(error) }
  }
}

function mayPass(outcome: Outcome): boolean {
  return outcome.kind === 'network' || (outcome.kind === 'status' && outcome.status >= 500)
}

function answered(
  { clock, cooling }: Asking,
  question: Question,
  { body, headers }: { readonly body: string; readonly headers: Headers },
): Brought {
  const { venue, request } = question
  const receivedAt = clock.now()
  try {
    const answer = { body, receivedAt, answeredAt: answeredAt(headers) }
    const quotes = venue.parse(answer, request)
    if (quotes.length > 0) return { request, quotes, failure: undefined, blamesNames: false }
    return failed(question, 'unreadable', `no price of ${named(request)} in the answer`)
  } catch (error) {
    if (error instanceof VenueBusyError) {
      cooling.begin(venue.name, headers.retryAfter, receivedAt)
      return failed(question, 'rate-limited', error.detail)
    }
    if (error instanceof VenueUnknownNameError)
      return failedFor(question, 'unreadable', error.detail)
    return failed(
      question,
      'unreadable',
      error instanceof VenueAnswerError
        ? error.detail
        : `the answer cannot be read: ${String(error)}`,
    )
  }
}

function refused(
  { clock, cooling }: Asking,
  question: Question,
  answer: { readonly status: number; readonly headers: Headers; readonly detail: string },
): Brought {
  const { status, detail } = answer
  const pause = pauseAsked(answer)
  if (pause) {
    const until = cooling.begin(question.venue.name, pause.retryAfter, clock.now())
    return failed(
      question,
      'rate-limited',
      `${detail}, wait until ${new Date(until).toISOString()}`,
    )
  }
  if (status === 403 || status === 451) return failed(question, 'region', detail)
  // Binance's words.
  if (status === 400 && /invalid symbol/i.test(detail)) return failedFor(question, 'http', detail)
  return failed(question, 'http', `${detail}, asked for ${named(question.request)}`)
}

/** Whether the venue wants to be left alone, and for how long where that is known. */
function pauseAsked({
  status,
  headers,
  detail,
}: Parameters<typeof refused>[2]): { readonly retryAfter: string | undefined } | undefined {
  const { retryAfter } = headers
  // 418 is Binance's word for a ban after too many 429s.
  if (status === 429 || status === 418) return { retryAfter }
  // Bybit's for one of ten minutes, https://bybit-exchange.github.io/docs/v5/rate-limit ; its other 403s are for countries.
  if (status === 403 && /access too frequent/i.test(detail))
    return { retryAfter: retryAfter ?? '600' }
  return undefined
}

/** Failed because of a name, which the venue does not tell. */
function failedFor(question: Question, why: VenueFailure['why'], detail: string): Brought {
  const asked = `${detail}, asked for ${named(question.request)}`
  return { ...failed(question, why, asked), blamesNames: true }
}

function failed({ venue, request }: Question, why: VenueFailure['why'], detail: string): Brought {
  const instruments = request.instruments.map(instrumentName)
  const failure = { venue: venue.name, why, detail, instruments }
  return { request, quotes: [], failure, blamesNames: false }
}

/** When the answer was made: a cache on the way adds its `Age`. Undefined where either cannot be read. */
function answeredAt({ date, age = '0' }: Headers): Timestamp | undefined {
  const made = date === undefined ? undefined : httpDate(date)
  if (made === undefined || !/^\d{1,9}$/.test(age)) return undefined
  return timestamp(Math.max(0, made - Number(age) * 1000))
}

/** Tells the retrying that trying again may help. */
class PassingTroubleError extends Error {
  override readonly name = 'PassingTroubleError'
}
