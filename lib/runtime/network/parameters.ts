import * as z from 'zod'

import { section } from './section.ts'
import { bps, evmAddress, name } from './values.ts'

const span = (least: number, most: number, otherwise: number, text: string) =>
  z
    .int()
    .min(least)
    .max(most)
    .default(otherwise)
    .describe(`${text} In seconds. Default ${otherwise}.`)

const guards = section({
  mostBps: bps
    .default(100)
    .describe(
      'On probation no price is told that is further than this from what the set before makes of the same quotes, in bps; the first such price takes the new set back. So does what is posted, where it is so much further from its price than the set before would leave it. In shadow both speak against a candidate.',
    ),
  leanBps: bps
    .default(20)
    .describe(
      'How far to one side of what the set before makes of the same quotes the prices of a market may be in the middle of its newest rounds, in bps: as far in many rounds is no noise. Default 20.',
    ),
  refusedPercent: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .describe(
      'So many more of 100 prices may be refused or held than under the set before, and so many may be such as that refuses or holds. Default 5: what a venue that is away for a while costs.',
    ),
  costFactor: z
    .number()
    .min(1)
    .max(100)
    .default(3)
    .describe(
      'How many times as many prices may be pushed as under the set before, since each costs a fee. Default 3.',
    ),
  pushAgeFactor: z
    .number()
    .min(1)
    .max(100)
    .default(2)
    .describe(
      'On probation, a posted price that is older than so many of its heartbeats takes the set back. Default 2.',
    ),
  revertedPercent: z
    .number()
    .min(0)
    .max(100)
    .default(20)
    .describe(
      'On probation, so many of 100 transactions may revert; of fewer than five nothing is concluded. Default 20.',
    ),
})
  .prefault({})
  .describe('What takes a set of parameters back by itself, and speaks against a candidate.')

/** How careful a network is with its parameters. */
export const parameters = section({
  shadowSeconds: span(
    0,
    2_592_000,
    3_600,
    'How long a candidate decides beside the active set, recorded and never performed, before it may be activated.',
  ),
  leadSeconds: span(
    5,
    86_400,
    30,
    'How far ahead an activation is at least: every worker reads of it before its slot.',
  ),
  probationSeconds: span(
    60,
    2_592_000,
    3_600,
    'How long a set that has become active may be taken back by the guards, and is compared with the one before. Where `govern` runs it must have looked all the time: after a pause it begins anew.',
  ),
  emergencySeconds: span(
    60,
    604_800,
    86_400,
    'The longest that an emergency set holds: careful values only, at once and without approvals.',
  ),
  frozenSeconds: span(
    0,
    604_800,
    3_600,
    'So long before and after a change that is announced on a chain parameters stay as they are.',
  ),
  approvals: z
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe(
      'How many of the approvers must have signed a set before it is activated. Default 0: nobody.',
    ),
  approvers: z
    .record(name, evmAddress)
    .default({})
    .describe('Who may approve, each with the Ethereum address whose key signs.'),
  guards,
})
  .refine(
    ({ approvals, approvers }) => approvals <= Object.keys(approvers).length,
    'expected as many approvers as approvals at least',
  )
  .prefault({})
  .describe(
    'How parameters change: proposed, in shadow, approved, active, on probation, taken back.',
  )
