import * as z from 'zod'

import { coreLiquidation } from './core-liquidation.ts'
import { engineFunding } from './funding.ts'
import { engineInterest } from './interest.ts'
import { engineLiquidation } from './liquidation.ts'
import { section } from './section.ts'
import { signedAssetName, starkexEngine } from './starkex.ts'
import { amount, evmAddress, felt, name, privateUrl, starknetAddress } from './values.ts'

const quorum = z
  .int()
  .min(1)
  .max(100)
  .optional()
  .describe(
    "Least reports for a push where more are wanted than the contract asks for. The contract's own quorum holds in any case.",
  )

const worth = section({
  price: amount
    .optional()
    .describe(
      "What a new price of one market is worth, in the smallest unit of the chain's fee token. A push may cost that for each market in it: half of it at once, all of it when half of the price's minute is over. A replacement never costs more.",
    ),
  liquidation: amount
    .optional()
    .describe(
      'What liquidating one account is worth, in the same unit: for an operator what is lost where nobody does it, for a liquidator a part of the usual reward.',
    ),
  funding: amount
    .optional()
    .describe(
      "What settling one market's funding of one epoch is worth, in the same unit: an exchange that goes without it for too long takes no orders any more.",
    ),
})
  .prefault({})
  .describe("What work is worth. Where nothing is said, the chain's maxFee alone decides.")

const funding = engineFunding
  .optional()
  .describe('How its funding is settled by `settle-funding`. Absent: it is not.')

const book = section({
  kind: z.enum(['extended', 'paradex', 'hyperliquid', 'dydx-v4'], {
    error: 'expected kind extended, paradex, hyperliquid or dydx-v4',
  }),
  baseUrl: privateUrl
    .optional()
    .describe("Another address of the same API, such as a test network's. Absent: the API's own."),
})
  .optional()
  .describe(
    "The exchange's public API, where its order books show the premiums. Absent: the perpetuals of other venues do.",
  )

const positionsFrom = z
  .int()
  .min(0)
  .default(0)
  .describe(
    'The block from which on `index-positions` follows its accounts: that of the contract, or any before. Default 0: from the beginning of the chain.',
  )

const evmEngine = section({
  kind: z.literal('evm-engine'),
  chain: z.string(),
  address: evmAddress,
  quorum,
  worth,
  funding,
  book,
  positionsFrom,
  liquidation: engineLiquidation
    .optional()
    .describe('How far `liquidate` may go there. Absent: nobody is liquidated.'),
})

const starknetPerpetual = section({
  kind: z.literal('starknet-perpetual'),
  chain: z.string(),
  address: starknetAddress,
  generation: z
    .enum(['detect', 'A', 'B', 'C', 'D'], { error: 'expected detect, A, B, C or D' })
    .default('detect')
    .describe(
      'Which generation of the ABI. `detect` asks the contract, which also survives its upgrades.',
    ),
  quorum,
  worth,
  funding,
  book,
  positionsFrom,
  liquidation: coreLiquidation
    .optional()
    .describe('How far `liquidate` and `deleverage` may go there. Absent: neither does anything.'),
  interest: engineInterest
    .optional()
    .describe('How it pays interest; generation D alone has any. Absent: it does not.'),
})

export const engines = z
  .record(
    name,
    z.discriminatedUnion('kind', [evmEngine, starknetPerpetual, starkexEngine], {
      error: 'expected kind evm-engine, starknet-perpetual or starkex',
    }),
  )
  .describe('The exchanges that are told prices, by names of your own.')

/** How starknet-perpetual's market makers write them: ASCII in 15 bytes, zeros at the end. */
const assetId = z
  .string()
  .transform((text, context): `0x${string}` => {
    const ascii = /^[A-Z0-9][A-Z0-9-]{0,14}$/.test(text)
    if (ascii) return `0x${Buffer.from(text.padEnd(15, '\0'), 'latin1').toString('hex')}`
    const hex = felt('hex', { below: 2n ** 251n }).safeParse(text)
    if (hex.success) return hex.data
    context.addIssue({
      code: 'custom',
      message: 'expected an asset id such as BTC-6 (at most 15 characters), or hex with 0x',
    })
    return z.NEVER
  })
  .describe('As the exchange registered it: BTC-6 (ASCII, left in 15 bytes), or hex.')

/** How one engine lists one market. An evm-engine knows it by its symbol: nothing to say. */
export const listing = section({
  assetId: assetId.optional(),
  resolutionFactor: amount
    .refine((value) => value < 2n ** 64n, 'expected a number below 2^64')
    .optional()
    .describe('Smallest units in one whole unit of the asset, as the exchange registered it.'),
  bookSymbol: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,40}$/, 'expected a symbol such as BTC-USD-PERP')
    .optional()
    .describe(
      "What the exchange's own API calls the market, for its `book`. Absent: the usual, such as BTC-USD, BTC-USD-PERP or BTC.",
    ),
  assetName: signedAssetName
    .optional()
    .describe(
      'On starkex: what its oracles call the asset in what they sign. Absent: the symbol without its dash, such as BTCUSD.',
    ),
})
