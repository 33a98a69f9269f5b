import * as z from 'zod'

import { engineFunding } from './funding.ts'
import { mutualTls } from './mutual-tls.ts'
import { section } from './section.ts'
import { starkexLiquidation } from './starkex-liquidation.ts'
import { amount, felt, name, nodeUrl } from './values.ts'

/** What counts as a gateway's block: it answers with its newest state as often as it is asked. */
export const gatewayBlockSeconds = 1

/** The gateway of a StarkEx exchange, as a chain. */
export const starkexChain = section({
  kind: z.literal('starkex'),
  gateway: nodeUrl.describe(
    'Where `/add_transaction` is found: its address, with a path such as /gateway where it has one.',
  ),
  tls: mutualTls
    .optional()
    .describe(
      'Certificates of both sides (mutual TLS), each by reference. Absent: the gateway is one that lets everybody in, such as one in a private network.',
    ),
  system: name
    .max(31, 'expected at most 31 characters')
    .describe(
      'The StarkEx system that is behind it, by a name that all operators of its oracles use: what they sign is for that one. StarkEx knows no senders, so it stands for the account too.',
    ),
  batches: section({
    feeder: nodeUrl.describe('Where `/get_batch_info` is found, such as https://…/feeder_gateway.'),
    availability: nodeUrl.describe(
      'Where `/get_batch_data` is found, such as https://…/availability_gateway.',
    ),
    tellsNewest: z
      .boolean()
      .default(true)
      .describe(
        'Whether its feeder answers `/get_last_batch_id`. False: the next batches are looked for, and transactions are done with the word of the gateway.',
      ),
  })
    .optional()
    .describe(
      'Where its batches are told, by which its accounts and what became of transactions are followed; the certificates are those of `tls`. Absent: neither is.',
    ),
  sends: z
    .boolean()
    .default(true)
    .describe(
      'Whether this deployment gives out transaction ids. Nobody else may then: the gateway takes each id once, and in order. False where the exchange is only watched.',
    ),
}).transform((chain) => ({
  ...chain,
  // As other chains have it.
  rpc: [chain.gateway],
  account: chain.sends ? { address: chain.system } : undefined,
}))

/** At most so many printable characters, as they stand in a signed message. */
function word(most: number, example: string) {
  const expected = `expected a word of at most ${most} characters, such as ${example}`
  return z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${most}}$`), expected)
}

const fundingIndex = z
  .string()
  .regex(/^-?\d{1,19}$/, 'expected a whole number such as -611628632')
  .transform((text) => BigInt(text))
  .refine((value) => value >= -(2n ** 63n) && value < 2n ** 63n, 'expected a number of 64 bits')

const signer = section({
  key: felt('a STARK public key, 0x and up to 64 hex digits', {
    below: 2n ** 251n + 17n * 2n ** 192n + 1n,
  }),
  name: word(5, 'Maker').describe('What this oracle is called in what it signs.'),
})

const settledBefore = section({
  at: z
    .int()
    .min(1)
    .max(2 ** 32 - 1)
    .describe('The timestamp of its last FUNDING_TICK, in unix seconds.'),
  indexes: z
    .record(z.string(), fundingIndex)
    .describe('The index of every market in that tick, as it was written there, by symbol.'),
})

/** A StarkEx perpetual exchange. A gateway tells nothing of itself, so what it was configured with is said here. */
export const starkexEngine = section({
  kind: z.literal('starkex'),
  chain: z.string(),
  quorum: z
    .int()
    .min(1)
    .max(100)
    .describe("Least reports for a push: not fewer than the exchange's oracle_price_quorum."),
  collateralResolution: amount
    .prefault('1000000')
    .describe('Smallest units in one whole unit of the collateral. USDC has 1000000.'),
  signers: z
    .array(signer)
    .min(1, 'expected at least one signer')
    .max(100)
    .describe("The exchange's oracle_price_signers, own nodes' keys among them."),
  funding: engineFunding
    .optional()
    .describe('How its funding is settled by `settle-funding`. Absent: it is not.'),
  liquidation: starkexLiquidation
    .optional()
    .describe(
      'How far `liquidate` and `deleverage` may go there, each account in a transaction of its own. Needs `batches` on its chain. Absent: neither does anything.',
    ),
  maxFundingRate: z
    .int()
    .min(1)
    .max(2 ** 32 - 1)
    .default(1_120)
    .describe(
      "The exchange's max_funding_rate: the most that funding moves in a second, in 2^32nds of the price. 1120 is 0.751 % in 8 hours.",
    ),
  positionsFrom: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'The id of the batch from which on `index-positions` follows its accounts. Whoever is in no later one is not known: leave 0 for all.',
    ),
  settledBefore: settledBefore
    .optional()
    .describe(
      'What funding it was told before this deployment settled it, since it tells nobody itself. Absent: none, and every index begins at 0.',
    ),
}).transform((engine) => ({
  ...engine,
  // No contract: it is the one behind its gateway.
  address: undefined,
}))

/** What oracles call a market in what they sign. */
export const signedAssetName = word(16, 'BTCUSD')
