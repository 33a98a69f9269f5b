import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

import { decode, encode } from '../../domain/exact-text.ts'

/**
 * Level 5 packs 200 signed reports to little more than their signatures, in a few milliseconds;
 * higher levels cost far more time for the last percent.
 */
const quality = 5

/** A value as compressed bytes: rows are paid for by the kilobyte. */
export function pack(value: unknown): Uint8Array {
  const text = Buffer.from(encode(value), 'utf8')
  return brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  })
}

export function unpack(bytes: Uint8Array): unknown {
  return decode(brotliDecompressSync(bytes).toString('utf8'))
}
