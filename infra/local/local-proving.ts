import { createHash } from 'node:crypto'

import { privateKeyToAddress } from 'viem/accounts'

import { kzgThread } from '../../lib/adapters/kzg/kzg-thread.ts'
import type { Clock } from '../../lib/ports.ts'
import { readCompiledL1 } from '../contracts/l1/compiled-l1.ts'
import { deployGps, type GpsAddresses } from '../contracts/l1/deploy-gps.ts'
import { deployStarknetCore } from '../contracts/l1/deploy-starknet-core.ts'
import { registerFact } from '../contracts/l1/register-fact.ts'
import { keepAnvilState } from './anvil-state.ts'
import type { Deployments } from './deployments.ts'
import { hasCode } from './has-code.ts'
import { type LocalSecrets, readSecret } from './local-keys.ts'
import { deployPerpetual, perpetualConfiguration } from './local-perpetual.ts'
import { localRpc } from './local-rpc.ts'
import type { LocalStarkex } from './local-starkex.ts'
import { engineRuns } from './program-runs/engine-runs.ts'
import type { MakeRun } from './program-runs/made-run.ts'
import { localCoreProgramHash } from './program-runs/programs.ts'
import { starkexBeginning, starkexRuns } from './program-runs/starkex-runs.ts'
import { starknetRuns } from './program-runs/starknet-runs.ts'
import { startProgramRuns } from './program-runs/start-program-runs.ts'
import { startAtlantic } from './provers/atlantic-server.ts'
import type { RegisterFact } from './provers/job-book.ts'
import { startSharp } from './provers/sharp-server.ts'

/** What of the local proving lanes the template cannot know. */
export type ProvingFacts = {
  /** Who settles. */
  readonly settler: string
  readonly registry: string
  readonly provers: Readonly<Record<'atlantic' | 'sharp', string>>
  readonly lanes: Readonly<Record<ProvedLane, { readonly core: string; readonly runs: string }>>
  /** Of the StarkEx exchange's own contract, where there is one. */
  readonly perpetual?: {
    readonly address: string
    readonly runs: string
    readonly emptyRoot: string
  }
}

const provedLanes = ['appchain', 'actions'] as const
type ProvedLane = (typeof provedLanes)[number]

export type LocalProving = {
  readonly facts: ProvingFacts
  /** Where faults are switched. */
  readonly places: Readonly<Record<string, string>>
  stop(): Promise<void>
}

export type LocalProvingOptions = {
  readonly secrets: LocalSecrets
  readonly deployments: Deployments
  readonly clock: Clock
  /** Whether the appchain's batches publish their data in blobs. */
  readonly blobs?: boolean | undefined
  readonly blockSeconds: number
  readonly evm: {
    readonly url: string
    readonly engine: string
    readonly beganAnew: boolean
    readonly stateFile: string
  }
  readonly starknet: { readonly url: string; readonly core: string; readonly beganAnew: boolean }
  readonly starkex: LocalStarkex | undefined
  readonly ports: Readonly<
    Record<
      | 'atlantic'
      | 'atlanticAdmin'
      | 'sharp'
      | 'sharpAdmin'
      | 'appchainRuns'
      | 'actionsRuns'
      | 'starkexRuns',
      number
    >
  >
  readonly onProgress: (message: string) => void
}

/** What a core here is set up with beside its program: it stands for the appchain's own configuration. */
const configHash = 0x10ca1n

/**
 * Contracts that settle what happens on the local chains, whoever runs their programs, and two provers. Jobs of provers are
 * forgotten with the process, as those of a prover that was set up anew.
 */
export async function startLocalProving(options: LocalProvingOptions): Promise<LocalProving> {
  const { secrets, evm, starknet, starkex, ports, clock } = options
  const ending = new AsyncDisposableStack()
  try {
    const { gps, cores, perpetual } = await deployed(options)
    const makes: Readonly<Record<ProvedLane, MakeRun>> = {
      appchain: starknetRuns({
        nodeUrl: starknet.url,
        configHash,
        kzg: options.blobs === true ? kzgThread() : undefined,
      }),
      actions: engineRuns({
        nodeUrl: evm.url,
        engine: evm.engine as `0x${string}`,
        configHash,
      }),
    }
    const runs = {
      appchain: await startProgramRuns({ make: makes.appchain, port: ports.appchainRuns }),
      actions: await startProgramRuns({ make: makes.actions, port: ports.actionsRuns }),
    }
    for (const one of Object.values(runs)) ending.defer(async () => one.stop())
    const batches = starkex && (await startStarkexRuns(starkex, ports.starkexRuns))
    ending.defer(async () => batches?.stop())
    // A chain that stands still would be waited for for ever.
    const over = new AbortController()
    ending.defer(() => over.abort(new Error('the network ends')))
    const register = registering(evm.url, secrets, gps, over.signal)
    const atlantic = await startAtlantic({
      clock,
      port: ports.atlantic,
      adminPort: ports.atlanticAdmin,
      apiKey: readSecret(secrets.atlanticKeyFile),
      register,
    })
    ending.defer(async () => atlantic.close())
    const sharp = await startSharp({
      clock,
      port: ports.sharp,
      adminPort: ports.sharpAdmin,
      customerId: 'local',
      register,
    })
    ending.defer(async () => sharp.close())
    return {
      facts: {
        settler: addressOf(secrets.settlerFile),
        registry: gps.gps,
        provers: { atlantic: atlantic.url, sharp: sharp.url },
        lanes: {
          appchain: { core: cores.appchain, runs: runs.appchain.url },
          actions: { core: cores.actions, runs: runs.actions.url },
        },
        ...(batches &&
          perpetual !== undefined && {
            perpetual: {
              address: perpetual,
              runs: batches.url,
              emptyRoot: `0x${starkexBeginning.positionsRoot.toString(16)}`,
            },
          }),
      },
      places: {
        'atlantic admin': atlantic.adminUrl,
        'sharp admin': sharp.adminUrl,
        'program runs admin': runs.appchain.adminUrl,
      },
      stop: async () => ending.disposeAsync(),
    }
  } catch (error) {
    await ending.disposeAsync()
    throw error
  }
}

