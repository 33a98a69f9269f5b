import type { Config } from './config.ts'
import { accountsOf } from './network/accounts.ts'
import type { Network, NetworkChain, NetworkProvingLane } from './network/schema.ts'
import type { KeyReference, SecretReference } from './reference.ts'
import { referenceName } from './reference.ts'

/**
 * One sentence for each key that the network file names and this function may not use. Roles allow exactly the keys of
 * the stack, so a file that names others would fail at its first signature, in words of AWS.
 */
export function foreignKeys(network: Network, { keys }: Config): readonly string[] {
  const named: readonly (readonly [string, KeyReference | undefined, Allowed])[] = [
    ...network.oracles.flatMap((oracle) =>
      (['keys', 'next'] as const).flatMap((part) => [
        [`oracles.${oracle.name}.${part}.evm`, oracle[part]?.evm, keys.oracleKms] as const,
        [`oracles.${oracle.name}.${part}.stark`, oracle[part]?.stark, keys.oracleStark] as const,
      ]),
    ),
    ...Object.entries(network.chains).flatMap(([name, chain]) => senderSecrets(name, chain, keys)),
    ...Object.entries(network.engines).flatMap(([name, engine]) => {
      const owner = engine.kind === 'evm-engine' ? undefined : engine.liquidation?.liquidator
      const path = `engines.${name}.liquidation.liquidator.key`
      return owner ? [[path, owner.key, keys.liquidatorStark] as const] : []
    }),
    ...Object.entries(network.proving).flatMap(([name, lane]) => proverSecrets(name, lane, keys)),
  ]
  return named.flatMap(([path, reference, allowed]) => {
    if (!reference || !allowed || allowed.some((arn) => fits(reference, arn))) return []
    return `${path} names ${referenceName(reference)}, but this deployment may use ${allowed.join(' and ')} only`
  })
}

type Allowed = readonly string[] | undefined

/** What sends on a chain: accounts' keys, or the certificates that a gateway asks for. */
function senderSecrets(
  name: string,
  chain: NetworkChain,
  keys: Config['keys'],
): readonly (readonly [string, KeyReference, Allowed])[] {
  if (chain.kind === 'starkex')
    return Object.entries(chain.tls ?? {}).map(([part, reference]) => [
      `chains.${name}.tls.${part}`,
      reference,
      keys.senderStark,
    ])
  const allowed = chain.kind === 'evm' ? keys.senderKms : keys.senderStark
  return accountsOf(chain).map(({ path, account }) => [
    `chains.${name}.${path.join('.')}.key`,
    account.key,
    allowed,
  ])
}

/** What provers know this deployment by: a key of their API, or certificates. */
function proverSecrets(
  name: string,
  { provers }: NetworkProvingLane,
  keys: Config['keys'],
): readonly (readonly [string, KeyReference, Allowed])[] {
  const allowed = keys.provers === undefined ? undefined : [keys.provers]
  return provers.flatMap((prover) => {
    const references =
      prover.kind === 'atlantic'
        ? [['apiKey', prover.apiKey] as const]
        : Object.entries(prover.tls ?? {}).map(([part, key]) => [`tls.${part}`, key] as const)
    return references.map(
      ([part, reference]) =>
        [`proving.${name}.provers.${prover.name}.${part}`, reference, allowed] as const,
    )
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
