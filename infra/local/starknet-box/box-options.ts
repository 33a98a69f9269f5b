import { z } from 'zod'

import { CoreConfig } from '../../contracts/core/core-config.ts'
import { CoreSetup } from './core-setup.ts'
import { HostedSetup } from './hosted-contracts.ts'

const port = z.number().int().min(0).max(65_535)

/** How a box is started, as it also travels to a process of its own. */
export const BoxOptions = z.strictObject({
  /** Any free one unless given. */
  port: port.optional(),
  adminPort: port.optional(),
  /** Seconds between blocks, which come also when there is nothing for them; one per transaction; or only on request. */
  blocks: z.union([z.number().positive(), z.enum(['transaction', 'demand'])]),
  chainId: z
    .union([z.enum(['SN_SEPOLIA', 'SN_MAIN']), z.templateLiteral(['0x', z.string()])])
    .optional(),
  core: CoreConfig,
  /** Generation, tokens and positions of the core; its chain is the box's. */
  setup: CoreSetup.omit({ chainId: true }).optional(),
  /** What else is deployed when the chain begins. */
  contracts: z.array(HostedSetup).optional(),
  /** How many funded accounts, the same ones for the same seed. */
  accounts: z.number().int().min(1).max(100).optional(),
  seed: z.number().int().nonnegative().optional(),
  /** Read at the start where it exists, and written with every change: nothing that was in a block or in the pool is lost. */
  stateFile: z.string().optional(),
})

export type BoxOptionsInput = z.input<typeof BoxOptions>
