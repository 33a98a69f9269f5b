import { z } from 'zod'

import type { Timestamp } from '../../../lib/domain/time.ts'
import type { MarketScenarios } from '../market/market.ts'
import { Scenario } from '../market/scenarios.ts'
import type { SimulatedAnswer, SimulatedRequest } from './venue-simulator.ts'

/** Scenarios over HTTP: `POST /scenarios {"kind", …}` begins one now, `GET /scenarios` lists them, `DELETE /scenarios` ends all. */
export function playing(
  scenarios: MarketScenarios | undefined,
  { method, body }: Pick<SimulatedRequest, 'method' | 'body'>,
  now: Timestamp,
): SimulatedAnswer {
  if (!scenarios) return complaint(409, 'nothing can be made to happen in a recording')
  switch (method) {
    case 'GET':
      return listed(scenarios)
    case 'POST':
      return begun(scenarios, body, now)
    case 'DELETE':
      scenarios.calm()
      return listed(scenarios)
    default:
      return complaint(405, 'scenarios are read with GET, begun with POST and ended with DELETE')
  }
}

const Given = z.looseObject({})

function begun(scenarios: MarketScenarios, body: string, now: Timestamp): SimulatedAnswer {
  try {
    const given = Given.parse(JSON.parse(body))
    scenarios.play(Scenario.parse({ at: now, ...given }))
  } catch (error) {
    if (error instanceof SyntaxError) return complaint(400, 'the body is not JSON')
    if (error instanceof z.ZodError) return complaint(400, z.prettifyError(error))
    throw error
  }
  return listed(scenarios)
}

function listed(scenarios: MarketScenarios): SimulatedAnswer {
  return { status: 200, body: JSON.stringify(scenarios.list()) }
}

function complaint(status: number, error: string): SimulatedAnswer {
  return { status, body: JSON.stringify({ error }) }
}
