import { priceToWire } from '../../../domain/price-message.ts'
import type { Report, ReportSignature, SignedReport } from '../../../domain/report.ts'
import type { OracleKeys, StarkClaim, StarkCurve, StarkKey } from '../../../ports.ts'
import { feltHex } from '../../starknet-felt.ts'
import type { Listing } from './core.ts'
import { messageOf, signatureNumbers, strangersMessage } from './price-signature.ts'
import type { Registry } from './registry.ts'
import { type SealDomain, sealHash, sealNumbers, sealOf } from './seal.ts'

/** What reports of one exchange are signed and verified by. */
export type Signing = {
  readonly engine: string
  /** Where its contract is. */
  readonly contract: Pick<SealDomain, 'chainId' | 'address'>
  /** By market. */
  readonly listings: ReadonlyMap<string, Listing>
  readonly registry: Pick<Registry, 'names'>
  readonly curve: StarkCurve
  /** Why the exchange cannot store a price, at 18 decimals, as it is; undefined where it can. */
  readonly whyNotStorable: (wire: bigint, resolutionFactor: bigint) => string | undefined
}

/** Each by the first key that has a name for it; undefined where none has, or its feed is not listed. */
export async function signReports(
  signing: Signing,
  reports: readonly Report[],
  [key, ...others]: readonly StarkKey[],
): Promise<readonly (ReportSignature | undefined)[]> {
  if (!key) return reports.map(() => undefined)
  const signed = await signedBy(signing, reports, key)
  const left = reports.filter((_, at) => signed[at] === undefined)
  if (left.length === 0 || others.length === 0) return signed
  const byOthers = (await signReports(signing, left, others)).values()
  return signed.map((one) => one ?? byOthers.next().value)
}

/** All in two batches. */
async function signedBy(
  { contract, listings, registry, curve, whyNotStorable }: Signing,
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
      const domain = { ...contract, assetId: listing.assetId }
      return names && { report, domain, message: messageOf(names, report) }
    }),
  )
  const signed = present(messages)
  const hashes = curve.pedersen(signed.map(({ message }) => message))
  const signatures = await stark.signAll(hashes)
  const seals = await stark.signAll(
    signed.map(({ report, domain }, at) =>
      sealHash(report, signatures[at] ?? { r: 0n, s: 0n }, domain),
    ),
  )
  const signer = feltHex(key)
  return spread(
    messages,
    signatures.map(({ r, s }, at) => ({
      signer,
      signature: [feltHex(r), feltHex(s)],
      seal: sealOf(seals[at] ?? { r: 0n, s: 0n }),
    })),
  )
}

/** The newest first. */
export function starkKeys({ stark, next }: OracleKeys): readonly StarkKey[] {
  return present([next?.stark, stark])
}

type Claimed = {
  readonly report: SignedReport
  readonly signature: ReportSignature
  readonly listing: Listing
  readonly claim: StarkClaim
}

/** Whether each is signed as the exchange wants it, by a key that it knows, and sealed for this one exchange, feed and round. */
export async function verifyReports(
  signing: Signing,
  reports: readonly SignedReport[],
): Promise<readonly boolean[]> {
  const claimed = await claimsOf(signing, reports)
  const seals = claimed.map((one) => one && sealClaim(signing, one))
  const claims = claimed.flatMap((one, at) => {
    const seal = seals[at]
    return one && seal ? [one.claim, seal] : []
  })
  const verdicts = signing.curve.verify(claims)
  const both = claims.flatMap((_, at) => (at % 2 === 0 ? [verdicts[at] && verdicts[at + 1]] : []))
  return spread(seals, both).map((verdict) => verdict === true)
}

async function claimsOf(
  { engine, listings, registry, curve }: Signing,
  reports: readonly SignedReport[],
): Promise<readonly (Claimed | undefined)[]> {
  const signed = await Promise.all(
    reports.map(async (report) => {
      const listing = listings.get(report.feed)
      const signature = report.signatures[engine]
      const numbers = signature && signatureNumbers(signature)
      if (!listing || !numbers) return undefined
      const names = await registry.names(BigInt(listing.assetId), numbers.key)
      const message = names && strangersMessage(names, report)
      return message && { report, signature, listing, message, numbers }
    }),
  )
  const hashes = curve.pedersen(present(signed).map(({ message }) => message))
  return spread(
    signed,
    present(signed).map(({ report, signature, listing, numbers }, at) => ({
      report,
      signature,
      listing,
      claim: { ...numbers, hash: hashes[at] ?? 0n },
    })),
  )
}

function sealClaim({ contract }: Signing, one: Claimed): StarkClaim | undefined {
  const { report, signature, claim, listing } = one
  const seal = sealNumbers(signature)
  if (!seal) return undefined
  const hash = sealHash(report, claim, { ...contract, assetId: listing.assetId })
  return { key: claim.key, hash, ...seal }
}

function present<T>(items: readonly (T | undefined)[]): readonly T[] {
  return items.filter((item) => item !== undefined)
}

/** Gives each item that is present its result. */
function spread<R>(items: readonly unknown[], results: readonly R[]): readonly (R | undefined)[] {
  const next = results.values()
  return items.map((item) => (item === undefined ? undefined : next.next().value))
}
