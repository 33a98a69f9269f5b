import { onceEach } from './once-each.ts'
import { referenceName, type SecretReference, type Text } from './reference.ts'
import { SecretUnavailableError } from './secret-error.ts'
import { readSecretFile } from './secret-file.ts'
import { secret, type Secret } from './secret.ts'
import { readManagedSecret } from './secrets-manager.ts'

/** Reads secrets from where the network file says they are. */
export type Secrets = {
  /** A text that may be a secret. Read once per process, so a changed secret counts after the next start. */
  text(reference: Text): Promise<Secret>
}

export type SecretsOptions = {
  /** The folder of the network file: `file:` is relative to it. */
  readonly directory: string
  /** For secrets named without an ARN. Where undefined, the one of the process's own environment. */
  readonly region?: string | undefined
  /** A stand-in for Secrets Manager. */
  readonly endpoint?: string | undefined
}

export function openSecrets(options: SecretsOptions): Secrets {
  const read = onceEach(place, (reference: SecretReference) =>
    reference.kind === 'file'
      ? readSecretFile(reference, options)
      : readManagedSecret(reference, options),
  )

  return {
    async text(reference) {
      if (reference.kind === 'literal') return secret(reference.text)
      const text = await read(reference)
      return secret(reference.kind === 'file' ? text : fieldOf(text, reference))
    },
  }
}

/** One secret with ten fields is asked for once. */
function place(reference: SecretReference): string {
  return referenceName(reference.kind === 'file' ? reference : { ...reference, field: undefined })
}

function fieldOf(
  text: string,
  reference: SecretReference & { readonly kind: 'secretsmanager' },
): string {
  const { field } = reference
  if (field === undefined) return text
  const value = fieldsOf(text)?.get(field)
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new SecretUnavailableError(reference, `it is no JSON with text under "${field}"`)
}

/** The parser's own error would quote the text, so it goes no further. */
function fieldsOf(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
