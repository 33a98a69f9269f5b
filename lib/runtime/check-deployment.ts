import type { Config } from './config.ts'
import { accountsOf } from './network/accounts.ts'
import type { Network } from './network/schema.ts'
import type { KeyReference, SecretReference } from './reference.ts'
import { referenceName } from './reference.ts'

/**
 * One sentence for each key that the network file names and this function may not use. Roles allow exactly the keys of
 * the stack, so a file that names others would fail at its first signature, in words of AWS.
 */
export function foreignKeys(network: Network, { keys }: Config): readonly string[] {
  const named: readonly (readonly [string, KeyReference | undefined, string | undefined])[] = [
    ...network.oracles.flatMap(({ name, keys: { evm, stark } }) => [
      [`oracles.${name}.keys.evm`, evm, keys.oracleKms] as const,
      [`oracles.${name}.keys.stark`, stark, keys.oracleStark] as const,
    ]),
    ...Object.entries(network.chains).flatMap(([name, chain]) => {
      const allowed = chain.kind === 'evm' ? keys.senderKms : keys.senderStark
      return accountsOf(chain).map(
        ({ path, account }) =>
          [`chains.${name}.${path.join('.')}.key`, account.key, allowed] as const,
      )
    }),
  ]
  return named.flatMap(([path, reference, allowed]) => {
    if (!reference || allowed === undefined || fits(reference, allowed)) return []
    return `${path} names ${referenceName(reference)}, but this deployment may use ${allowed} only`
  })
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
