import type { Network, NetworkProvingLane } from '../network/schema.ts'

/** By exchange, the lanes that prove what its chain says: of the exchange itself, or of the whole chain that it is on. */
export function provenBy({
  engines,
  proving,
}: Pick<Network, 'engines' | 'proving'>): Readonly<Record<string, readonly string[]>> {
  const lanes = Object.entries(proving)
  return Object.fromEntries(
    Object.entries(engines).map(([name, { chain }]) => [
      name,
      lanes.flatMap(([lane, { source }]) => (proves(source, { name, chain }) ? [lane] : [])),
    ]),
  )
}

function proves(
  source: NetworkProvingLane['source'],
  engine: { readonly name: string; readonly chain: string },
): boolean {
  switch (source.kind) {
    case 'own-engine':
      return source.engine === engine.name
    case 'starknet-blocks':
    case 'starkex-batches':
      return source.chain === engine.chain
  }
}
