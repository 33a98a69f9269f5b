import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Timestamp } from '../../../lib/domain/time.ts'
import { close, httpServer, listen } from '../http-server.ts'
import {
  type JobBook,
  jobBook,
  type JobSight,
  type JobTimes,
  type RegisterFact,
  type Submission,
  usualTimes,
} from './job-book.ts'
import { answerProverAdmin } from './prover-admin.ts'
import {
  faultBoard,
  type ProverFault,
  type ProverFaultInput,
  type ProverFaultName,
  type WireFault,
} from './prover-faults.ts'

export type ProverServerOptions = {
  readonly clock: { now(): Timestamp }
  /** Any free one unless given. */
  readonly port?: number | undefined
  readonly adminPort?: number | undefined
  readonly times?: Partial<JobTimes> | undefined
  /** Of all that is drawn: the same requests meet the same faults. */
  readonly seed?: number | undefined
  /** Switched on from the start. */
  readonly faults?: readonly ProverFaultInput[] | undefined
  readonly register: RegisterFact
  /** How often it looks whether a fact is to be registered, in real milliseconds; 0: only where `advance` is called. */
  readonly advanceEveryMs?: number | undefined
  /** What it shows, and whose certificates it asks for; without it, it speaks plain HTTP to anybody. All PEM. */
  readonly tls?:
    | { readonly certificate: string; readonly key: string; readonly ca: string }
    | undefined
}

/** One request that came. */
export type ProverRequestRecord = {
  readonly at: Timestamp
  readonly call: 'submit' | 'status' | 'other'
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  /** Whether the prover did what was asked, answered or not. */
  readonly isDone: boolean
  readonly faults: readonly ProverFaultName[]
}

export type RunningProver = {
  readonly url: string
  /** Where faults are switched: `GET`, `POST` and `DELETE /faults[?fault=]`; `GET /jobs`, `DELETE /jobs?key=`, `GET /requests`. */
  readonly adminUrl: string
  readonly faults: {
    set(fault: ProverFaultInput): Promise<void>
    clear(name?: ProverFaultName): Promise<void>
    list(): readonly ProverFault[]
  }
  readonly jobs: () => readonly JobSight[]
  readonly forget: (key: string) => void
  /** The newest ten thousand, oldest first. */
  readonly requests: () => readonly ProverRequestRecord[]
  /** How often work under that key was handed in and reached the prover: more than once means that somebody did not look first. */
  readonly submissions: (key: string) => number
  readonly advance: () => Promise<void>
  /** Refuses connections from now on. Its jobs go on. */
  readonly stop: () => Promise<void>
  /** Listens again where it did. */
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

export type ProverHttpRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export type ProverSaid = {
  readonly status: number
  readonly body: string
  /** `application/json` where absent. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a request asks for; nothing is done before `answer`. */
export type ProverCall = {
  readonly call: ProverRequestRecord['call']
  readonly key: string | undefined
  readonly answer: () => ProverSaid
}

/** One prover's API over its jobs. */
export type ProverApi = {
  /** Behind the host, such as `/v1/gateway`. */
  readonly prefix: string
  readonly newId: (submission: Submission, now: Timestamp, number: number) => string
  readonly read: (request: ProverHttpRequest, book: JobBook) => Promise<ProverCall>
}

/** More than a test looks at; a local network may run for days. */
const mostRecords = 10_000

/** Serves a prover's API from this process, with all that can be wrong with it. */
export async function startProver(
  api: ProverApi,
  options: ProverServerOptions,
): Promise<RunningProver> {
  const { clock, seed = 1, advanceEveryMs = 250, tls } = options
  const board = faultBoard(seed)
  for (const fault of options.faults ?? []) board.set(fault)
  const book = jobBook({
    clock,
    times: { ...usualTimes, ...options.times },
    newId: api.newId,
    fate: () => board.onJob(),
    register: options.register,
  })
  const records: ProverRequestRecord[] = []
  const submissions = new Map<string, number>()

  function note(record: ProverRequestRecord): void {
    records.push(record)
    if (records.length > mostRecords) records.shift()
    const { call, key, isDone } = record
    if (call === 'submit' && key !== undefined && isDone)
      submissions.set(key, (submissions.get(key) ?? 0) + 1)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request)
    const { call, key, answer } = await api.read(asked, book)
    const faults = call === 'other' ? [] : board.onRequest(call)
    const { method, path } = asked
    const noted = { call, key, method, path, faults: faults.map(({ fault }) => fault) }
    const slow = faults.find((fault) => fault.fault === 'slow')
    if (slow) await sleep(slow.ms)
    const instead = faults.map(insteadOf).find((said) => said !== undefined)
    const isDone = instead === undefined
    const said = instead ?? answer()
    note({ at: clock.now(), ...noted, isDone })
    if (said === 'reset') request.socket.resetAndDestroy()
    else if (noted.faults.includes('lost-reply') && isDone) request.socket.destroy()
    else send(response, said)
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response).catch((error: unknown) => fail(response, error))
  }
  const server = httpServer(listener, tls)
  const host = await listen(server, options.port ?? 0)
  const { port } = new URL(`http://${host}`)
  let changing: Promise<void> = Promise.resolve()

  /** One change at a time. */
  async function follow(): Promise<void> {
    changing = after(changing, async () => {
      if (board.isDown()) await close(server)
      if (!board.isDown() && !server.listening) await listen(server, Number(port))
    })
    await changing
  }

  const faults: RunningProver['faults'] = {
    async set(fault) {
      board.set(fault)
      await follow()
    },
    async clear(name) {
      board.clear(name)
      await follow()
    },
    list: () => board.list(),
  }
  const admin = httpServer((request, response) => {
    answerProverAdmin({ faults, book, records: () => records }, request, response).catch(
      (error: unknown) => fail(response, error),
    )
  })
  const adminHost = await listen(admin, options.adminPort ?? 0)
  let isAdvancing = false

  /** A registry that takes its time is not asked by more and more rounds. */
  async function tick(): Promise<void> {
    if (isAdvancing) return
    isAdvancing = true
    await book.advance()
    isAdvancing = false
  }

  const timer =
    advanceEveryMs > 0 ? setInterval(() => void tick(), advanceEveryMs).unref() : undefined
  await follow()

  return {
    url: `${tls ? 'https' : 'http'}://${host}${api.prefix}`,
    adminUrl: `http://${adminHost}`,
    faults,
    jobs: () => book.all(),
    forget: (key) => book.forget(key),
    requests: () => [...records],
    submissions: (key) => submissions.get(key) ?? 0,
    advance: async () => book.advance(),
    stop: async () => faults.set({ fault: 'down' }),
    start: async () => faults.clear('down'),
    async close() {
      clearInterval(timer)
      await changing
      await Promise.all([close(server), close(admin)])
    },
  }
}

