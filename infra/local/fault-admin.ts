import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { z } from 'zod'

/** The faults of one part of the local network, as its owner switches them. */
export type FaultAdmin<F, N extends string> = {
  readonly schema: z.ZodType<F>
  readonly names: readonly N[]
  readonly faults: {
    set(fault: F): void
    /** One kind, or all. */
    clear(name?: N): void
    list(): readonly F[]
  }
}

/** Faults over HTTP: `GET`, `POST {"fault", …}` and `DELETE /faults[?fault=]`. */
export async function answerFaultAdmin<F, N extends string>(
  admin: FaultAdmin<F, N>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://admin')
  const said = answerOf(admin, `${request.method} ${pathname}`, {
    body: await text(request),
    wanted: searchParams.get('fault') ?? undefined,
  })
  response
    .writeHead(said.status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(said.answer)}\n`)
}

type Said = { readonly status: number; readonly answer: unknown }

function answerOf<F, N extends string>(
  { schema, names, faults }: FaultAdmin<F, N>,
  asked: string,
  { body, wanted }: { readonly body: string; readonly wanted: string | undefined },
): Said {
  const listed = (): Said => ({ status: 200, answer: faults.list() })
  switch (asked) {
    case 'GET /faults':
      return listed()
    case 'POST /faults': {
      const read = schema.safeParse(jsonIn(body))
      if (!read.success) return complaint(400, z.prettifyError(read.error))
      faults.set(read.data)
      return listed()
    }
    case 'DELETE /faults': {
      const name = names.find((one) => one === wanted)
      if (wanted !== undefined && name === undefined)
        return complaint(400, `no fault "${wanted}"; there are ${names.join(', ')}`)
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
