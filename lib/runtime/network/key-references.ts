import type { KeyReference, Text } from '../reference.ts'
import { accountsOf } from './accounts.ts'
import type { Network, NetworkChain, NetworkChannel, NetworkProvingLane } from './schema.ts'

/** A key, certificate or password that the network file names. */
export type NamedKey = {
  /** `oracles.one.keys.evm`. */
  readonly path: string
  readonly reference: KeyReference
  /** Who may use it. */
  readonly of: 'oracle' | 'sender' | 'liquidator' | 'prover' | 'alerts'
  /** What it is: a key of that curve, or a text. */
  readonly is: 'evm' | 'stark' | 'text'
}

/** What channels and the lifeline are reached with, by where the file names it: an address can be a secret too. */
export function alertKeys({ alerts }: Network): readonly NamedKey[] {
  const secrets = [
    ...Object.entries(alerts.channels).flatMap(([name, channel]) =>
      Object.entries(channelSecrets(channel)).map(
        ([part, text]) => [`alerts.channels.${name}.${part}`, text] as const,
      ),
    ),
    ['alerts.lifeline', alerts.lifeline] as const,
  ]
  return secrets.flatMap(([path, text]): readonly NamedKey[] =>
    text === undefined || text.kind === 'literal'
      ? []
      : [{ path, reference: text, of: 'alerts', is: 'text' }],
  )
}

function channelSecrets(channel: NetworkChannel): Readonly<Record<string, Text | undefined>> {
  switch (channel.kind) {
    case 'terminal':
    case 'sns':
    case 'email':
      return {}
    case 'telegram':
      return { token: channel.token }
    case 'slack':
    case 'discord':
      return { url: channel.url }
    case 'pagerduty':
      return { routingKey: channel.routingKey }
    case 'webhook':
      return { url: channel.url, secret: channel.secret }
  }
}

/** Everything that is signed or logged in with: without one of them there is work that cannot be done. */
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
