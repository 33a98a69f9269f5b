import { setTimeout as wait } from 'node:timers/promises'

import { type Instrument, instrumentName } from '../../domain/instrument.ts'
import type { Clock, QuoteSource, Venue } from '../../ports.ts'
import { askInParts } from './ask-in-parts.ts'
import type { Brought } from './ask-venue.ts'
import { coolDowns } from './cool-downs.ts'
import { venueClient } from './http.ts'
import { unknownNames } from './unknown-names.ts'

type VenueAt = { readonly venue: Venue; readonly baseUrl: string }
type World = Parameters<typeof askInParts>[0]
type Results = readonly Pick<Brought, 'quotes' | 'failure'>[]

/** Asks all venues at once. One that fails or is slow is a failure in the result, never a reason to wait or to throw. */
export function fetchQuotes(options: {
  readonly venues: readonly VenueAt[]
  readonly clock: Clock
  /** For everything together: the slowest venue costs no more than this. */
  readonly deadlineMs: number
  /** Of one answer, unpacked. */
  readonly maxBytes: number
  readonly userAgent: string
  /** Ends all questions; what was answered by then is no whole round, so its reason is thrown. */
  readonly cutOff?: AbortSignal | undefined
}): QuoteSource {
  const { venues, clock, deadlineMs, cutOff } = options
  const client = venueClient(options)
  const cooling = coolDowns()
  const unknown = unknownNames()
  return {
    async latest(wanted, heard = {}) {
      cooling.learn(heard, clock.now())
      const deadline = new AbortController()
      const timer = setTimeout(() => deadline.abort(), deadlineMs)
      const signal = cutOff ? AbortSignal.any([deadline.signal, cutOff]) : deadline.signal
      const world = { clock, client, cooling, unknown, signal }
      try {
        const names = [...new Set(wanted.map(({ venue }) => venue))]
        const brought = await Promise.all(
          names.map(async (name) => {
            const instruments = instrumentsOf(name, wanted)
            const at = venues.find(({ venue }) => venue.name === name)
            return at
              ? await fromVenue(world, at, instruments)
              : unasked(name, 'no adapter has this name', instruments)
          }),
        )
        cutOff?.throwIfAborted()
        const all = brought.flat()
        const rests = cooling.rests(clock.now())
        return {
          quotes: all.flatMap(({ quotes }) => quotes),
          failures: all.flatMap(({ failure }) => failure ?? []),
          ...(Object.keys(rests).length > 0 && { rests }),
        }
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

async function fromVenue(
  world: World,
  { venue, baseUrl }: VenueAt,
  instruments: readonly Instrument[],
): Promise<Results> {
  const now = world.clock.now()
  const gone = instruments.filter((each) => world.unknown.until(venue.name, each, now))
  const requests = venue.requests(instruments.filter((each) => !gone.includes(each)))
  const asked = new Set(requests.flatMap((request) => request.instruments.map(instrumentName)))
  const left = instruments.filter(
    (each) => !gone.includes(each) && !asked.has(instrumentName(each)),
  )
  const brought = await Promise.all(
    requests.map(async (request, index) => {
      await turnOf(index, venue, world.signal)
      return askInParts(world, { venue, baseUrl, request })
    }),
  )
  return [
    ...brought.flat(),
    ...unasked(venue.name, 'the venue trades nothing of this kind', left),
    ...unasked(venue.name, 'the venue did not know this name minutes ago', gone),
  ]
}

/** More at once than a venue takes would have all of them refused, and the venue cooling. */
async function turnOf(
  index: number,
  { requestsPerSecond = Infinity }: Venue,
  signal: AbortSignal,
): Promise<void> {
  const seconds = Math.floor(index / requestsPerSecond)
  if (seconds === 0 || signal.aborted) return
  try {
    await wait(seconds * 1_000, undefined, { signal })
  } catch (error) {
    // The deadline came first: whoever asks now is told so.
    if (!signal.aborted) throw error
  }
}

/** Each once, however many markets want it. */
function instrumentsOf(
  name: string,
  wanted: Parameters<QuoteSource['latest']>[0],
): readonly Instrument[] {
  const byName = new Map(
    wanted
      .filter(({ venue }) => venue === name)
      .map(({ instrument }) => [instrumentName(instrument), instrument]),
  )
  return [...byName.values()]
}

/** A mistake in what is wanted: nothing was asked, so there is nothing that could be read. */
function unasked(venue: string, detail: string, instruments: readonly Instrument[]): Results {
  if (instruments.length === 0) return []
  const names = instruments.map(instrumentName)
  return [{ quotes: [], failure: { venue, why: 'unreadable', detail, instruments: names } }]
}
