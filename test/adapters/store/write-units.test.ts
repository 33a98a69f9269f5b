import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { pack } from '../../../lib/adapters/store/packed.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { SignedReport } from '../../../lib/domain/report.ts'
import { start } from './samples.ts'

/** Hex that looks like chance to any packer, and is the same each time. */
function noise(seed: string): `0x${string}` {
  return `0x${createHash('sha256').update(seed).digest('hex')}`
}

test('a tick of 200 markets, signed, fits in 20 write units of one kilobyte', () => {
  const reports = Array.from({ length: 200 }, (_, index): SignedReport => {
    return {
      node: 'alpha',
      round: 176_400_000,
      feed: parseMarket(`ASSET${index}-USD`),
      price: new Decimal(BigInt(noise(`price-${index}`).slice(0, 12)).toString()).div(1_000_000),
      observedAt: start,
      oldestInputAt: start,
      sources: 7,
      configHash: noise('config'),
      signatures: {
        'starknet-perpetual': {
          signer: noise('signer'),
          signature: [noise(`r-${index}`), noise(`s-${index}`)],
        },
      },
    }
  })
  expect(pack(reports).byteLength).toBeLessThanOrEqual(20 * 1024)
})
