import { accountFor } from './accounts.ts'
import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import { repeated } from './repeated.ts'
import type { Network } from './schema.ts'

/** What prove-batches needs: chains of the right kind, an account that sends, names that nothing else has. */
export function checkProving(network: Network): readonly Finding[] {
  const { proving, jobs, engines } = network
  const lanes = Object.entries(proving)
  const idle =
    jobs['prove-batches'] && lanes.length === 0
      ? [
          {
            path: ['jobs', 'prove-batches'],
            text: 'expected a lane in `proving`, which says what is proved',
          },
        ]
      : []
  const twice = lanes.flatMap(([name]) =>
    entry(engines, name)
      ? [
          {
            path: ['proving', name],
            text: 'expected a name that no engine has: lanes send for both',
          },
        ]
      : [],
  )
  return [...idle, ...twice, ...lanes.flatMap(([name, lane]) => checkLane(network, name, lane))]
}

type Lane = Network['proving'][string]

function checkLane(network: Network, name: string, lane: Lane): readonly Finding[] {
  const path = ['proving', name]
  const { settlement, pollMs, provers } = lane
  const chain = entry(network.chains, settlement.chain)
  const at = [...path, 'settlement', 'chain']
  return [
    ...checkSource(network, path, lane),
    ...(chain?.kind === 'evm'
      ? []
      : [{ path: at, text: 'expected a chain of this file of kind evm, where it is settled' }]),
    ...(network.jobs['prove-batches'] && chain?.kind === 'evm' && !accountFor(chain, 'settlement')
      ? [
          {
            path: ['chains', settlement.chain],
            text: `expected an account for settlement, since prove-batches sends for ${name}`,
          },
        ]
      : []),
    ...(pollMs.least <= pollMs.most
      ? []
      : [
          {
            path: [...path, 'pollMs', 'least'],
            text: `expected at most ${pollMs.most}, the longest`,
          },
        ]),
    ...repeated(
      provers.map((prover, index) => ({ prover, path: [...path, 'provers', index, 'name'] })),
      ({ prover }) => prover.name,
      'expected each prover under a name of its own',
    ),
    ...checkFit(path, lane),
  ]
}

function checkSource(
  { chains, engines }: Network,
  path: readonly string[],
  { source }: Lane,
): readonly Finding[] {
  const at = (key: string) => [...path, 'source', key]
  switch (source.kind) {
    case 'starknet-blocks':
      return entry(chains, source.chain)?.kind === 'starknet'
        ? []
        : [{ path: at('chain'), text: 'expected a chain of this file of kind starknet' }]
    case 'own-engine':
      return entry(engines, source.engine)?.kind === 'evm-engine'
        ? []
        : [{ path: at('engine'), text: 'expected an engine of this file of kind evm-engine' }]
    case 'starkex-batches': {
      const chain = entry(chains, source.chain)
      return chain?.kind === 'starkex' && chain.batches
        ? []
        : [
            {
              path: at('chain'),
              text: 'expected a chain of this file of kind starkex with `batches`',
            },
          ]
    }
  }
}

/** A contract reads one program's output only. */
function checkFit(path: readonly string[], { source, settlement }: Lane): readonly Finding[] {
  const isStarkex = source.kind === 'starkex-batches'
  return isStarkex === (settlement.kind === 'stark-perpetual')
    ? []
    : [
        {
          path: [...path, 'settlement', 'kind'],
          text: isStarkex
            ? 'expected stark-perpetual, which settles what StarkEx closes'
            : 'expected starknet-core, which settles blocks',
        },
      ]
}
