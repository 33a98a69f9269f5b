import * as z from 'zod'

/** What the deployment tells a function through its environment: names of places, never a secret. */
export type Config = z.output<typeof schema>

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON' })
    return z.NEVER
  }
})

const schema = z
  .object({
    /** The network file in infra/networks, by its name without `.yml`. */
    STARKEEP_NETWORK: z.string().regex(/^[a-z0-9-]+$/, 'expected the name of a network file'),
    STARKEEP_TABLE: z.string().min(1),
    /** Only for the planner: each job's queue. */
    STARKEEP_QUEUES: json.pipe(z.record(z.string(), z.url())).optional(),
    /** The keys that this function may use; a network file that names others cannot work here. */
    STARKEEP_ORACLE_KMS_KEY: z.string().optional(),
    STARKEEP_ORACLE_STARK_SECRET: z.string().optional(),
    STARKEEP_SENDER_KMS_KEY: z.string().optional(),
    STARKEEP_SENDER_STARK_SECRET: z.string().optional(),
    STARKEEP_ALERT_SECRET: z.string().optional(),
    AWS_REGION: z.string().min(1),
    LAMBDA_TASK_ROOT: z.string().min(1).optional(),
  })
  .transform((env) => ({
    network: env.STARKEEP_NETWORK,
    table: env.STARKEEP_TABLE,
    queues: env.STARKEEP_QUEUES ?? {},
    region: env.AWS_REGION,
    root: env.LAMBDA_TASK_ROOT ?? '.',
    keys: {
      oracleKms: env.STARKEEP_ORACLE_KMS_KEY,
      oracleStark: env.STARKEEP_ORACLE_STARK_SECRET,
      senderKms: env.STARKEEP_SENDER_KMS_KEY,
      senderStark: env.STARKEEP_SENDER_STARK_SECRET,
      alerts: env.STARKEEP_ALERT_SECRET,
    },
  }))

/** Reads a function's environment; nothing else does. Throws with every variable that is missing or wrong. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const parsed = schema.safeParse(env)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  )
}

/** The function was deployed with an environment that it cannot work with. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(problems: readonly string[]) {
    super(`the environment is not what serverless.yml gives: ${problems.join('; ')}`)
  }
}
