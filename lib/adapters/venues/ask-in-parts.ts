import type { VenueRequest } from '../../ports.ts'
import { askVenue, type Asking, type Brought, type Question } from './ask-venue.ts'
import type { UnknownNames } from './unknown-names.ts'

/**
 * Asks a question, and where the venue answers for none of the names because it does not know one, asks again for each
 * half: Binance and Kraken do not say which name it is, and one delisted market must not cost the others their price.
 */
export async function askInParts(
  world: Asking & { readonly unknown: UnknownNames },
  question: Question,
): Promise<readonly Brought[]> {
  const whole = await askVenue(world, question)
  const halves = whole.blamesNames ? halvesOf(question) : []
  if (halves.length === 0) return [whole]
  const parts = await Promise.all(
    halves.map((request) => askInParts(world, { ...question, request })),
  )
  const brought = parts.flat()
  // Where nothing at all is known, the names are not what is wrong.
  if (brought.some(({ quotes }) => quotes.length > 0)) learn(world, question, brought)
  return brought
}

function halvesOf({ venue, request }: Question): readonly VenueRequest[] {
  const { instruments } = request
  if (instruments.length < 2) return []
  const middle = instruments.length >> 1
  return [instruments.slice(0, middle), instruments.slice(middle)].flatMap((half) =>
    venue.requests(half),
  )
}

function learn(
  { unknown, clock }: Parameters<typeof askInParts>[0],
  { venue }: Question,
  brought: readonly Brought[],
): void {
  for (const { blamesNames, request } of brought) {
    const [only, ...others] = request.instruments
    if (blamesNames && only && others.length === 0) unknown.learn(venue.name, only, clock.now())
  }
}
