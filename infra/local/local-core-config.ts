import type { z } from 'zod'

import type { Network } from '../../lib/runtime/network/schema.ts'
import type { CoreConfig } from '../contracts/core/core-config.ts'
import { reportQuorum } from './deployments.ts'

/** An oracle node as the core registers it. */
export type CoreOracle = { readonly publicKey: string }

/** How the local core is set up: the template's markets, each with all oracle nodes. */
export function localCoreConfig({
  template,
  operator,
  oracles,
}: {
  readonly template: Network
  readonly operator: string
  readonly oracles: readonly CoreOracle[]
}): z.input<typeof CoreConfig> {
  const assets = Object.entries(template.markets).flatMap(([symbol, { engines }]) => {
    const { assetId, resolutionFactor } = engines['core'] ?? {}
    if (assetId === undefined || resolutionFactor === undefined) return []
    return [
      {
        assetId,
        resolutionFactor: String(resolutionFactor),
        quorum: reportQuorum(oracles.length),
        oracles: oracles.map(({ publicKey }, at) => ({
          publicKey,
          // Names as oracles of this exchange have them: 16 bytes and 5 bytes, zeros at the end.
          assetName: ascii(symbol.replace('-', ''), 16),
          oracleName: ascii(`node${at + 1}`, 5),
        })),
        riskFactorTiers: [50, 100, 200],
        firstTierBoundary: '1000000000000',
        tierSize: '1000000000000',
      },
    ]
  })
  return {
    operators: [operator],
    // The limits with which the exchange tests itself: a day, and ten minutes for a signed price.
    maxPriceInterval: 86_400,
    maxOraclePriceValidity: 600,
    maxFundingInterval: 86_400,
    // 3 % an hour, per second at scale 2^32.
    maxFundingRate: 35_792,
    assets,
  }
}

function ascii(text: string, bytes: number): string {
  const all = Buffer.alloc(bytes)
  all.write(text, 'latin1')
  return `0x${all.toString('hex')}`
}
