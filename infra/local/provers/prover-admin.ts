import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { z } from 'zod'

import type { JobBook } from './job-book.ts'
import { type ProverFaultName, ProverFault, proverFaultNames } from './prover-faults.ts'
import type { ProverRequestRecord, RunningProver } from './prover-server.ts'

type Parts = {
  readonly faults: RunningProver['faults']
  readonly book: JobBook
  readonly records: () => readonly ProverRequestRecord[]
}

/** A prover as its owner sees it. */
export async function answerProverAdmin(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://admin')
  const body = await text(request)
  const { status, answer } = await answerOf(parts, `${request.method} ${pathname}`, {
    body,
    query: searchParams,
  })
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(
      `${JSON.stringify(answer, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))}\n`,
    )
}

async function answerOf(
  { faults, book, records }: Parts,
  asked: string,
  given: { readonly body: string; readonly query: URLSearchParams },
): Promise<{ readonly status: number; readonly answer: unknown }> {
  switch (asked) {
    case 'GET /faults':
      return { status: 200, answer: faults.list() }
    case 'POST /faults': {
      const read = readFault(given.body)
      if (!read.success) return { status: 400, answer: { error: z.prettifyError(read.error) } }
      await faults.set(read.data)
      return { status: 200, answer: faults.list() }
    }
    case 'DELETE /faults': {
      const wanted = given.query.get('fault')
      const name = wanted === null ? undefined : nameOf(wanted)
      if (wanted !== null && name === undefined)
        return {
          status: 400,
          answer: { error: `no fault "${wanted}"; there are ${proverFaultNames.join(', ')}` },
        }
      await faults.clear(name)
      return { status: 200, answer: faults.list() }
    }
    case 'GET /jobs':
      return { status: 200, answer: book.all() }
    case 'DELETE /jobs':
      book.forget(given.query.get('key') ?? '')
      return { status: 200, answer: book.all() }
    case 'GET /requests':
      return { status: 200, answer: records() }
    default:
      return { status: 404, answer: { error: 'there are /faults, /jobs and /requests' } }
  }
}

function readFault(body: string) {
  try {
    return ProverFault.safeParse(JSON.parse(body))
  } catch {
    return ProverFault.safeParse(undefined)
  }
}

function nameOf(wanted: string): ProverFaultName | undefined {
  return proverFaultNames.find((name) => name === wanted)
}
