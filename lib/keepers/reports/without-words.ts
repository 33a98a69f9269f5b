import type { Lie } from '../../domain/peer-sight.ts'
import type { SignedReport } from '../../domain/report.ts'

/**
 * A report with who signed it, but without the words of the signature: they were verified when the report came, decide nothing
 * after that, and are the most of what history would keep, since no packer makes them smaller.
 */
export function withoutWords(report: SignedReport): SignedReport {
  const signers = Object.entries(report.signatures).map(
    ([engine, { signer }]) => [engine, { signer, signature: [] }] as const,
  )
  return { ...report, signatures: Object.fromEntries(signers) }
}

/** As {@link withoutWords}; the words themselves are in the row of the look that found it. */
export function lieWithoutWords(lie: Lie): Lie {
  return { ...lie, evidence: lie.evidence.map(withoutWords) }
}
