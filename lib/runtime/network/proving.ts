import * as z from 'zod'

import { piltoverSettlement } from './piltover.ts'
import { provers } from './provers.ts'
import { section } from './section.ts'
import { amount, evmAddress, felt, milliseconds, name, privateUrl } from './values.ts'

const atMost = (most: number) => z.int().min(1).max(most)

const runs = privateUrl.describe(
  'Where program runs are found: whoever runs the chain’s program (SNOS, StarkEx) tells what it put out, and has its PIE.',
)

const maxAgeSeconds = atMost(86_400)
  .default(1_800)
  .describe('A batch is closed once its first block is so old. Madara: 1800.')

const starknetSource = section({
  kind: z.literal('starknet-blocks'),
  chain: z.string().describe('The appchain, by its name in `chains`.'),
  runs,
  maxBlocks: atMost(10_000).default(100).describe('The most blocks of one batch. Madara: 100.'),
  maxTransactions: atMost(1_000_000)
    .default(20_000)
    .describe('The most transactions of one batch, unless one block alone has more.'),
  maxAgeSeconds,
})

const engineSource = section({
  kind: z.literal('own-engine'),
  engine: z.string().describe('An EVM engine of this file, whose actions are proved.'),
  runs,
  maxActions: atMost(100_000).default(500).describe('The most actions of one batch.'),
  maxBytes: atMost(10_000_000).default(200_000).describe('The most bytes of its actions.'),
  maxAgeSeconds,
  emptyAfterSeconds: atMost(86_400)
    .optional()
    .describe('After so long without an action a batch has none. Absent: there is no such batch.'),
})

const starkexSource = section({
  kind: z.literal('starkex-batches'),
  chain: z.string().describe('The gateway, by its name in `chains`; it must have `batches`.'),
  runs,
  emptyRoot: felt('the root of no positions, 0x and up to 64 hex digits', { below: 2n ** 251n })
    .optional()
    .describe('Of the positions before the first batch; only needed where a lane begins there.'),
})

const sender = z.string().describe('The chain on which it is settled, by its name in `chains`.')

const coreSettlement = section({
  kind: z.literal('starknet-core'),
  chain: sender,
  address: evmAddress.describe('The core contract: its proxy.'),
  registry: evmAddress.describe('The fact registry that it asks (GPS).'),
  programHash: felt('the hash of a program, 0x and up to 64 hex digits', {
    below: 2n ** 251n + 17n * 2n ** 192n + 1n,
  })
    .optional()
    .describe(
      'Of the program that batches are proved as: the start check compares it. Absent: it does not.',
    ),
})

const perpetualSettlement = section({
  kind: z.literal('stark-perpetual'),
  chain: sender,
  address: evmAddress.describe('The exchange’s contract: its proxy.'),
  registry: evmAddress.describe('The fact registry behind its verifiers (GPS).'),
})

const deadline = (seconds: number, text: string) =>
  atMost(30 * 86_400)
    .default(seconds)
    .describe(`${text} In seconds. Default ${seconds}.`)

const deadlines = section({
  prepare: deadline(3_600, 'How long it may take until the program run of a batch is there.'),
  submit: deadline(900, 'Until a prover has taken it.'),
  prove: deadline(6 * 3_600, 'Until that prover is done. Madara gives 7.5 hours.'),
  fact: deadline(3_600, 'Until its fact is in the registry after that.'),
  settle: deadline(
    3_600,
    'Until it is settled, from when it may be, and again from when it is sent.',
  ),
  finalize: deadline(3_600, 'Until the chain itself calls it final.'),
  feeCap: deadline(86_400, 'How long it may be held because settling costs too much.'),
})
  .prefault({})
  .describe(
    'By when a batch must have left each part of its way. What is late is told; half of it is a warning.',
  )

const provingLane = section({
  source: z
    .discriminatedUnion('kind', [starknetSource, engineSource, starkexSource], {
      error: 'expected kind starknet-blocks, own-engine or starkex-batches',
    })
    .describe('What is proved.'),
  provers,
  settlement: z
    .discriminatedUnion('kind', [coreSettlement, perpetualSettlement, piltoverSettlement], {
      error: 'expected kind starknet-core, stark-perpetual or piltover',
    })
    .describe('Where it is settled.'),
  deadlines,
  buffer: atMost(1_000)
    .default(50)
    .describe(
      'How many batches may be on their way at once. Behind one that waits for a human so many are proved.',
    ),
  maxSubmits: atMost(20)
    .default(4)
    .describe('How often a batch may be submitted, to all provers together, without a human.'),
  maxSettles: atMost(20)
    .default(5)
    .describe('How many settling transactions may be tried for one batch without a human.'),
  pollMs: section({
    least: milliseconds(600_000)
      .min(100)
      .default(10_000)
      .describe('The first pause in a state, in ms. Default 10000.'),
    most: milliseconds(3_600_000)
      .min(1_000)
      .default(120_000)
      .describe('The longest pause, in ms. Default 120000; Madara asks a prover each 30 s.'),
  })
    .prefault({})
    .describe(
      'How long between two looks at a prover or a chain: the least at first, a tenth more each time.',
    ),
  feeCap: amount
    .optional()
    .describe(
      'What settling one batch may cost, in the smallest unit of the chain’s fee token. It holds until the contract’s own deadline is near. Absent: maxFee of the chain alone.',
    ),
  urgentSeconds: atMost(7 * 86_400)
    .default(6 * 3_600)
    .describe(
      'So long before the contract’s own deadline the cap does not hold any more. Default: six hours.',
    ),
  mayBeMocked: z
    .boolean()
    .default(false)
    .describe('A fact that nobody proved is good enough. For test networks only.'),
})

export const proving = z
  .record(name, provingLane)
  .default({})
  .describe('Batches that `prove-batches` brings from closed to final, by names of your own.')
