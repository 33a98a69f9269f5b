import * as z from 'zod/mini'

/** What the deployment tells a function through its environment: names of places, never a secret. */
export type Config = ReturnType<typeof readConfig>

const text = z.string('expected a text').check(z.minLength(1, 'expected a text'))

const json = z.pipe(
  text,
  z.transform((source: string, context): unknown => {
    try {
      return JSON.parse(source)
    } catch {
      context.issues.push({ code: 'custom', message: 'expected JSON', input: source })
      return z.NEVER
    }
  }),
)

const urls = z.record(z.string(), z.url('expected a URL'), 'expected URLs by names of jobs')

/** Several, with commas between them. */
const names = z.optional(
  z.pipe(
    z.string(),
    z.transform((words: string) => words.split(',')),
  ),
)

const Environment = z.object({
  /** The network file in infra/networks, by its name without `.yml`. */
  STARKEEP_NETWORK: text.check(z.regex(/^[a-z0-9-]+$/, 'expected the name of a network file')),
  STARKEEP_TABLE: text,
  /** The bucket for what is too large for a row. */
  STARKEEP_BUCKET: text,
  /** Only for the planner: each job's queue. */
  STARKEEP_QUEUES: z.optional(z.pipe(json, urls)),
  /** The keys that this function may use; a network file that names others cannot work here. */
  STARKEEP_ORACLE_KMS_KEYS: names,
  STARKEEP_ORACLE_STARK_SECRETS: names,
  STARKEEP_SENDER_KMS_KEYS: names,
  STARKEEP_SENDER_STARK_SECRETS: names,
  STARKEEP_LIQUIDATOR_STARK_SECRETS: names,
  STARKEEP_ALERT_SECRET: z.optional(z.string()),
  STARKEEP_PROVER_SECRET: z.optional(z.string()),
  AWS_REGION: text,
  LAMBDA_TASK_ROOT: z.optional(text),
})

/** Reads a function's environment; nothing else does. Throws with every variable that is missing or wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  const parsed = Environment.safeParse(env)
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    )
  const { data } = parsed
  return {
    network: data.STARKEEP_NETWORK,
    table: data.STARKEEP_TABLE,
    bucket: data.STARKEEP_BUCKET,
    queues: data.STARKEEP_QUEUES ?? {},
    region: data.AWS_REGION,
    root: data.LAMBDA_TASK_ROOT ?? '.',
    keys: {
      oracleKms: data.STARKEEP_ORACLE_KMS_KEYS,
      oracleStark: data.STARKEEP_ORACLE_STARK_SECRETS,
      senderKms: data.STARKEEP_SENDER_KMS_KEYS,
      senderStark: data.STARKEEP_SENDER_STARK_SECRETS,
      liquidatorStark: data.STARKEEP_LIQUIDATOR_STARK_SECRETS,
      alerts: data.STARKEEP_ALERT_SECRET,
      provers: data.STARKEEP_PROVER_SECRET,
    },
  } as const
}

/** The function was deployed with an environment that it cannot work with. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(problems: readonly string[]) {
    super(`the environment is not what serverless.yml gives: ${problems.join('; ')}`)
  }
}
