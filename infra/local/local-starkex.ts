import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { MutualTls } from '../../lib/adapters/http-client.ts'
import { starkKey } from '../../lib/adapters/signers/stark-key.ts'
import { signedName } from '../../lib/domain/price-message.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { localAuthority } from './certificates.ts'
import { starkexCrowd } from './crowd/starkex-crowd.ts'
import { type CrowdAsset, localLiquidator } from './crowd/starknet-crowd.ts'
import { reportQuorum } from './deployments.ts'
import { type LocalSecrets, readSecret, writeSecret } from './local-keys.ts'
import type { GatewayConfigInput } from './starkex-gateway/gateway-config.ts'
import { startStarkexGateway } from './starkex-gateway/start-starkex-gateway.ts'

/** What a network file says of a StarkEx exchange, as it is written there. */
export type StarkexFacts = {
  readonly gateway: string
  readonly tls: { readonly certificate: string; readonly key: string; readonly ca: string }
  readonly batches: { readonly feeder: string; readonly availability: string }
  readonly quorum: number
  /** What of its configuration decides about accounts, and who takes over. */
  readonly liquidation: object
  readonly signers: readonly { readonly key: string; readonly name: string }[]
  /** By market. */
  readonly listings: Readonly<
    Record<string, { readonly assetId: string; readonly resolutionFactor: string }>
  >
}

export type LocalStarkex = {
  readonly facts: StarkexFacts
  /** Its feeder and its availability gateway are under it, for whom it knows by these. */
  readonly exchange: { readonly url: string; readonly tls: MutualTls }
  /** Whether it has nothing of an earlier start. */
  readonly beganAnew: boolean
  readonly adminUrl: string
  stop(): Promise<void>
}

/**
 * The gateway of a StarkEx exchange with the markets of the template's other one, which asks for a certificate. Its
 * transactions are kept between starts; certificates are made anew with each.
 */
export async function startLocalStarkex(options: {
  readonly template: Network
  readonly secrets: LocalSecrets
  readonly port: number
  readonly adminPort: number
  readonly stateFile: string
  readonly now: Date
  /** What people hold there from the start, and at which prices. */
  readonly crowd: readonly CrowdAsset[]
}): Promise<LocalStarkex> {
  const { template, secrets, port, adminPort, stateFile, now, crowd } = options
  const authority = localAuthority(now)
  const signers = secrets.oracles.map(({ starkKeyFile }, at) => ({
    key: starkKey({ reveal: () => readSecret(starkKeyFile) }).publicKey,
    name: `node${at + 1}`,
  }))
  const listings = listingsOf(template)
  const quorum = reportQuorum(signers.length)
  const beganAnew = !existsSync(stateFile)
  const { publicKey } = starkKey({ reveal: () => readSecret(secrets.liquidatorFile) })
  const gateway = await startStarkexGateway({
    config: configOf({ listings, signers, quorum }),
    port,
    adminPort,
    stateFile,
    positions: starkexCrowd({ assets: crowd, publicKey, seed: secrets.starknetSeed }),
    tls: { ...authority.server(), ca: authority.ca },
    prefix: '/gateway',
  })
  const own = authority.client('starkeep')
  const write = (name: string, text: string): string => {
    writeSecret(join(secrets.folder, name), text.trim())
    return `file:keys/${name}`
  }
  const tls = {
    certificate: write('starkex-client.crt', own.certificate),
    key: write('starkex-client.key', own.key),
    ca: write('starkex-ca.crt', authority.ca),
  }
  const { origin } = new URL(gateway.url)
  const batches = {
    feeder: `${origin}/feeder_gateway`,
    availability: `${origin}/availability_gateway`,
  }
  return {
    facts: {
      gateway: gateway.url,
      tls,
      batches,
      quorum,
      signers,
      listings,
      liquidation: liquidationOf(listings),
    },
    exchange: { url: origin, tls: { ...own, ca: authority.ca } },
    beganAnew,
    adminUrl: gateway.adminUrl,
    stop: async () => gateway.stop(),
  }
}

function listingsOf({ markets }: Network): StarkexFacts['listings'] {
  return Object.fromEntries(
    Object.entries(markets).flatMap(([symbol, { engines }]) => {
      const { assetId, resolutionFactor } = engines['core'] ?? {}
      if (assetId === undefined || resolutionFactor === undefined) return []
      return [[symbol, { assetId, resolutionFactor: String(resolutionFactor) }]]
    }),
  )
}

/** 5 %, of everything. */
const riskFactor = String(2n ** 32n / 20n)
const collateralAsset = '0xa21edc9d9997b1b1956f542fe95922518a9e28ace11b7b2972a1974bf5971f'

/** As the local core's, which people hold the same on. */
function liquidationOf(listings: StarkexFacts['listings']): object {
  return {
    mostNotionalUsd: 10_000_000,
    graceSeconds: 5,
    stageSeconds: 5,
    mostWaitSeconds: 10,
    // Positions are as new as the newest batch.
    maxIndexLagSeconds: 300,
    collateralAsset,
    risk: Object.fromEntries(
      Object.keys(listings).map((symbol) => [symbol, [{ factor: riskFactor }]]),
    ),
    liquidator: { position: localLiquidator, key: 'file:keys/liquidator-stark' },
  }
}

function configOf({
  listings,
  signers,
  quorum,
}: Pick<StarkexFacts, 'listings' | 'signers' | 'quorum'>): GatewayConfigInput {
  return {
    collateralResolution: '1000000',
    batches: {},
    collateralAssetId: collateralAsset,
    assets: Object.entries(listings).map(([symbol, { assetId, resolutionFactor }]) => {
      const asset = signedName(symbol.replace('-', ''), 16)
      return {
        assetId: hex(BigInt(assetId)),
        resolution: resolutionFactor,
        quorum,
        risk: [{ upTo: String(2n ** 95n), factor: riskFactor }],
        signers: signers.map(({ key }) => hex(BigInt(key))),
        signedAssetIds: signers.map(({ name }) => hex((asset << 40n) | signedName(name, 5))),
      }
    }),
  }
}

function hex(value: bigint): `0x${string}` {
  return `0x${value.toString(16)}`
}
