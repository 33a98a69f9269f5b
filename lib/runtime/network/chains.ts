import * as z from 'zod'

import { marketName } from './feeds.ts'
import { keyReference, secretReference } from './references.ts'
import { section } from './section.ts'
import { starkexChain } from './starkex.ts'
import { amount, evmAddress, felt, name, nodeUrl, starknetAddress } from './values.ts'

const rpc = z
  .array(nodeUrl)
  .min(1, 'expected at least one node')
  .max(10)
  .describe(
    'Nodes of the chain; of equally good ones the first is asked. What most of them say counts, so three of different providers are better than two. A URL with a key in it belongs in a reference.',
  )

const blockSeconds = z
  .number()
  .positive()
  .max(3_600)
  .describe(
    'How often the chain makes a block, in seconds. Stalls are measured by it, and nothing is sent on a block older than five of these, or than 15 s where that is longer.',
  )

const maxFee = amount
  .optional()
  .describe(
    "The most one transaction may cost, in the fee token's smallest unit (wei, fri). Absent: what the work is worth decides alone, and a nonce that must be freed may cost anything.",
  )

const feeMarket = marketName
  .optional()
  .describe(
    'The market whose price the fee token has, such as ETH-USD: what fees were worth is booked by it. Absent: their worth is unknown.',
  )

const who = 'Who sends. Absent where the chain is only watched.'

/** One kind of work each, by accounts of the chain's own kind. */
function lanesOf<Account extends z.ZodType>(account: Account) {
  const own = account.optional()
  return section({
    prices: own,
    funding: own,
    liquidation: own,
    deleverage: own,
    settlement: own,
    uptime: own,
  })
    .prefault({})
    .describe(
      'Accounts of their own for one kind of work, so that what is urgent waits behind nothing else. `account` sends the rest. On starknet-perpetual each must be an operator; they take turns, since it has one nonce for all of them.',
    )
}

function retiringOf<Account extends z.ZodType>(account: Account) {
  return z
    .array(account)
    .default([])
    .describe(
      'Accounts that others have followed: they get no new work, and bring to its end what they have sent. Take one out when nothing of it is in flight.',
    )
}

const evmAccount = section({
  address: evmAddress,
  key: keyReference.describe('The key that sends. It signs no report.'),
})

/** Of the field that Starknet computes in. */
const prime = 2n ** 251n + 17n * 2n ** 192n + 1n

const word = felt('a felt, 0x and up to 64 hex digits below the prime', { below: prime, least: 0n })

const deployment = section({
  classHash: felt('a class hash, 0x and up to 64 hex digits', { below: prime }).describe(
    'The class of the account, declared on that chain.',
  ),
  salt: word.optional().describe("Absent: the key's public key."),
  calldata: z
    .array(word)
    .max(100)
    .optional()
    .describe("What the constructor takes. Absent: the public key alone, as OpenZeppelin's does."),
})

const starknetAccount = section({
  address: starknetAddress,
  key: secretReference.describe('The STARK key that sends. It signs no report.'),
  deploy: deployment
    .optional()
    .describe(
      'How the account comes into being where it is not there yet: its first transaction deploys it as soon as it has the money, and work waits behind that. `maxFee` alone limits what this may cost. The address follows from what is said here. Absent: it must be there.',
    ),
})

const evm = section({
  kind: z.literal('evm'),
  rpc,
  chainId: z.int().min(1).describe('As eth_chainId says, in decimal.'),
  blockSeconds,
  finalityBlocks: z
    .int()
    .min(1)
    .max(100_000)
    .describe(
      'After how many blocks a transaction counts as final: 64 are two epochs of Ethereum.',
    ),
  maxFee,
  feeMarket,
  account: evmAccount.optional().describe(who),
  urgentPlaces: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe(
      'How many transactions of an account may be in no block beside the one of ordinary work: places for deleveraging and for liquidating accounts with less than nothing, which prices and other liquidations never take. They use the next nonces, and what is before them may cost as much as they may. Default 1. Other chains have none, since an exchange there has one nonce or id at a time: urgent work is the next there.',
    ),
  lanes: lanesOf(evmAccount),
  retiring: retiringOf(evmAccount),
})

const chainIds = new Map<string, `0x${string}`>([
  ['SN_MAIN', '0x534e5f4d41494e'],
  ['SN_SEPOLIA', '0x534e5f5345504f4c4941'],
])

const starknetChainId = z
  .string()
  .transform((text, context): `0x${string}` => {
    const known = chainIds.get(text)
    if (known) return known
    const other = felt('SN_MAIN, SN_SEPOLIA or hex', { below: 2n ** 251n }).safeParse(text)
    if (other.success) return other.data
    context.addIssue({ code: 'custom', message: 'expected SN_MAIN, SN_SEPOLIA, or hex with 0x' })
    return z.NEVER
  })
  .describe('SN_MAIN, SN_SEPOLIA, or the hex of another one.')

const starknet = section({
  kind: z.literal('starknet'),
  rpc,
  chainId: starknetChainId,
  blockSeconds,
  finalityBlocks: z
    .int()
    .min(1)
    .max(1_000)
    .default(30)
    .describe(
      'After how many blocks a transaction counts as final, where L1 has not said so before: until then it is looked at again. Default 30. Reorganisations that went deeper, such as those of September 2025, show in the exchange’s own state.',
    ),
  maxFee,
  feeMarket,
  account: starknetAccount.optional().describe(who),
  lanes: lanesOf(starknetAccount),
  retiring: retiringOf(starknetAccount),
})

export const chains = z
  .record(
    name,
    z.discriminatedUnion('kind', [evm, starknet, starkexChain], {
      error: 'expected kind evm, starknet or starkex',
    }),
  )
  .describe('The chains, by names of your own.')
