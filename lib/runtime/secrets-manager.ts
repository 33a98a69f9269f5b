import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'

import type { SecretReference } from './reference.ts'
import { SecretUnavailableError } from './secret-error.ts'

type ManagedReference = SecretReference & { readonly kind: 'secretsmanager' }

type Place = { readonly region?: string | undefined; readonly endpoint?: string | undefined }

/** The whole text of a secret in AWS Secrets Manager. */
export async function readManagedSecret(
  reference: ManagedReference,
  place: Place,
): Promise<string> {
  // Loaded where it is needed only: a laptop has its secrets in files.
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import('@aws-sdk/client-secrets-manager')
  const client = new SecretsManagerClient(clientOptions(reference, place))
  try {
    const { SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId: reference.secret }),
    )
    if (SecretString === undefined || SecretString.trim() === '')
      throw new SecretUnavailableError(reference, 'the secret has no text yet')
    return SecretString
  } catch (cause) {
    if (cause instanceof SecretUnavailableError) throw cause
    throw new SecretUnavailableError(reference, reasonOf(cause), { cause })
  } finally {
    client.destroy()
  }
}

function clientOptions(
  { secret }: ManagedReference,
  { region, endpoint }: Place,
): SecretsManagerClientConfig {
  const own = regionOf(secret) ?? region
  return {
    // Asked for at start only; a start may wait a little.
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
    },
    ...(own === undefined ? {} : { region: own }),
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  }
}

/** An ARN names its region: `arn:aws:secretsmanager:eu-west-1:…`. */
export function regionOf(arn: string): string | undefined {
  return arn.startsWith('arn:') ? arn.split(':')[3] : undefined
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  switch (cause.name) {
    case 'ResourceNotFoundException':
      return 'there is no secret of that name, or it has no value yet'
    case 'AccessDeniedException':
      return 'this process may not read it'
    default:
      return `${cause.name}: ${cause.message}`
  }
}
