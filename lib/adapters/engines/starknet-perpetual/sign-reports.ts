import { priceToWire } from '../../../domain/price-message.ts'
import type { Report, ReportSignature, SignedReport } from '../../../domain/report.ts'
import type { StarkCurve, StarkKey } from '../../../ports.ts'
import { feltHex } from '../../starknet-felt.ts'
import type { Listing } from './core.ts'
import { messageOf, signatureNumbers, strangersMessage } from './price-signature.ts'
import { whyNotStorable } from './price-tick.ts'
import type { Registry } from './registry.ts'

/** What reports of one exchange are signed and verified by. */
export type Signing = {
  readonly engine: string
  /** By market. */
  readonly listings: ReadonlyMap<string, Listing>
  readonly registry: Registry
  readonly curve: StarkCurve
}

/** All in one batch; undefined for a report that the key has no name for, or whose feed is not listed. */
export async function signReports(
  { listings, registry, curve }: Signing,
  reports: readonly Report[],
  stark: StarkKey,
): Promise<readonly (ReportSignature | undefined)[]> {
  const key = BigInt(stark.publicKey)
  const messages = await Promise.all(
    reports.map(async (report) => {
      const listing = listings.get(report.feed)
      if (!listing) return undefined
      // What the exchange would store as 0 must not exist with a signature.
      if (whyNotStorable(priceToWire(report.price), listing.resolutionFactor)) return undefined
      const names = await registry.names(BigInt(listing.assetId), key)
      return names && messageOf(names, report)
    }),
  )
  const signatures = await stark.signAll(curve.pedersen(present(messages)))
  const signer = feltHex(key)
  return spread(
    messages,
    signatures.map(({ r, s }) => ({ signer, signature: [feltHex(r), feltHex(s)] })),
  )
}

/** All in one batch, whoever signed them. */
export async function verifyReports(
  { engine, listings, registry, curve }: Signing,
  reports: readonly SignedReport[],
): Promise<readonly boolean[]> {
  const signed = await Promise.all(
    reports.map(async (report) => {
      const listing = listings.get(report.feed)
      const signature = report.signatures[engine]
      const numbers = signature && signatureNumbers(signature)
      if (!listing || !numbers) return undefined
      const names = await registry.names(BigInt(listing.assetId), numbers.key)
      const message = names && strangersMessage(names, report)
      return message && { message, numbers }
    }),
  )
  const hashes = curve.pedersen(present(signed).map(({ message }) => message))
  const claims = present(signed).map(({ numbers }, at) => ({ ...numbers, hash: hashes[at] ?? 0n }))
  return spread(signed, curve.verify(claims)).map((verdict) => verdict === true)
}

function present<T>(items: readonly (T | undefined)[]): readonly T[] {
  return items.filter((item) => item !== undefined)
}

/** Gives each item that is present its result. */
function spread<R>(items: readonly unknown[], results: readonly R[]): readonly (R | undefined)[] {
  const next = results.values()
  return items.map((item) => (item === undefined ? undefined : next.next().value))
}
