import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { z } from 'zod'

import { RunFault, runFaultNames, type RunFaults } from './run-faults.ts'

/** Faults over HTTP: `GET`, `POST {"fault", …}` and `DELETE /faults[?fault=]`. */
export async function answerRunAdmin(
  faults: RunFaults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://admin')
  const said = answerOf(faults, `${request.method} ${pathname}`, {
    body: await text(request),
    wanted: searchParams.get('fault') ?? undefined,
  })
  response
    .writeHead(said.status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(said.answer)}\n`)
}

type Said = { readonly status: number; readonly answer: unknown }

function answerOf(
  faults: RunFaults,
  asked: string,
  { body, wanted }: { readonly body: string; readonly wanted: string | undefined },
): Said {
  const listed = (): Said => ({ status: 200, answer: faults.list() })
  switch (asked) {
    case 'GET /faults':
      return listed()
    case 'POST /faults': {
      const read = RunFault.safeParse(jsonIn(body))
      if (!read.success) return complaint(400, z.prettifyError(read.error))
      faults.set(read.data)
      return listed()
    }
    case 'DELETE /faults': {
      const name = runFaultNames.find((one) => one === wanted)
      if (wanted !== undefined && name === undefined)
        return complaint(400, `no fault "${wanted}"; there are ${runFaultNames.join(', ')}`)
      faults.clear(name)
      return listed()
    }
    default:
      return complaint(404, 'there is /faults')
  }
}

function complaint(status: number, error: string): Said {
  return { status, answer: { error } }
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
