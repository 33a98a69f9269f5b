import * as z from 'zod/mini'

import type { BatchContent } from '../../domain/proving/batch.ts'
import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'
import type { BatchInput, Clock } from '../../ports.ts'
import { type MutualTls, NoAnswerError } from '../http-client.ts'
import { retryAfterMs } from '../retry-after.ts'
import { SourceUnavailableError } from './errors.ts'
import { type BytesAnswer, getBytes } from './get-bytes.ts'

/** Whoever runs the program over a batch: an operator's Starknet OS, or its StarkEx service. */
export type ProgramRuns = {
  /** Undefined while it was not run yet. Throws `SourceUnavailableError` for all that says nothing. */
  run(wanted: RunWanted): Promise<BatchInput | undefined>
}

/** Which run: of these blocks or batches, both included, and from which state to which. */
export type RunWanted = Pick<BatchContent, 'previous' | 'last' | 'previousRoot' | 'newRoot'> & {
  readonly first: number
}

export type ProgramRunsOptions = {
  /** Of the network file: errors tell it, and never the address. */
  readonly name: string
  readonly url: string
  readonly clock: Pick<Clock, 'now'>
  readonly tls?: (() => Promise<MutualTls>) | undefined
  readonly timeoutMs?: number | undefined
  readonly pieTimeoutMs?: number | undefined
  readonly maxPieBytes?: number | undefined
  /** Ends every question that has no answer yet, and each new one. */
  readonly cutOff?: AbortSignal | undefined
}

/** What a run puts out is looked up, not computed while somebody waits. */
const usualTimeoutMs = 30_000

/** A PIE of hundreds of megabytes on a slow line. */
const usualPieTimeoutMs = 300_000

/** Nine blobs of 262,146 characters, the most that a block of L1 takes now, and an output that fills a transaction. */
const maxRunBytes = 16 * 1024 * 1024

/** A PIE of tens of millions of steps, packed; more does not fit beside itself into a function's memory. */
const usualMaxPieBytes = 512 * 1024 * 1024

/** Asks for runs at `<url>/runs/<first>-<last>` with the states that they are between, and for the PIE where the answer says. */
export function programRuns(options: ProgramRunsOptions): ProgramRuns {
  const { name, clock, timeoutMs = usualTimeoutMs, pieTimeoutMs = usualPieTimeoutMs } = options
  const base = options.url.replace(/\/+$/, '')
  let secret: Promise<MutualTls> | undefined

  async function tls(): Promise<MutualTls | undefined> {
    // What cannot be read now may be there the next time.
    secret ??= options.tls?.().catch((error: unknown) => {
      secret = undefined
      throw error
    })
    return await secret
  }

  async function ask(
    url: string,
    { maxBytes, limitMs }: { readonly maxBytes: number; readonly limitMs: number },
  ): Promise<BytesAnswer> {
    const limit = AbortSignal.timeout(limitMs)
    const signal = options.cutOff ? AbortSignal.any([limit, options.cutOff]) : limit
    // Who it is, is shown to the service alone, not to where its files are.
    const isOwn = new URL(url).origin === new URL(base).origin
    try {
      return await getBytes(url, { maxBytes, signal, ...(isOwn && { tls: await tls() }) })
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      const isCutOff = options.cutOff?.aborted === true
      const late = isCutOff ? 'cut off' : `none in ${limitMs} ms`
      throw new SourceUnavailableError(name, error.trouble === 'timeout' ? late : error.message, {
        cause: error,
      })
    }
  }

  function unusable({ status, retryAfter, body }: BytesAnswer, why?: string) {
    const wait = retryAfterMs(retryAfter, clock.now())
    const words = why ?? (oneLine(body) || 'nothing')
    return new SourceUnavailableError(name, `status ${status}, ${words}`, { retryAfterMs: wait })
  }

  async function pieAt(url: string): Promise<Uint8Array> {
    const maxBytes = options.maxPieBytes ?? usualMaxPieBytes
    const answer = await ask(url, { maxBytes, limitMs: pieTimeoutMs })
    if (answer.status !== 200) throw unusable(answer)
    if (!isWholeZip(answer.body)) throw unusable(answer, 'the PIE is no whole zip')
    return answer.body
  }

  return {
    async run(wanted) {
      const answer = await ask(`${base}${pathOf(wanted)}`, {
        maxBytes: maxRunBytes,
        limitMs: timeoutMs,
      })
      if (answer.status === 404 && isNotReady(answer.body)) return undefined
      if (answer.status !== 200) throw unusable(answer)
      const read = Run.safeParse(jsonIn(answer.body))
      if (!read.success) throw unusable(answer, unreadable(read.error))
      const pie = pieUrl(read.data.pie, `${base}/`)
      if (pie === undefined) throw unusable(answer, 'the PIE is nowhere')
      return { pie: await pieAt(pie), ...runOf(read.data) }
    },
  }
}

