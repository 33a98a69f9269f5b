import { z } from 'zod'

import { Fault, UnknownVenueError } from './faults.ts'
import type { Faults } from './faults.ts'
import type { SimulatedAnswer, SimulatedRequest } from './venue-simulator.ts'

/** Faults over HTTP: `POST /faults {"venue", "fault", …}`, `GET /faults`, `DELETE /faults[?venue=]`. */
export function administer(
  faults: Faults,
  { method, query, body }: Pick<SimulatedRequest, 'method' | 'query' | 'body'>,
): SimulatedAnswer {
  switch (method) {
    case 'GET':
      return listed(faults)
    case 'POST':
      return switchOn(faults, body)
    case 'DELETE':
      faults.clear(query.get('venue') ?? undefined)
      return listed(faults)
    default:
      return complaint(405, 'faults are read with GET, set with POST and cleared with DELETE')
  }
}

const Venue = z.looseObject({ venue: z.string() })

function switchOn(faults: Faults, body: string): SimulatedAnswer {
  try {
    const { venue, ...fault } = Venue.parse(JSON.parse(body))
    faults.set(venue, Fault.parse(fault))
  } catch (error) {
    if (error instanceof SyntaxError) return complaint(400, 'the body is not JSON')
    if (error instanceof z.ZodError) return complaint(400, z.prettifyError(error))
    if (error instanceof UnknownVenueError) return complaint(400, error.message)
    throw error
  }
  return listed(faults)
}

function listed(faults: Faults): SimulatedAnswer {
  const rows = faults.list().map(({ venue, fault, since }) => ({ venue, ...fault, since }))
  return { status: 200, body: JSON.stringify(rows) }
}

function complaint(status: number, error: string): SimulatedAnswer {
  return { status, body: JSON.stringify({ error }) }
}
