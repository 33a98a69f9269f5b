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
  const { pollMs, provers } = lane
  return [
    ...checkSource(network, path, lane),
    ...checkChain(network, name, lane),
    ...checkMocks(network, name, lane),
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
    ...checkFit(network, path, lane),
  ]
}

function checkChain(network: Network, name: string, { settlement }: Lane): readonly Finding[] {
  const kind = settlement.kind === 'piltover' ? 'starknet' : 'evm'
  const chain = entry(network.chains, settlement.chain)
  if (chain?.kind !== kind)
    return [
      {
        path: ['proving', name, 'settlement', 'chain'],
        text: `expected a chain of this file of kind ${kind}, where it is settled`,
      },
    ]
  return network.jobs['prove-batches'] && !accountFor(chain, 'settlement')
    ? [
        {
          path: ['chains', settlement.chain],
          text: `expected an account for settlement, since prove-batches sends for ${name}`,
        },
      ]
    : []
}

/** The chains whose assets are worth something, by the ids that they have. */
const mainnets: ReadonlySet<number | string> = new Set([1, '0x534e5f4d41494e'])

/** The chain on which it is settled, where it is a main network. */
function isOnMainnet({ chains }: Network, { settlement }: Lane): boolean {
  const chain = entry(chains, settlement.chain)
  return chain !== undefined && chain.kind !== 'starkex' && mainnets.has(chain.chainId)
}

function checkMocks(network: Network, name: string, lane: Lane): readonly Finding[] {
  return lane.mayBeMocked && isOnMainnet(network, lane)
    ? [
        {
          path: ['proving', name, 'mayBeMocked'],
          text: `expected false on a main network: ${lane.settlement.chain} would be told what nobody proved`,
        },
      ]
    : []
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

/** A contract reads one program's output only, and asks one registry for facts. */
function checkFit(network: Network, path: readonly string[], lane: Lane): readonly Finding[] {
  const { source, settlement } = lane
  const at = [...path, 'settlement', 'kind']
  const isStarkex = source.kind === 'starkex-batches'
  if (isStarkex !== (settlement.kind === 'stark-perpetual'))
    return [{ path: at, text: fittingKinds[source.kind] }]
  if (settlement.kind !== 'piltover') return checkProversOnL1(path, lane)
  if (source.kind !== 'starknet-blocks') return [{ path: at, text: fittingKinds[source.kind] }]
  return [
    ...(source.chain === settlement.chain
      ? [
          {
            path: [...path, 'settlement', 'chain'],
            text: 'expected another chain than the appchain, which is settled there',
          },
        ]
      : []),
    ...checkProversOnStarknet(network, path, lane),
  ]
}

const fittingKinds = {
  'starkex-batches': 'expected stark-perpetual, which settles what StarkEx closes',
  'own-engine': 'expected starknet-core, which settles blocks',
  'starknet-blocks': 'expected starknet-core or piltover, which settle blocks',
} as const

const onStarknet = 'PROOF_VERIFICATION_ON_L2'

/** SN_MAIN and SN_SEPOLIA: of the others nobody knows which side they are on. */
const starknets = new Set(['0x534e5f4d41494e', '0x534e5f5345504f4c4941'])

function checkProversOnStarknet(
  network: Network,
  path: readonly string[],
  lane: Lane,
): readonly Finding[] {
  const { provers, settlement } = lane
  const chain = entry(network.chains, settlement.chain)
  const isKnown = chain?.kind === 'starknet' && starknets.has(chain.chainId)
  const wanted = isOnMainnet(network, lane) ? 'MAINNET' : 'TESTNET'
  return provers.flatMap((prover, index) => {
    const at = [...path, 'provers', index]
    if (prover.kind !== 'atlantic')
      return [
        { path: [...at, 'kind'], text: 'expected atlantic, which registers facts on Starknet' },
      ]
    return [
      ...(prover.result === onStarknet
        ? []
        : [
            {
              path: [...at, 'result'],
              text: `expected ${onStarknet}: piltover asks a registry on Starknet`,
            },
          ]),
      ...(!isKnown || prover.network === wanted
        ? []
        : [
            {
              path: [...at, 'network'],
              text: `expected ${wanted}, where ${settlement.chain} is, so that facts come there`,
            },
          ]),
    ]
  })
}

function checkProversOnL1(
  path: readonly string[],
  { provers, settlement }: Lane,
): readonly Finding[] {
  return provers.flatMap((prover, index) =>
    prover.kind === 'atlantic' && prover.result === onStarknet
      ? [
          {
            path: [...path, 'provers', index, 'result'],
            text: `expected another than ${onStarknet}: ${settlement.kind} asks a registry on Ethereum`,
          },
        ]
      : [],
  )
}
