import { pathToFileURL, fileURLToPath } from 'node:url'

/** What of a network file says where alerts go. */
type Alerts = {
  readonly channels: Readonly<
    Record<
      string,
      | { readonly kind: 'sns'; readonly topicArn: string }
      | { readonly kind: 'email'; readonly from: string; readonly region?: string | undefined }
      | { readonly kind: string }
    >
  >
}

type NamedNetwork = (directory: string, name: string) => Promise<{ readonly alerts: Alerts }>

type Statement = {
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly unknown[]
}

/**
 * What a function that tells people must be allowed beside reading its secret: to publish to the topics that the network
 * file names, and to send mail from its addresses. Nothing where it names none.
 */
export function alertRights({ channels }: Alerts): readonly Statement[] {
  const all = Object.values(channels)
  const topics = all.flatMap((one) => ('topicArn' in one ? [one.topicArn] : []))
  const senders = all.flatMap((one) => ('from' in one ? identities(one) : []))
  return [
    ...(topics.length > 0 ? [statement('sns:Publish', topics)] : []),
    ...(senders.length > 0 ? [statement('ses:SendEmail', senders)] : []),
  ]
}

function statement(action: string, resources: readonly unknown[]): Statement {
  return { Effect: 'Allow', Action: [action], Resource: resources }
}

/** Either may be what was verified: the address itself, or its domain. */
function identities({
  from,
  region = '${AWS::Region}',
}: {
  readonly from: string
  readonly region?: string | undefined
}): readonly unknown[] {
  const arn = `arn:\${AWS::Partition}:ses:${region}:\${AWS::AccountId}:identity`
  return [from, from.slice(from.indexOf('@') + 1)].map((identity) => ({
    'Fn::Sub': `${arn}/${identity}`,
  }))
}

/** What of the framework this uses. */
type Serverless = {
  readonly service: {
    readonly provider: { readonly stage: string }
    readonly functions: Readonly<
      Record<string, { environment?: Record<string, unknown>; iamRoleStatements?: unknown[] }>
    >
  }
}

/** Gives these rights, as the network file of the stage has them, to the functions that know the channels' secrets. */
export class AlertRights {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>

  constructor(serverless: Serverless) {
    this.hooks = { 'before:package:createDeploymentArtifacts': () => give(serverless) }
  }
}

async function give({ service }: Serverless): Promise<void> {
  const path = fileURLToPath(new URL('../../lib/runtime/named-network.ts', import.meta.url))
  const { namedNetwork } = (await import(pathToFileURL(path).href)) as {
    readonly namedNetwork: NamedNetwork
  }
  const networks = fileURLToPath(new URL('../networks', import.meta.url))
  const { alerts } = await namedNetwork(networks, service.provider.stage)
  for (const one of Object.values(service.functions))
    if (one.environment && 'STARKEEP_ALERT_SECRET' in one.environment)
      one.iamRoleStatements = [...(one.iamRoleStatements ?? []), ...alertRights(alerts)]
}

// The framework takes its plugins with `require`, which answers what an ES module exports under this name.
export { AlertRights as 'module.exports' }
