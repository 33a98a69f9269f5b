import type { KeyReference } from '../reference.ts'
import { accountsOf } from './accounts.ts'
import type { Network, NetworkChain, NetworkProvingLane } from './schema.ts'

/** A key, certificate or password that the network file names. */
export type NamedKey = {
  /** `oracles.one.keys.evm`. */
  readonly path: string
  readonly reference: KeyReference
  /** Who may use it. */
  readonly of: 'oracle' | 'sender' | 'liquidator' | 'prover'
  /** What it is: a key of that curve, or a text. */
  readonly is: 'evm' | 'stark' | 'text'
}

/** Everything that is signed or logged in with, but alert channels' own. */
export function keyReferences(network: Network): readonly NamedKey[] {
  return [
    ...network.oracles.flatMap((oracle) =>
      (['keys', 'next'] as const).flatMap((part) =>
        (['evm', 'stark'] as const).flatMap((curve): readonly NamedKey[] => {
          const reference = oracle[part]?.[curve]
          const path = `oracles.${oracle.name}.${part}.${curve}`
          return reference ? [{ path, reference, of: 'oracle', is: curve }] : []
        }),
      ),
    ),
    ...Object.entries(network.chains).flatMap(([name, chain]) => senderKeys(name, chain)),
    ...Object.entries(network.engines).flatMap(([name, engine]): readonly NamedKey[] => {
      const owner = engine.kind === 'evm-engine' ? undefined : engine.liquidation?.liquidator
      const path = `engines.${name}.liquidation.liquidator.key`
      return owner ? [{ path, reference: owner.key, of: 'liquidator', is: 'stark' }] : []
    }),
    ...Object.entries(network.proving).flatMap(([name, lane]) => proverKeys(name, lane)),
  ]
}

/** What sends on a chain: accounts' keys, or the certificates that a gateway asks for. */
function senderKeys(name: string, chain: NetworkChain): readonly NamedKey[] {
  if (chain.kind === 'starkex')
    return Object.entries(chain.tls ?? {}).map(([part, reference]) => ({
      path: `chains.${name}.tls.${part}`,
      reference,
      of: 'sender',
      is: 'text',
    }))
  return accountsOf(chain).map(({ path, account }) => ({
    path: `chains.${name}.${path.join('.')}.key`,
    reference: account.key,
    of: 'sender',
    is: chain.kind === 'evm' ? 'evm' : 'stark',
  }))
}

/** What provers know this deployment by: a key of their API, or certificates. */
function proverKeys(name: string, { provers }: NetworkProvingLane): readonly NamedKey[] {
  return provers.flatMap((prover) => {
    const references =
      prover.kind === 'atlantic'
        ? [['apiKey', prover.apiKey] as const]
        : Object.entries(prover.tls ?? {}).map(([part, key]) => [`tls.${part}`, key] as const)
    return references.map(([part, reference]): NamedKey => {
      const path = `proving.${name}.provers.${prover.name}.${part}`
      return { path, reference, of: 'prover', is: 'text' }
    })
  })
}