function pathOf({ first, last, previous, previousRoot, newRoot }: RunWanted): string {
  const query = new URLSearchParams({
    previousRoot,
    newRoot,
    previousHash: previous.hash,
    lastHash: last.hash,
  })
  return `/runs/${first}-${last.number}?${query.toString()}`
}

const hex = z.string().check(z.regex(/^0x[0-9a-fA-F]{1,64}$/))
const word = z.pipe(
  hex,
  z.transform((text) => BigInt(text)),
)
const bytes = (count: number) =>
  z.pipe(
    z.string().check(z.regex(new RegExp(`^0x[0-9a-fA-F]{${2 * count}}$`))),
    z.transform((text): `0x${string}` => `0x${text.slice(2).toLowerCase()}`),
  )

/** EIP-4844. */
const blobBytes = 131_072
const proofBytes = 48
/** More than a block takes. */
const mostBlobs = 72
/** More than L1 would take in one transaction. */
const mostWords = 100_000

const words = z.array(word).check(z.maxLength(mostWords))
const blob = z.string().check(z.length(2 + 2 * blobBytes), z.regex(/^0x[0-9a-fA-F]*$/))

const Run = z
  .object({
    program_hash: hex,
    n_steps: z.int().check(z.positive()),
    program_output: words,
    onchain_data: z.optional(
      z.object({
        hash: word,
        size: z.union([
          word,
          z.pipe(
            z.int().check(z.nonnegative()),
            z.transform((size) => BigInt(size)),
          ),
        ]),
      }),
    ),
    blobs: z.optional(
      z.object({
        blobs: z.array(blob).check(z.maxLength(mostBlobs)),
        proofs: z.array(bytes(proofBytes)).check(z.maxLength(mostBlobs)),
      }),
    ),
    application_data: z.optional(words),
    layout_bridge_output: z.optional(words),
    pie: z.string(),
  })
  .check(
    z.refine(({ onchain_data, blobs }) => !(onchain_data && blobs), 'its data is in two places'),
  )
type Run = z.output<typeof Run>

function runOf(run: Run): Omit<BatchInput, 'pie'> {
  const { onchain_data, blobs, application_data, layout_bridge_output } = run
  const output: SettlementOutput = {
    programOutput: run.program_output,
    ...(application_data && { applicationData: application_data }),
    ...(onchain_data && { data: { kind: 'calldata', ...onchain_data } }),
    ...(blobs && {
      data: { kind: 'blobs', blobs: blobs.blobs.map(lowerHex), proofs: blobs.proofs },
    }),
    ...(layout_bridge_output && { bridgeOutput: layout_bridge_output }),
  }
  return { steps: run.n_steps, programHash: lowerHex(run.program_hash), output }
}

function lowerHex(text: string): `0x${string}` {
  return `0x${text.slice(2).toLowerCase()}`
}

const Coded = z.object({ code: z.literal('RUN_NOT_READY') })

/** Any other 404 may be that of somebody in front of it. */
function isNotReady(body: Buffer): boolean {
  return Coded.safeParse(jsonIn(body)).success
}

/** Beside the runs, or where it says; undefined where that is no place on the web. */
function pieUrl(pie: string, base: string): string | undefined {
  const url = URL.canParse(pie, base) ? new URL(pie, base) : undefined
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined
}

const zipStart = Buffer.from('PK\u0003\u0004', 'latin1')
const zipEnd = Buffer.from('PK\u0005\u0006', 'latin1')
/** The end's own record and the longest comment after it. */
const zipTailBytes = 22 + 65_535

/** Neither somebody's page nor the beginning of a zip. */
function isWholeZip(body: Buffer): boolean {
  return (
    body.subarray(0, zipStart.length).equals(zipStart) &&
    body.subarray(-zipTailBytes).includes(zipEnd)
  )
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function unreadable({ issues: [issue] }: z.core.$ZodError): string {
  const where = issue?.path.map(String).join('.')
  return `no run of a program: ${where ? `${where}: ` : ''}${issue?.message ?? 'no reason'}`
}

function oneLine(body: Buffer): string {
  return body
    .subarray(0, 1_000)
    .toString('utf8')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