async function startStarkexRuns({ exchange, facts }: LocalStarkex, port: number) {
  const { global, assets } = perpetualConfiguration(facts.listings)
  const make = starkexRuns({
    exchangeUrl: exchange.url,
    tls: exchange.tls,
    globalConfigurationHash: global,
    assetConfigurations: assets,
    availability: 'rollup',
  })
  return await startProgramRuns({ make, port })
}

/** One after the other: both provers register from one account, each transaction with the next nonce. */
function registering(
  rpcUrl: string,
  secrets: LocalSecrets,
  gps: GpsAddresses,
  signal: AbortSignal,
): RegisterFact {
  const key = readSecret(secrets.proverFile) as `0x${string}`
  let last: Promise<unknown> = Promise.resolve()
  return async (programHash, output) => {
    const turn = last.then(async () =>
      registerFact({ rpcUrl, key, gps, task: { programHash, output }, signal }),
    )
    last = turn.catch(() => undefined)
    await turn
  }
}

type Settling = {
  readonly gps: GpsAddresses
  readonly cores: Readonly<Record<ProvedLane, string>>
  readonly perpetual: string | undefined
}

async function deployed({
  secrets,
  deployments,
  evm,
  starknet,
  starkex,
  blockSeconds,
  onProgress,
}: LocalProvingOptions): Promise<Settling> {
  const rpc = localRpc(evm.url)
  const settler = addressOf(secrets.settlerFile)
  const key = readSecret(secrets.deployerFile) as `0x${string}`
  for (const address of [settler, addressOf(secrets.proverFile), privateKeyToAddress(key)])
    await rpc('anvil_setBalance', address, `0x${(10n ** 24n).toString(16)}`)

  const sources = ['gps', 'starknet-core']
    .map((folder) => readCompiledL1(folder).sourceHash)
    .join(' ')
  const configuration = starkex && perpetualConfiguration(starkex.facts.listings)
  const known = deployments.read('gps')
  const isThere = async (address: string | undefined) =>
    address !== undefined && (await hasCode(rpc, address))
  // A node that was killed has forgotten its last seconds.
  const isKnown =
    !evm.beganAnew && known?.fingerprint === sources && (await isThere(gpsIn(deployments).gps))
  // One block per transaction while it lasts, so that nobody waits for each.
  const automine = async (is: boolean) =>
    is ? rpc('evm_setAutomine', true) : rpc('evm_setIntervalMining', blockSeconds)
  const of = {
    appchain: fingerprintOf([sources, settler, starknet.core, 'appchain']),
    actions: fingerprintOf([sources, settler, evm.engine, 'actions']),
    perpetual: fingerprintOf([
      sources,
      settler,
      readCompiledL1('stark-perpetual').sourceHash,
      String(configuration?.global),
    ]),
  }
  const anew = {
    appchain: starknet.beganAnew,
    actions: false,
    perpetual: starkex?.beganAnew === true,
  }
  const stale: (keyof typeof of)[] = []
  for (const lane of [...provedLanes, ...(starkex ? (['perpetual'] as const) : [])]) {
    const last = deployments.read(lane)
    const isFit = isKnown && !anew[lane] && last?.fingerprint === of[lane]
    if (!isFit || !(await isThere(last?.address))) stale.push(lane)
  }
  if (isKnown && stale.length === 0) return read(deployments)

  onProgress('Deploying the contracts that settle batches …')
  await automine(true)
  try {
    if (!isKnown) {
      const gps = await deployGps({ rpcUrl: evm.url, key })
      deployments.write('gps', { address: JSON.stringify(gps), fingerprint: sources })
    }
    const { gps } = gpsIn(deployments)
    for (const lane of stale) {
      const address =
        lane === 'perpetual' && configuration
          ? await deployPerpetual({ rpcUrl: evm.url, key, gps, operator: settler, configuration })
          : await deployCore({ rpcUrl: evm.url, key, gps, operator: settler })
      deployments.write(lane, { address, fingerprint: of[lane] })
    }
    keepAnvilState(evm.stateFile, await rpc('anvil_dumpState'))
  } finally {
    await automine(false)
  }
  return read(deployments)
}

async function deployCore({
  gps,
  operator,
  ...by
}: {
  readonly rpcUrl: string
  readonly key: `0x${string}`
  readonly gps: `0x${string}`
  readonly operator: `0x${string}`
}): Promise<string> {
  const { core } = await deployStarknetCore({
    ...by,
    operators: [operator],
    registry: gps,
    setUp: { programHash: localCoreProgramHash, aggregatorProgramHash: 0n, configHash },
  })
  return core
}

function read(deployments: Deployments): Settling {
  const cores = {
    appchain: deployments.read('appchain')?.address ?? '',
    actions: deployments.read('actions')?.address ?? '',
  }
  return { gps: gpsIn(deployments), cores, perpetual: deployments.read('perpetual')?.address }
}

/** All its contracts: whoever registers needs each. */
function gpsIn(deployments: Deployments): GpsAddresses {
  return JSON.parse(deployments.read('gps')?.address ?? '{}') as GpsAddresses
}

function fingerprintOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function addressOf(keyFile: string): `0x${string}` {
  return privateKeyToAddress(readSecret(keyFile) as `0x${string}`)
}
