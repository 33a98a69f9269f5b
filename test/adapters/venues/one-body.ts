import { VenueAnswerError } from '../../../lib/adapters/venues/venue-answer-error.ts'
import type { Quote } from '../../../lib/domain/quote.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import { independentReading, type Said } from './independent-reading.ts'
import { largeMutations, mutations, oneOf } from './mutations.ts'
import { now, type Sample, samples } from './samples.ts'
import { plain } from './support.ts'
import { type Random, requestOf } from './valid-answers.ts'

/** One hostile body, and what it is. */
export type HostileBody = {
  readonly sample: Sample
  readonly kind: string
  readonly harmless: boolean
  readonly body: string
}

/** What became of it; `wrong` says what must not have. */
export type Became = {
  readonly outcome: 'read as it says' | 'no quote in it' | 'refused'
  readonly wrong: string | undefined
}

/** Everything about a body follows from its seed. */
export function bodyOf(seed: number): HostileBody {
  const random = seeded(seed)
  const large = random.chance(1 / 1_500)
  return hostileBody(oneOf(random, samples), random, large ? largeMutations : mutations)
}

export function hostileBody(sample: Sample, random: Random, kinds = mutations): HostileBody {
  const [kind, mutation] = oneOf(random, Object.entries(kinds))
  const body = mutation.make(sample, random)
  return { sample, kind, harmless: mutation.harmless === true, body }
}

/** Gives a body to its venue's `parse`. */
export function parsedBody({ sample, harmless, body }: HostileBody): Became {
  const read = quotesOrError(sample, body)
  if (read.quotes === undefined) {
    const wrong = harmless ? `refused: ${String(read.error)}` : wrongRefusal(sample, read.error)
    return { outcome: 'refused', wrong }
  }
  const { quotes } = read
  if (quotes.length > 0)
    return { outcome: 'read as it says', wrong: wrongQuotes(sample, body, quotes) }
  return {
    outcome: 'no quote in it',
    wrong: harmless ? 'no quote was made of a valid answer' : undefined,
  }
}

function quotesOrError(
  sample: Sample,
  body: string,
): { readonly quotes?: readonly Quote[]; readonly error?: unknown } {
  try {
    const answer = { body, receivedAt: now, answeredAt: undefined }
    return { quotes: sample.venue.parse(answer, requestOf(sample)) }
  } catch (error) {
    return { error }
  }
}

/** How quotes differ from what the body says by a reading of its own. */
export function wrongQuotes(
  sample: Sample,
  body: string,
  quotes: readonly Quote[],
): string | undefined {
  const [quote, ...others] = quotes
  if (others.length > 0) return `${quotes.length} quotes for one instrument`
  if (!quote) return undefined
  const said = independentReading(sample, body)
  if (!said) return 'a quote was made of what says nothing'
  if (quote.venue !== sample.venue.name || quote.instrument !== sample.instrument)
    return `it is said to be ${quote.venue} ${quote.instrument}`
  const read: Said = {
    bid: plain(quote.bid),
    ask: plain(quote.ask),
    last: plain(quote.last),
    time: quote.venueTime,
    suspended: quote.suspended,
  }
  const [one, other] = [JSON.stringify(read), JSON.stringify(said)]
  return one === other ? undefined : `read ${one}, but it says ${other}`
}

/** Longer than any of our own words and the beginning of the venue's. */
const longestMessage = 600

function wrongRefusal(sample: Sample, error: unknown): string | undefined {
  if (!(error instanceof VenueAnswerError)) return `not refused, but failed: ${String(error)}`
  return wrongWords(sample, error.message, error.venue)
}

/** What is wrong with the words of a refusal. */
export function wrongWords(sample: Sample, words: string, venue: string): string | undefined {
  if (venue !== sample.venue.name) return `the refusal names ${venue}`
  if (words.length > longestMessage) return `the refusal is ${words.length} characters long`
  return /\p{Cc}/u.test(words)
    ? `the refusal has control characters: ${JSON.stringify(words)}`
    : undefined
}