async function after(before: Promise<void>, next: () => Promise<void>): Promise<void> {
  await before
  await next()
}

/** What is said in the prover's place; undefined where the prover itself is heard. */
function insteadOf(fault: WireFault): ProverSaid | 'reset' | undefined {
  switch (fault.fault) {
    case 'reset':
      return 'reset'
    case 'proxy-404':
      return fault.form === 'text'
        ? { status: 404, type: 'text/plain', body: '404 page not found\n' }
        : page(404, '404 Not Found')
    case 'bad-gateway':
      return page(fault.status, `${fault.status} ${reasons[fault.status]}`)
    case 'rate-limit':
      return {
        status: 429,
        body: JSON.stringify({
          statusCode: 429,
          error: 'Too Many Requests',
          message: 'Rate limit exceeded',
        }),
        headers: { 'retry-after': String(fault.retryAfterSeconds) },
      }
    case 'spelt':
      return {
        status: 404,
        body: JSON.stringify(Object.fromEntries('404 page not found'.split('').entries())),
      }
    case 'lost-reply':
    case 'slow':
      return undefined
  }
}

const reasons = { 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Time-out' } as const

function page(status: number, title: string): ProverSaid {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`
  return { status, type: 'text/html', body }
}

function send(response: ServerResponse, { status, body, type, headers }: ProverSaid): void {
  response.writeHead(status, { 'content-type': type ?? 'application/json', ...headers }).end(body)
}

async function read(request: IncomingMessage): Promise<ProverHttpRequest> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://prover')
  const { method = 'GET', headers } = request
  return { method, path: pathname, query: searchParams, headers, body: await buffer(request) }
}

/** The simulator's own failure must not look like a prover's. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy()
  else
    response
      .writeHead(500, { 'content-type': 'text/plain' })
      .end(`the prover's simulator itself failed: ${String(error)}`)
}
