import * as z from 'zod/mini'

import { Decimal } from '../../domain/decimal.ts'
import { parseMarket } from '../../domain/market.ts'
import type { ReportSignature, SignedReport } from '../../domain/report.ts'
import { timestamp, unixSeconds } from '../../domain/time.ts'

/**
 * A node's reports of one round as they go over HTTP. Only what is signed, and numbers as texts; a signature stands beside the
 * exchange that it is for, by chain and contract, since each operator's network file calls exchanges as it likes.
 */
export type WireReports = {
  readonly node: string
  readonly round: number
  readonly reports: readonly SignedReport[]
  /** Of a list that was read, how many are no reports. */
  readonly unreadable: number
}

/** By the network file's name of an exchange: which contract on which chain that is. */
export type Targets = Readonly<Record<string, string>>

const schema = '1'

/** The text of a node's reports; signatures for exchanges without a target are left out. */
export function writeReports(
  { node, round, reports }: Omit<WireReports, 'unreadable'>,
  targets: Targets,
): string {
  return JSON.stringify({
    schema,
    node,
    round: String(round),
    reports: reports.map(({ feed, price, signatures, ...rest }) => ({
      feed,
      price: price.toFixed(),
      observedAt: String(unixSeconds(rest.observedAt)),
      oldestInputAt: String(unixSeconds(rest.oldestInputAt)),
      sources: String(rest.sources),
      configHash: rest.configHash,
      signatures: Object.fromEntries(
        Object.entries(signatures).flatMap(([engine, signature]) => {
          const target = Object.hasOwn(targets, engine) ? targets[engine] : undefined
          return target === undefined ? [] : [[target, signature]]
        }),
      ),
    })),
  })
}

/** Reads what anybody may have written. Throws `WireReportsError` where that is no list of reports at all. */
export function readReports(text: string, targets: Targets): WireReports {
  try {
    const { node, round, reports } = Envelope.parse(JSON.parse(text))
    const engines = new Map(Object.entries(targets).map(([engine, target]) => [target, engine]))
    const read = reports.flatMap((one) => {
      const report = Report.safeParse(one)
      if (!report.success) return []
      const { signatures, ...rest } = report.data
      return [{ ...rest, node, round, signatures: named(signatures, engines) }]
    })
    return { node, round, reports: read, unreadable: reports.length - read.length }
  } catch (error) {
    throw new WireReportsError(error)
  }
}

/** Those for our exchanges, by our names. */
function named(
  signatures: Readonly<Record<string, ReportSignature>>,
  engines: ReadonlyMap<string, string>,
): SignedReport['signatures'] {
  return Object.fromEntries(
    Object.entries(signatures).flatMap(([target, signature]) => {
      const engine = engines.get(target)
      return engine === undefined ? [] : [[engine, signature]]
    }),
  )
}

/** Far more than any exchange lists. */
const mostReports = 2_000
const mostEngines = 32

const short = (most: number) => z.string().check(z.maxLength(most))
const digits = (most: number) =>
  z.pipe(
    short(most).check(z.regex(/^(?:0|[1-9]\d*)$/)),
    z.transform((text) => Number(text)),
  )
const hex = (most: number) =>
  z.pipe(
    short(most + 2).check(z.regex(/^0x[0-9a-f]+$/)),
    z.transform((text) => text as `0x${string}`),
  )
/** Seconds until the year 2286. */
const seconds = z.pipe(
  digits(10),
  z.transform((value) => timestamp(value * 1000)),
)

const Envelope = z.strictObject({
  schema: z.literal(schema),
  node: short(40),
  round: digits(15),
  reports: z.array(z.unknown()).check(z.maxLength(mostReports)),
})

const Signature = z.strictObject({
  signer: hex(64),
  signature: z.array(hex(130)).check(z.maxLength(4)),
  seal: z.optional(z.tuple([hex(64), hex(64)])),
})

const Report = z.strictObject({
  feed: z.pipe(
    short(40).check(z.regex(/^[A-Z0-9]+-[A-Z]+$/)),
    z.transform((symbol) => parseMarket(symbol)),
  ),
  // In one form only, so that equal prices are equal texts.
  price: z.pipe(
    short(60).check(z.regex(/^(?:0|[1-9]\d*)(?:\.\d{0,17}[1-9])?$/)),
    z.transform((text) => new Decimal(text)),
  ),
  observedAt: seconds,
  oldestInputAt: seconds,
  sources: digits(5),
  configHash: hex(64),
  signatures: z
    .record(short(200), Signature)
    .check(z.refine((all) => Object.keys(all).length <= mostEngines)),
})

/** The text is no list of reports: cut off, of another schema, or something else. */
export class WireReportsError extends Error {
  override readonly name = 'WireReportsError'

  constructor(cause: unknown) {
    super(`the answer is no list of reports of schema ${schema}`, { cause })
  }
}
