/** The curve's zero: the commitment of the blob that is nothing everywhere, and the proof of one that is the same everywhere. */
export const zeroOfCurve = `0xc0${'00'.repeat(47)}` as const

/** The first group's generator: the commitment of the blob that is 1 everywhere. */
export const generatorOfCurve =
  '0x97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb'

export const zeroBlob = `0x${'00'.repeat(131_072)}` as const

export const blobOfOnes = `0x${'1'.padStart(64, '0').repeat(4_096)}` as const

/** All that travels with the blob that is nothing everywhere. */
export const zeroSidecar = {
  blob: zeroBlob,
  commitment: zeroOfCurve,
  cellProofs: Array.from({ length: 128 }, () => zeroOfCurve),
}
