import type { CoreRuns } from '../../adapters/batches/core-run.ts'
import type { Kzg } from '../../adapters/kzg.ts'
import type { BatchSource, Clock, Prover, ProvingParts, Settlement } from '../../ports.ts'
import { accountFor } from '../network/accounts.ts'
import type { Network, NetworkProvingLane } from '../network/schema.ts'
import type { Secrets } from '../secrets.ts'
import type { LinkedChain } from './chains.ts'
import { certificatesOf } from './gateway.ts'

type Parts = {
  readonly network: Network
  readonly chains: Readonly<Record<string, LinkedChain>>
  readonly secrets: Secrets
  readonly clock: Clock
  readonly cutOff: AbortSignal | undefined
  readonly dryRun: boolean
  readonly kzg: Kzg
}

/** The proving lanes of a network file. It was checked: every name leads somewhere. */
export async function composeProving(
  parts: Parts,
): Promise<Readonly<Record<string, ProvingParts>>> {
  const entries = Object.entries(parts.network.proving).map(async ([name, lane]) => {
    const [source, provers, settlement] = await Promise.all([
      sourceOf(name, lane, parts),
      proversOf(lane, parts),
      settlementOf(name, lane, parts),
    ])
    return [name, { source, provers, settlement }] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function sourceOf(
  lane: string,
  { source, settlement }: NetworkProvingLane,
  { network, chains, clock, cutOff, kzg }: Parts,
): Promise<BatchSource> {
  const { programRuns } = await import('../../adapters/batches/program-runs.ts')
  const name = `${lane}.source`
  const runs = programRuns({ name: `${lane}.runs`, url: source.runs, clock, cutOff })
  switch (source.kind) {
    case 'starknet-blocks': {
      const [{ starknetBlocks }, read] = await Promise.all([
        import('../../adapters/batches/starknet-blocks.ts'),
        outputReader(settlement.kind, kzg),
      ])
      const { maxBlocks, maxTransactions, maxAgeSeconds } = source
      const rules = { maxBlocks, maxTransactions, maxAgeMs: maxAgeSeconds * 1_000 }
      const chain = withRpc(chains, source.chain)
      return starknetBlocks({ name, chain, clock, rules, runs, ...read })
    }
    case 'own-engine': {
      const [{ ownEngine }, read] = await Promise.all([
        import('../../adapters/batches/own-engine.ts'),
        outputReader(settlement.kind, kzg),
      ])
      const engine = network.engines[source.engine]
      if (engine?.kind !== 'evm-engine') throw new TypeError(`${source.engine} is no EVM engine`)
      const { maxActions, maxBytes, maxAgeSeconds, emptyAfterSeconds } = source
      return ownEngine({
        name,
        chain: withRpc(chains, engine.chain),
        engine: engine.address,
        clock,
        rules: {
          maxActions,
          maxBytes,
          maxAgeMs: maxAgeSeconds * 1_000,
          ...(emptyAfterSeconds !== undefined && { emptyAfterMs: emptyAfterSeconds * 1_000 }),
        },
        runs,
        ...read,
      })
    }
    case 'starkex-batches': {
      const [{ starkexBatches }, { parseProgramOutput }, { parseApplicationData }] =
        await Promise.all([
          import('../../adapters/batches/starkex-batches.ts'),
          import('../../adapters/settlement/stark-perpetual/program-output.ts'),
          import('../../adapters/settlement/stark-perpetual/application-data.ts'),
        ])
      const feeder = chains[source.chain]?.feeder
      if (!feeder) throw new TypeError(`${source.chain} tells no batches`)
      const layout = {
        readOutput: parseProgramOutput,
        readApplicationData: parseApplicationData,
      }
      const { emptyRoot } = source
      return starkexBatches({ name, feeder, runs, layout, ...(emptyRoot && { emptyRoot }) })
    }
  }
}

/** Piltover takes the run with its bootloader's words before it; a core takes it as it is. */
async function outputReader(
  kind: NetworkProvingLane['settlement']['kind'],
  kzg: Kzg,
): Promise<Pick<CoreRuns, 'readOutput' | 'checkBlobs'>> {
  if (kind === 'piltover') {
    const { parseAppchainOutput } =
      await import('../../adapters/settlement/piltover/appchain-output.ts')
    return { readOutput: parseAppchainOutput }
  }
  const [{ parseProgramOutput }, { blobCheck }] = await Promise.all([
    import('../../adapters/settlement/starknet-core/program-output.ts'),
    import('../../adapters/settlement/starknet-core/check-blobs.ts'),
  ])
  return { readOutput: parseProgramOutput, checkBlobs: blobCheck(kzg) }
}

function withRpc(chains: Parts['chains'], name: string) {
  const chain = chains[name]
  if (!chain?.rpc) throw new TypeError(`${name} has no nodes that could be asked`)
  return { ...chain, rpc: chain.rpc }
}

async function proversOf(
  { provers }: NetworkProvingLane,
  { secrets, clock, cutOff, dryRun }: Parts,
): Promise<Readonly<Record<string, Prover>>> {
  const entries = provers.map(async (one) => {
    const way = { name: one.name, url: one.baseUrl, clock, cutOff }
    switch (one.kind) {
      case 'atlantic': {
        const { atlantic } = await import('../../adapters/provers/atlantic.ts')
        const { network, result, layout, cairoVersion, sharpProver } = one
        const apiKey = async () => (await secrets.text(one.apiKey)).reveal().trim()
        return [
          one.name,
          atlantic({ ...way, apiKey, network, result, layout, cairoVersion, sharpProver }),
        ] as const
      }
      case 'sharp': {
        const { sharp } = await import('../../adapters/provers/sharp.ts')
        const { customerId, tls } = one
        const certificates = tls && (async () => certificatesOf(one.name, tls, secrets))
        return [one.name, sharp({ ...way, customerId, tls: certificates })] as const
      }
    }
  })
  const opened = await Promise.all(entries)
  return Object.fromEntries(
    opened.map(([name, prover]) => [name, dryRun ? dryProver(prover) : prover]),
  )
}

/** It is asked, and given nothing. */
function dryProver(prover: Prover): Prover {
  return {
    ...prover,
    async submit() {
      throw new Error('nothing is submitted in a dry run')
    },
  }
}

/** Who only watches has no account; views are asked in nobody's name. */
const nobody = '0x0000000000000000000000000000000000000000'

async function settlementOf(
  name: string,
  { settlement, mayBeMocked }: NetworkProvingLane,
  { network, chains }: Parts,
): Promise<Settlement> {
  const described = network.chains[settlement.chain]
  const sender = described && accountFor(described, 'settlement')?.account.address
  const { rpc, finalityBlocks } = withRpc(chains, settlement.chain)
  const shared = {
    name,
    chain: settlement.chain,
    rpc,
    registry: settlement.registry,
    account: (sender ?? nobody) as `0x${string}`,
  }
  switch (settlement.kind) {
    case 'starknet-core': {
      const { starknetCoreSettlement } =
        await import('../../adapters/settlement/starknet-core-settlement.ts')
      const { address: core, programHash } = settlement
      const program = programHash === undefined ? undefined : BigInt(programHash)
      return starknetCoreSettlement({ ...shared, core, programHash: program })
    }
    case 'stark-perpetual': {
      const { starkPerpetualSettlement } =
        await import('../../adapters/settlement/stark-perpetual-settlement.ts')
      return starkPerpetualSettlement({ ...shared, perpetual: settlement.address })
    }
    case 'piltover': {
      const { piltoverSettlement } =
        await import('../../adapters/settlement/piltover-settlement.ts')
      const { address: contract, minSecurityBits, configurations } = settlement
      const { bootloader, snos, snosConfig, layoutBridge } = settlement.programs
      return piltoverSettlement({
        ...shared,
        finalityBlocks,
        contract,
        programs: {
          bootloader: BigInt(bootloader),
          snos: BigInt(snos),
          snosConfig: BigInt(snosConfig),
          layoutBridge: BigInt(layoutBridge),
        },
        strength: { minSecurityBits, configurations, mayBeMocked },
      })
    }
  }
}
