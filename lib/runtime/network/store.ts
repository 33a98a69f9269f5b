import * as z from 'zod'

import { jobNames } from './job-names.ts'
import { section } from './section.ts'
import { webUrl } from './values.ts'

const region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as eu-west-1')

const blobs = z
  .discriminatedUnion(
    'kind',
    [
      section({
        kind: z.literal('s3'),
        bucket: z
          .string()
          .regex(
            /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
            'expected a bucket name of 3 to 63 lower-case letters, digits, dots or dashes',
          ),
        endpoint: webUrl.optional().describe('An emulator. Absent: AWS.'),
      }),
      section({
        kind: z.literal('folder'),
        folder: z.string().min(1).describe('Relative to this file.'),
      }),
    ],
    { error: 'expected kind s3 or folder' },
  )
  .describe('Where values lie that are too large for a row of the table.')

/**
 * For how long files of what keepers saw and decided are kept. Not less than the month for which it is in rows anyway; ten
 * years is what any authority asks for.
 */
const historyDays = z
  .int()
  .min(31, 'expected at least 31 days: as long as it is in rows')
  .max(3_660, 'expected at most 3660 days, which are ten years')
  .default(400)
  .describe('For how many days what keepers saw and decided is kept in files.')

export const store = z
  .discriminatedUnion(
    'kind',
    [
      section({
        kind: z.literal('dynamodb'),
        table: z
          .string()
          .regex(
            /^[A-Za-z0-9_.-]{3,255}$/,
            'expected a table name of 3 to 255 letters, digits, dots, dashes or underscores',
          ),
        region: region.optional().describe("Absent: the one of the function's own environment."),
        endpoint: webUrl.optional().describe('An emulator. Absent: AWS.'),
        blobs,
        historyDays,
      }),
      section({
        kind: z.literal('memory'),
        file: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Where rows are saved, relative to this file. Absent: they go with the process.',
          ),
        historyDays,
      }),
    ],
    { error: 'expected kind dynamodb or memory' },
  )
  .describe('Where everything that must be decided once is kept.')

export const queue = z
  .discriminatedUnion(
    'kind',
    [
      section({
        kind: z.literal('sqs'),
        urls: z
          .partialRecord(z.enum(jobNames), webUrl)
          .default({})
          .describe('One queue per job. Absent: those of the deployment.'),
        endpoint: webUrl.optional().describe('An emulator. Absent: AWS.'),
      }),
      section({ kind: z.literal('in-process') }),
    ],
    { error: 'expected kind sqs or in-process' },
  )
  .prefault({ kind: 'in-process' })
  .describe('What wakes workers. `in-process` is for one process that does everything.')
