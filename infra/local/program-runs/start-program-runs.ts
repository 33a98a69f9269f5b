import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import type { Timestamp } from '../../../lib/domain/time.ts'
import { answerFaultAdmin } from '../fault-admin.ts'
import { close, httpServer, listen } from '../http-server.ts'
import { writePie } from '../provers/pie.ts'
import { programHash } from '../provers/program-hash.ts'
import { Hex } from './ask-node.ts'
import type { MadeRun, MakeRun, Wanted } from './made-run.ts'
import { RunFault, runFaultBoard, runFaultNames, type RunFaults } from './run-faults.ts'

export type ProgramRunsServerOptions = {
  /** What is run, and over what. */
  readonly make: MakeRun
  /** Any free one unless given. */
  readonly port?: number | undefined
  readonly adminPort?: number | undefined
  /** How long a run takes from when it was first asked for. */
  readonly runMs?: number | undefined
  /** The machine's own unless given. */
  readonly clock?: { now(): Timestamp } | undefined
}

export type RunningProgramRuns = {
  readonly url: string
  /** Where faults are switched: `GET`, `POST` and `DELETE /faults[?fault=]`. */
  readonly adminUrl: string
  readonly faults: RunFaults
  stop(): Promise<void>
}

/** A run of a real block takes minutes; here one can be watched. */
const usualRunMs = 2_000

/** Whoever asks for a run comes for its PIE at once: so many are more than are on their way. */
const keptPies = 20

/** Serves program runs from this process as an operator's service would, with all that can be wrong with it. */
export async function startProgramRuns({
  make,
  port = 0,
  adminPort = 0,
  runMs = usualRunMs,
  clock = { now: () => Date.now() as Timestamp },
}: ProgramRunsServerOptions): Promise<RunningProgramRuns> {
  const faults = runFaultBoard()
  const begun = new Map<string, Timestamp>()
  const pies = new Map<string, Uint8Array>()

  async function runFor(wanted: Wanted, key: string): Promise<Said> {
    const now = clock.now()
    const since = begun.get(key) ?? now
    begun.set(key, since)
    if (now - since < runMs || faults.use('not-ready')) return notReady
    const spoilt = faults.use('wrong-root') ?? faults.use('other-chain')
    const run = await make(wanted, spoilt?.fault)
    return run ? told(run) : notReady
  }

  function told(run: MadeRun): Said {
    const pie = writePie(run)
    const name = `pies/${createHash('sha256').update(pie).digest('hex')}.zip`
    // The newest last.
    pies.delete(name)
    pies.set(name, pie)
    for (const old of [...pies.keys()].slice(0, -keptPies)) pies.delete(old)
    return json(200, shapeOf(run, name))
  }

  async function answerOf(url: URL): Promise<Said> {
    const pie = pies.get(url.pathname.slice(1))
    if (pie && faults.use('half-a-pie')) return zip(pie.subarray(0, pie.length / 2))
    if (pie) return zip(pie)
    const wanted = wantedIn(url)
    if (wanted === 'elsewhere') return { status: 404, type: 'text/plain', body: 'not found\n' }
    if (!wanted) return json(400, { code: 'BAD_REQUEST', message: 'which run is meant?' })
    return await runFor(wanted, url.pathname + url.search)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const slow = faults.use('slow')
    if (slow) await sleep(slow.ms)
    const said = instead() ?? (await answerOf(new URL(request.url ?? '/', 'http://runs')))
    const { status, type, body, headers } = said
    response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  }

  /** What is said in the service's place; undefined where it is heard itself. */
  function instead(): Said | undefined {
    const limit = faults.use('rate-limit')
    if (limit)
      return {
        ...json(429, { code: 'TOO_MANY_REQUESTS' }),
        headers: { 'retry-after': String(limit.retryAfterSeconds) },
      }
    const error = faults.use('server-error')
    if (error) return json(error.status, { code: 'INTERNAL_ERROR' })
    const page = faults.use('html')
    return page && { status: page.status, type: 'text/html', body: '<html><h1>Hello</h1></html>' }
  }

  const server = httpServer(caught(serve))
  const admin = httpServer(
    caught(async (request, response) =>
      answerFaultAdmin({ schema: RunFault, names: runFaultNames, faults }, request, response),
    ),
  )
  const [host, adminHost] = [await listen(server, port), await listen(admin, adminPort)]
  return {
    url: `http://${host}`,
    adminUrl: `http://${adminHost}`,
    faults,
    async stop() {
      await Promise.all([close(server), close(admin)])
    },
  }
}

type Said = {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

const notReady = json(404, { code: 'RUN_NOT_READY', message: 'the program was not run yet' })

function json(status: number, body: object): Said {
  return { status, type: 'application/json', body: JSON.stringify(body) }
}

function zip(body: Uint8Array): Said {
  return { status: 200, type: 'application/zip', body }
}

function shapeOf(run: MadeRun, pie: string): object {
  const { onchainData, applicationData, blobs } = run
  return {
    program_hash: inHex(programHash(run.program)),
    n_steps: run.steps,
    program_output: run.programOutput.map(inHex),
    ...(onchainData && {
      onchain_data: { hash: inHex(onchainData.hash), size: Number(onchainData.size) },
    }),
    ...(blobs && { blobs }),
    ...(applicationData && { application_data: applicationData.map(inHex) }),
    pie,
  }
}

const Query = z.object({
  previousRoot: Hex,
  newRoot: Hex,
  previousHash: Hex,
  lastHash: Hex,
})

/** Undefined where the request does not say which run. */
function wantedIn({ pathname, searchParams }: URL): Wanted | 'elsewhere' | undefined {
  const named = /^\/runs\/(?<first>\d{1,12})-(?<last>\d{1,12})$/.exec(pathname)?.groups
  if (!named) return 'elsewhere'
  const query = Query.safeParse(Object.fromEntries(searchParams))
  if (!query.success) return undefined
  return { first: Number(named['first']), last: Number(named['last']), ...query.data }
}

function inHex(value: bigint): `0x${string}` {
  return `0x${value.toString(16)}`
}

function caught(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): RequestListener {
  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The simulator's own failure must not look like a service's.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`the local program runs themselves failed: ${String(error)}`)
    })
  }
}
