import * as z from 'zod'

import { isZone, weekdays } from '../../domain/quiet-hours.ts'
import { secretReference } from './references.ts'
import { section } from './section.ts'
import { isPrivateUrl, isThisMachine, name, privateUrl, seconds, urlOrReference } from './values.ts'

const clockTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "expected a time such as '22:00', in quotes")

const quietHours = section({
  days: z.array(z.enum(weekdays)).min(1).default(weekdays.slice()).describe('On which it begins.'),
  from: clockTime,
  to: clockTime.describe('Where both are the same it is the whole day.'),
  zone: z.string().refine(isZone, 'expected a time zone such as Europe/Zurich'),
})

/** What any channel may say of how much it is told. */
const manners = {
  pace: section({
    perMinute: z
      .int()
      .min(3)
      .max(600)
      .optional()
      .describe('Messages of any kind in a minute. Default: what its service takes.'),
    singlesPerMinute: z
      .int()
      .min(1)
      .max(600)
      .optional()
      .describe(
        'Messages about one alert in a minute, critical ones aside; the rest is one digest. Default 10, and more where machines read.',
      ),
    infoEveryMinutes: z
      .int()
      .min(0)
      .max(1_440)
      .optional()
      .describe('Infos are told together, that often; 0: at once. Default 60 where people read.'),
    remindHours: z
      .int()
      .min(0)
      .max(168)
      .optional()
      .describe(
        'What is open and nobody has acknowledged is said again; 0: never. Default 4 in chats.',
      ),
  }).optional(),
  quiet: z
    .array(quietHours)
    .optional()
    .describe(
      'When infos and warnings wait, to be told in one digest; what is critical never does.',
    ),
}

const terminal = section({ kind: z.literal('terminal'), ...manners })

const slack = section({
  kind: z.literal('slack'),
  ...manners,
  url: urlOrReference(
    (text) => URL.canParse(text) && isThisMachine(new URL(text).hostname),
    "expected a reference, file: or secretsmanager:, since a Slack webhook's address is itself a secret",
  ).describe('The incoming webhook, by reference: who knows its address can post.'),
})

const pagerduty = section({
  kind: z.literal('pagerduty'),
  ...manners,
  routingKey: secretReference.describe('The 32 characters of an Events API v2 integration.'),
  url: privateUrl.optional().describe('Another receiver of the same API.'),
})

const webhook = section({
  kind: z.literal('webhook'),
  ...manners,
  url: urlOrReference(
    isPrivateUrl,
    'expected an https:// URL (http:// only for this machine), or a reference to one',
  ),
  secret: secretReference.optional().describe('Signs each message with HMAC-SHA256.'),
})

const telegram = section({
  kind: z.literal('telegram'),
  ...manners,
  token: secretReference.describe("The bot's token, as BotFather gives it."),
  chatId: z
    .string()
    .regex(
      /^(?:-?\d{1,20}|@[A-Za-z]\w{3,})$/,
      "expected a chat's number in quotes, or @ and a channel's name",
    )
    .describe('Who is told: a group is a negative number. The bot must be a member.'),
  url: privateUrl.optional().describe('Another server of the same API.'),
})

const discord = section({
  kind: z.literal('discord'),
  ...manners,
  url: urlOrReference(
    (text) => URL.canParse(text) && isThisMachine(new URL(text).hostname),
    "expected a reference, file: or secretsmanager:, since a Discord webhook's address is itself a secret",
  ).describe('The webhook, by reference: who knows its address can post.'),
})

const sns = section({
  kind: z.literal('sns'),
  ...manners,
  topicArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[0-9A-Za-z_-]{1,256}(?:\.fifo)?$/,
      'expected the ARN of an SNS topic',
    )
    .describe('Where it is published; who subscribes hears. The deployment is given the right to.'),
  endpoint: privateUrl.optional().describe('Of an emulator.'),
})

const address = z.email('expected an e-mail address')

const email = section({
  kind: z.literal('email'),
  ...manners,
  from: address.describe('An address, or one of a domain, that is verified in Amazon SES.'),
  to: z.array(address).min(1).max(50).describe('Who is told.'),
  region: z.string().optional().describe("Of SES; the deployment's own unless it is named."),
  endpoint: privateUrl.optional().describe('Of an emulator.'),
})

const route = (text: string) =>
  z.array(z.string()).default([]).describe(`Names of channels. ${text}`)

const ownRoute = z.array(z.string()).optional()

const glob = (of: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`${of}, where * stands for anything and ? for one character.`)

