import { encodeFunctionData } from 'viem/utils'

import type { EngineAction, PriceUpdate } from '../../../domain/action.ts'
import type { SignedReport } from '../../../domain/report.ts'
import { evmEngineAbi } from './abi.ts'
import { feedId } from './feed-id.ts'
import { reportFields } from './report-digest.ts'
import { lowerCase, signatureParts } from './report-signature.ts'

/** The call data of one `pushPrices`: all markets, each with its reports by ascending signer. The contract computes the medians again. */
export function encodePushPrices(
  engine: string,
  { round, updates }: Extract<EngineAction, { kind: 'push-prices' }>,
): `0x${string}` {
  if (updates.length === 0) throw new UnfitReportError(engine, 'the push', 'it has no prices')
  const encoded = updates.map((update) => ({
    feedId: feedId(update.market),
    roundId: BigInt(round),
    reports: reportsOf(engine, update, round),
  }))
  return encodeFunctionData({ abi: evmEngineAbi, functionName: 'pushPrices', args: [encoded] })
}

function reportsOf(engine: string, { market, reports }: PriceUpdate, round: number) {
  for (const report of reports) {
    if (report.feed !== market)
      throw new UnfitReportError(engine, describe(report), `it is not of ${market}`)
    if (report.round !== round)
      throw new UnfitReportError(engine, describe(report), `it is not of round ${round}`)
  }
  return reports
    .map((report) => signedReport(engine, report))
    .toSorted((a, b) => (a.signer < b.signer ? -1 : 1))
    .map(({ fields }) => fields)
}

function signedReport(engine: string, report: SignedReport) {
  const signed = report.signatures[engine]
  const parts = signed?.signature[0] === undefined ? undefined : signatureParts(signed.signature[0])
  if (!signed || !parts)
    throw new UnfitReportError(engine, describe(report), 'it has no signature for this engine')
  return { signer: lowerCase(signed.signer), fields: { ...reportFields(report), ...parts } }
}

function describe({ node, feed, round }: SignedReport): string {
  return `the report of ${feed} by ${node} in round ${round}`
}

/** A price was to be pushed with a report that the engine cannot take; keepers verify reports before. */
export class UnfitReportError extends Error {
  override readonly name = 'UnfitReportError'
  readonly engine: string

  constructor(engine: string, what: string, why: string) {
    super(`${what} cannot be pushed to ${engine}: ${why}`)
    this.engine = engine
  }
}
