import type { Peer } from '../../ports.ts'
import type { Network, NetworkPeer } from '../network/schema.ts'
import { targetsOf } from './targets.ts'

/** Several times what hundreds of markets' reports for a few exchanges are. */
const maxAnswerBytes = 2_000_000

/** The other operators' nodes that the network file names. */
export async function composePeers(network: Network): Promise<readonly Peer[]> {
  if (network.peers.length === 0) return []
  // Loaded where it is needed only: most networks have none.
  const [{ httpClient }, { httpPeer }] = await Promise.all([
    import('../../adapters/http-client.ts'),
    import('../../adapters/peers/http-peer.ts'),
  ])
  const targets = targetsOf(network)
  const client = httpClient({
    maxBytes: maxAnswerBytes,
    keepAlive: true,
    headers: { 'user-agent': 'starkeep/0.1', accept: 'application/json' },
  })
  return network.peers.map((peer) =>
    httpPeer({
      node: peer.name,
      url: peer.url,
      signers: signersOf(network, peer),
      targets,
      client,
    }),
  )
}

/** By exchange, as reports name them: lower case, and felts without leading zeros. */
function signersOf({ engines }: Network, { signers, next }: NetworkPeer): Peer['signers'] {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, { kind }]) => {
      const curve = kind === 'evm-engine' ? 'evm' : 'stark'
      const own = [signers[curve], next?.[curve]].flatMap((signer) =>
        signer === undefined ? [] : [`0x${signer.slice(2).toLowerCase()}` as const],
      )
      return own.length === 0 ? [] : [[name, own]]
    }),
  )
}
