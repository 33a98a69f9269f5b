import { existsSync, readFileSync } from 'node:fs'

import { z } from 'zod'

const file = new URL('../../../../shared/vectors/l1-conformance.json', import.meta.url)

const Hex = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]*$/)])
const Case = z.looseObject({
  id: z.string(),
  kind: z.enum(['tx', 'view', 'hash', 'layout']),
  pre: z.record(z.string(), z.unknown()).optional(),
  call: z
    .looseObject({
      target: z.string(),
      function: z.string(),
      from: z.string().optional(),
      args: z.unknown().optional(),
      data: Hex.optional(),
      value: z.string().optional(),
    })
    .optional(),
  chain: z.looseObject({ timestamp: z.string() }).optional(),
  ours: z.record(z.string(), z.unknown()).optional(),
  result: z
    .looseObject({
      status: z.enum(['ok', 'revert']).optional(),
      revert: z
        .object({
          kind: z.enum(['Error', 'Panic', 'empty']).optional(),
          reason: z.string().optional(),
          code: z.string().optional(),
          data: Hex.optional(),
        })
        .optional(),
      innermostReason: z.string().optional(),
      allGasBurnt: z.boolean().optional(),
      factQueries: z
        .array(z.object({ registry: z.string(), fact: Hex, answer: z.boolean() }))
        .optional(),
      logs: z
        .array(
          z.looseObject({
            emitter: z.string(),
            event: z.string(),
            topics: z.array(Hex),
            data: Hex,
          }),
        )
        .optional(),
      returned: z.unknown().optional(),
      data: Hex.optional(),
    })
    .optional(),
  post: z.record(z.string(), z.unknown()).optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  of: z.string().optional(),
  words: z
    .array(z.object({ index: z.number(), field: z.string(), value: z.string() }).loose())
    .optional(),
  applicationData: z.array(z.string()).optional(),
})
export type L1Case = z.infer<typeof Case>

const File = z.object({
  roles: z.record(z.string(), z.record(z.string(), Hex)),
  cases: z.array(Case),
})

/** What the real L1 contracts answered (vectors recorded by execution), where the file is beside the project. */
export const l1Recording = existsSync(file)
  ? File.parse(JSON.parse(readFileSync(file, 'utf8')))
  : undefined

/** The title of tests that need the vectors; it says why where they are skipped. */
export function titledL1(title: string): string {
  return l1Recording === undefined ? `${title} (skipped: ${file.pathname} is not there)` : title
}

/** In the order of their recording. */
export function l1Cases(prefix: string, kind?: L1Case['kind']): readonly L1Case[] {
  const cases = l1Recording?.cases ?? []
  return cases.filter(
    (one) => one.id.startsWith(prefix) && (kind === undefined || one.kind === kind),
  )
}

/** Numbers as the file writes them. */
export const Words = z.array(z.string().transform((text) => BigInt(text)))
