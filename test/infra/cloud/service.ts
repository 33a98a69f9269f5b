import { readFileSync } from 'node:fs'

import { z } from 'zod'

import { parseWithTags } from '../../../infra/local/cloudformation.ts'

const root = new URL('../../../', import.meta.url)

const Statement = z.strictObject({
  Effect: z.literal('Allow'),
  Action: z.array(z.string()).min(1),
  Resource: z.unknown(),
})

const Consumer = z.strictObject({
  arn: z.unknown(),
  batchSize: z.number(),
  functionResponseType: z.string(),
})

// Strict: what is not listed here, such as `role`, must not appear unseen.
const FunctionDefinition = z.strictObject({
  handler: z.string(),
  timeout: z.number().optional(),
  memorySize: z.number().optional(),
  maximumRetryAttempts: z.number().optional(),
  maximumEventAge: z.number().optional(),
  reservedConcurrency: z.number().optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  events: z.array(z.strictObject({ sqs: Consumer })).default([]),
  url: z.union([z.strictObject({ authorizer: z.string() }), z.literal(true)]).optional(),
  iamRoleStatements: z.array(Statement).min(1),
})

const Resource = z.object({
  Type: z.string(),
  DeletionPolicy: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
})

const Service = z.object({
  provider: z.object({
    runtime: z.string(),
    architecture: z.string(),
    timeout: z.number(),
    environment: z.record(z.string(), z.unknown()),
  }),
  custom: z.object({ esbuild: z.record(z.string(), z.unknown()) }),
  functions: z.record(z.string(), FunctionDefinition),
  resources: z.array(
    z.object({
      Resources: z.record(z.string(), Resource).default({}),
      extensions: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
})

export type Service = z.infer<typeof Service>
export type Resource = z.infer<typeof Resource>

/** serverless.yml with every file that it includes in place, checked against the shape that we allow. */
export function readService(): Service {
  return Service.parse(included(read('serverless.yml')))
}

export function read(path: string): unknown {
  return parseWithTags(readFileSync(new URL(path, root), 'utf8'))
}

/** Puts `${file(path):key}` in place, as the framework does. */
function included(value: unknown): unknown {
  if (typeof value === 'string') return includedFile(value)
  if (Array.isArray(value)) return value.map(included)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, included(member)]))
}

function includedFile(text: string): unknown {
  const [, path, keys] = /^\$\{file\(([^)]+)\)(?::([\w.-]+))?\}$/.exec(text) ?? []
  if (path === undefined) return text
  return included((keys?.split('.') ?? []).reduce(memberOf, read(path)))
}

export function memberOf(value: unknown, key: string): unknown {
  return z.record(z.string(), z.unknown()).parse(value)[key]
}
