import type { Config } from './config.ts'
import { alertKeys, keyReferences, type NamedKey } from './network/key-references.ts'
import type { Network } from './network/schema.ts'
import type { KeyReference, SecretReference } from './reference.ts'
import { referenceName } from './reference.ts'

/**
 * One sentence for each key that the network file names and this function may not use. Roles allow exactly the keys of
 * the stack, so a file that names others would fail at its first signature, in words of AWS.
 */
export function foreignKeys(network: Network, config: Config): readonly string[] {
  return Object.values(foreign(keyReferences(network), config))
}

/** As those, by path, of what people are told with: one such secret keeps nobody from being told by the others. */
export function foreignAlertKeys(
  network: Network,
  config: Config,
): Readonly<Record<string, string>> {
  return foreign(alertKeys(network), config)
}

function foreign(named: readonly NamedKey[], { keys }: Config): Readonly<Record<string, string>> {
  return Object.fromEntries(
    named.flatMap(({ path, reference, of, is }) => {
      const allowed = allowedFor(of, is, keys)
      if (!allowed || allowed.some((arn) => fits(reference, arn))) return []
      const sentence = `${path} names ${referenceName(reference)}, but this deployment may use ${allowed.join(' and ')} only`
      return [[path, sentence] as const]
    }),
  )
}

/** Undefined where this function uses none of that kind. */
function allowedFor(
  of: NamedKey['of'],
  is: NamedKey['is'],
  keys: Config['keys'],
): readonly string[] | undefined {
  switch (of) {
    case 'oracle':
      return is === 'evm' ? keys.oracleKms : keys.oracleStark
    case 'sender':
      return is === 'evm' ? keys.senderKms : keys.senderStark
    case 'liquidator':
      return keys.liquidatorStark
    case 'prover':
      return keys.provers === undefined ? undefined : [keys.provers]
    case 'alerts':
      return keys.alerts === undefined ? undefined : [keys.alerts]
  }
}

/** By ARN where the file has one; a secret's ARN ends in its name and six characters of AWS's own. */
function fits(reference: KeyReference, arn: string): boolean {
  switch (reference.kind) {
    case 'kms':
      return reference.key === arn
    case 'secretsmanager':
      return isSecret(reference, arn)
    case 'file':
      return false
  }
}

function isSecret(
  { secret }: SecretReference & { readonly kind: 'secretsmanager' },
  arn: string,
): boolean {
  const name = arn.slice(arn.indexOf(':secret:') + ':secret:'.length)
  return secret === arn || name.replace(/-[A-Za-z0-9]{6}$/, '') === secret
}

/** The network file names keys that this function has no right to. */
export class ForeignKeysError extends Error {
  override readonly name = 'ForeignKeysError'

  constructor(problems: readonly string[]) {
    super(problems.join('; '))
  }
}
