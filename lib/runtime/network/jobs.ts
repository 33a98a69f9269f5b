import * as z from 'zod'

import { section } from './section.ts'
import { milliseconds } from './values.ts'

const every = (text: string) => z.int().min(1).max(3_600).describe(`${text} In seconds.`)

const offsetMs = milliseconds(3_600_000)
  .default(0)
  .describe('How long after the beginning of its slot the job runs, in ms.')

const publishPrices = section({
  everySeconds: every('Length of a round. Common: 10 for majors.'),
  offsetMs,
  collectMs: milliseconds(60_000)
    .min(100)
    .default(3_000)
    .describe(
      'How long venues may take to answer, in ms: 3 s is the common limit, and the slowest venue needs it.',
    ),
})

const pushPrices = section({
  everySeconds: every('How often the posted prices are looked at.'),
  offsetMs,
  collectMs: milliseconds(60_000)
    .min(0)
    .default(4_000)
    .describe(
      "How long to wait for the round's reports of the other nodes, in ms: their venues' 3 s and a write.",
    ),
})

const simple = (text: string) => section({ everySeconds: every(text), offsetMs })

const indexPositions = section({
  everySeconds: every('How often the newest blocks are looked at. Common: 2 to 10.'),
  offsetMs,
  checkSlots: z
    .int()
    .min(1)
    .max(100_000)
    .default(60)
    .describe(
      'Within how many slots every account is compared with the contract once: the fewer, the more is asked of the nodes in each. Default 60.',
    ),
})

/** A job that is absent does not run. */
export const jobs = section({
  'publish-prices': publishPrices.optional(),
  'push-prices': pushPrices.optional(),
  'settle-funding': simple(
    'How often premiums are sampled, and looked whether an epoch is due. Common: 60; it must divide each epochSeconds.',
  ).optional(),
  'update-exchange-time': simple(
    'How often it is looked whether an exchange’s own time is due. Common: 60.',
  ).optional(),
  'apply-interests': simple(
    'How often positions are looked through for interest that is due, 400 at a time. Common: 60.',
  ).optional(),
  'index-positions': indexPositions.optional(),
  liquidate: simple(
    'How often accounts below their maintenance margin are looked for. Common: 1 to 5.',
  ).optional(),
  deleverage: simple(
    'How often accounts with less than nothing are looked at for which the insurance fund cannot pay. Common: 5.',
  ).optional(),
  'prove-batches': simple(
    'How often batches on their way to proof and settlement are looked at. Common: 10.',
  ).optional(),
  'watch-systems': simple(
    'How often each watched system is looked at. 15 to 60; what is asked of hosted nodes is paid by it.',
  ).optional(),
  'watch-liveness': simple(
    'How often things are looked at. 15 notices a stall within three looks.',
  ).optional(),
  'tell-uptime': simple(
    'How often it is looked whether a feed in `uptimeFeeds` is to be told anything. As often as `watch-liveness` looks.',
  ).optional(),
  'keep-books': simple(
    'How often what liquidations brought is booked, of blocks that are final. Common: 60.',
  ).optional(),
  govern: simple(
    'How often the parameters are looked after: guards on probation, the calendar. Common: 10.',
  ).optional(),
  'pack-history': simple(
    'How often it is looked whether hours of what keepers saw and decided are over, and can be packed into files. Common: 600.',
  ).optional(),
  'deliver-outbox': simple('How often unfinished work and messages are taken up again.').optional(),
}).describe('What this deployment does. A job that is absent does not run.')