const subjectRoutes = section({
  match: section({
    rule: glob("The rule's name"),
    subject: glob('What the alert is about'),
  }).refine(
    ({ rule, subject }) => rule !== undefined || subject !== undefined,
    'expected rule or subject, or both',
  ),
  routes: section({ info: ownRoute, warning: ownRoute, critical: ownRoute }).describe(
    'In place of alerts.routes; a severity that is left out goes where that says.',
  ),
})

const seenAfter = (most: z.ZodInt, otherwise: number, text: string) =>
  most.default(otherwise).describe(`${text} Default ${otherwise}.`)

export const alerts = section({
  channels: z
    .record(
      name,
      z.discriminatedUnion(
        'kind',
        [terminal, slack, pagerduty, webhook, telegram, discord, sns, email],
        {
          error:
            'expected kind terminal, slack, pagerduty, webhook, telegram, discord, sns or email',
        },
      ),
    )
    .default({}),
  runbooks: privateUrl
    .optional()
    .describe('Where infra/runbooks can be read in a browser; messages link there.'),
  routes: z
    .strictObject({
      info: route('Worth knowing tomorrow.'),
      warning: route('Worth a look today.'),
      critical: route('Somebody must get up.'),
    })
    .prefault({}),
  subjects: z
    .array(subjectRoutes)
    .default([])
    .describe('Who else is told of what; of several that match, the first counts.'),
  fallback: route('Told when a channel does not take a message.'),
  lifeline: urlOrReference(
    isPrivateUrl,
    'expected an https:// URL (http:// only for this machine), or a reference to one',
  )
    .optional()
    .describe(
      'Told after every look of watch-liveness that was done to its end: somewhere outside that raises an alarm by itself where it is not told for a while, such as healthchecks.io. Its address is a secret. Absent: nobody notices where the watch itself is dead.',
    ),
  maxPushAgeSeconds: seenAfter(
    seconds,
    600,
    'A posted price older than this is late, in seconds: two of the default heartbeats.',
  ),
  maxTransactionSeconds: seenAfter(
    seconds,
    120,
    'A transaction in no block for longer than this is stuck, in seconds.',
  ),
  chainStallFactor: seenAfter(
    z.int().min(2).max(1_000),
    3,
    'A chain without a block for this many block times stalls: what sequencers are commonly warned of.',
  ),
  gasMoneyDays: seenAfter(
    z.int().min(1).max(365),
    3,
    'Tell of an account whose balance lasts fewer days than this at what it has spent lately: a weekend.',
  ),
  gasMoneyTransactions: seenAfter(
    z.int().min(1).max(100_000),
    100,
    'Tell of an account whose balance is enough for fewer transactions than this at their usual cost.',
  ),
  noPriceSeconds: seenAfter(
    seconds,
    60,
    'Tell of a market that has had no price for longer than this, in seconds: longer than a held jump and a venue that misses a round.',
  ),
  venueDownSeconds: seenAfter(
    seconds,
    120,
    'Tell of a venue that has brought nothing for longer than this, in seconds: venues restart within a minute or two.',
  ),
  venueFrozenSeconds: seenAfter(
    seconds,
    120,
    'Tell of a venue that repeats old prices for longer than this, in seconds.',
  ),
  fundFloorUsd: seenAfter(
    z.int().min(0).max(1_000_000_000),
    10_000,
    'Tell of an insurance fund below this, in USD: what some accounts of middle size can lack in one crash.',
  ),
  fundDays: seenAfter(
    z.int().min(1).max(365),
    3,
    'Tell of an insurance fund that lasts fewer days than this at what liquidations lately took from it: a weekend.',
  ),
  missedPercent: seenAfter(
    z.int().min(1).max(100),
    50,
    "Tell where others had more than this part of an hour's liquidations, in percent. 100: never.",
  ),
  booksBehindSeconds: seenAfter(
    seconds,
    900,
    'Tell of books that end this long before the newest final block, in seconds: several slots of keep-books.',
  ),
  historyUnpackedSeconds: seenAfter(
    z.int().min(5_400).max(604_800),
    10_800,
    'Tell of history that is in no file after so long, in seconds. An hour is packed twenty minutes after it is over, in one of the next slots of pack-history, so that less than an hour and a half is usual; a week is a quarter of what rows last.',
  ),
  plannerSilentSlots: seenAfter(
    z.int().min(1).max(1_000),
    6,
    'Tell of a job that has not run for this many of its slots.',
  ),
  oracleMissingRounds: seenAfter(
    z.int().min(1).max(1_000),
    6,
    'Tell of an oracle that published nothing for this many rounds.',
  ),
}).describe('Who is told, how, and after how long.')
