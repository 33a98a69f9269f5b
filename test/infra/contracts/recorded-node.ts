import { pedersen } from '@scure/starknet'
import * as z from 'zod/mini'

import { cairoDeployer } from '../../../infra/contracts/cairo/deploy-cairo.ts'
import { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { deployCore } from '../../../infra/contracts/core/deploy.ts'
import { type DevnetAccount, startDevnet } from '../../../infra/local/devnet.ts'
import { invokeOf, multicall } from '../../../lib/adapters/chains/starknet-invoke.ts'
import { queryOf } from '../../../lib/adapters/chains/starknet-v3.ts'
import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import { Felt, feltHex } from '../../../lib/adapters/starknet-felt.ts'
import { reasonOf } from '../../../lib/adapters/starknet-revert.ts'
import { priceMessage } from '../../../lib/domain/price-message.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { starkKey, wallClock } from '../../adapters/chains/keys.ts'
import { ample } from '../../adapters/chains/starknet-world.ts'
import { conformance } from '../local/starknet-box/vectors.ts'

/** The time of all recorded price ticks. */
export const recordedAt = 1_808_026_038

/** The node's clock runs from the start, and prices of the set-up must still be valid at the end: less than the validity of 600 s. */
const secondsToSetUp = 400

type Role = 'admin' | 'operator' | 'stranger'
export type Step = { readonly by: Role; readonly calls: readonly Call[] }
type Outcome =
  | { readonly kind: 'reverted'; readonly reason: string }
  | { readonly kind: 'ok'; readonly events: readonly CoreEvent[] }
type CoreEvent = { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }

export type RecordedNode = Awaited<ReturnType<typeof startRecordedNode>>

/** Registered for every asset beside the recorded oracles, whose secrets nobody has. */
const own = ['0x3e9', '0x3ea', '0x3eb'].map(starkKey)
const assetName = 0x4f574en
const oracleName = 0x4f574en

/** A devnet with our core as it was when the vectors were recorded: eight assets ACTIVE, PRIME-5 INACTIVE, ODD-7 PENDING, operator nonce 9. */
export async function startRecordedNode() {
  const devnet = await startDevnet({ accounts: 3, startTime: recordedAt - secondsToSetUp })
  if ('reason' in devnet) throw new Error(devnet.reason)
  const [admin, operator, stranger] = devnet.accounts
  if (!admin || !operator || !stranger) throw new Error('starknet-devnet has no accounts')
  const accounts = { admin, operator, stranger }
  const config = recordedConfig(operator)
  const deployer = cairoDeployer({ rpcUrl: devnet.url, account: admin })
  const address = await deployCore(deployer, config)
  const keys = { [admin.address]: admin, [operator.address]: operator }
  const chain = starknetChain({
    name: 'devnet',
    rpcUrls: [devnet.url],
    chainId: '0x534e5f5345504f4c4941',
    blockSeconds: 1,
    finalityBlocks: 1,
    keys: Object.fromEntries(
      Object.entries(keys).map(([account, { privateKey }]) => [account, starkKey(privateKey)]),
    ),
    clock: wallClock,
  })

  function call(entrypoint: string, calldata: readonly bigint[] = []): Call {
    return { kind: 'starknet', to: address, entrypoint, calldata: calldata.map(feltHex) }
  }

  /** A price of 100 USD by our own keys. */
  async function tick(asked: {
    readonly assetId: bigint
    readonly nonce: bigint
    readonly wrongMedian?: boolean
  }): Promise<Call> {
    const wire = 100n * 10n ** 18n
    const seconds = recordedAt - secondsToSetUp + 50
    const { first, second } = priceMessage(
      { assetName, oracleName },
      wire,
      timestamp(seconds * 1000),
    )
    const hash = BigInt(pedersen(first, second))
    const sorted = own.toSorted((a, b) => (BigInt(a.publicKey) < BigInt(b.publicKey) ? -1 : 1))
    const signed = await Promise.all(
      sorted.map(async (key) => {
        const { r, s } = await key.sign(hash)
        return [2n, r, s, BigInt(key.publicKey), BigInt(seconds), wire]
      }),
    )
    const price = asked.wrongMedian === true ? wire + 1n : wire
    const head = [asked.nonce, asked.assetId, price, BigInt(signed.length)]
    return call('price_tick', [...head, ...signed.flat()])
  }

  async function send(by: DevnetAccount, calls: readonly Call[]): Promise<void> {
    const { pending: nonce } = await chain.nonce(by.address)
    const fee = { ...ample, l2Gas: { ...ample.l2Gas, maxAmount: 500_000_000n } }
    const signed = await chain.sign(by.address, { calls, nonce, fee })
    const answer = await chain.broadcast(signed.bytes)
    const status = await chain.status(signed.hash)
    if (status.kind === 'included' && status.outcome === 'succeeded') return
    const why = answer.kind === 'refused' ? answer.reason : answer.kind
    const end = status.kind === 'included' ? status.reason : status.kind
    throw new Error(`the set-up failed: ${why}, ${end}`)
  }

  async function setTime(seconds: number): Promise<void> {
    const params = { time: seconds, generate_block: true }
    await chain.rpc.values([{ method: 'devnet_setTime', params, read: () => undefined }])
  }

  /** What the last step would come to if all were run one after the other in the newest block; nothing stays. */
  async function attempt(steps: readonly Step[]): Promise<Outcome> {
    const transactions = steps.map(({ by, calls }, index) => {
      const before = steps.slice(0, index).filter((earlier) => earlier.by === by).length
      const account = BigInt(accounts[by].address)
      const nonce = nonces[by] + BigInt(before)
      return queryOf(invokeOf({ account, calldata: multicall('devnet', calls), nonce, fee: ample }))
    })
    const [outcome] = await chain.rpc.values([
      {
        method: 'starknet_simulateTransactions',
        params: {
          block_id: 'latest',
          transactions,
          simulation_flags: ['SKIP_VALIDATE', 'SKIP_FEE_CHARGE'],
        },
        read: (result) => outcomeOf(result, BigInt(address)),
      },
    ])
    return outcome
  }

  const ids = config.assets.map(({ assetId }) => assetId)
  // The last two are ODD-7, which nobody ever priced, and PRIME-5.
  const priced = [...ids.slice(0, 8), ...ids.slice(9)]
  const ticks = await Promise.all(
    priced.map(async (assetId, nonce) => tick({ assetId, nonce: BigInt(nonce) })),
  )
  await send(operator, ticks)
  await send(admin, [call('deactivate_synthetic', ids.slice(9))])
  const nonces = {
    admin: BigInt((await chain.nonce(admin.address)).latest),
    operator: BigInt((await chain.nonce(operator.address)).latest),
    stranger: 0n,
  }
  await setTime(recordedAt)
  return { ids, call, tick, attempt, setTime, stop: devnet.stop }
}

function recordedConfig(operator: DevnetAccount): CoreConfig {
  const { config = {}, assets = [] } = conformance ?? {}
  const ours = own.map(({ publicKey }) => ({
    publicKey,
    assetName: String(assetName),
    oracleName: String(oracleName),
  }))
  return CoreConfig.parse({
    operators: [operator.address],
    maxPriceInterval: config['maxPriceInterval'],
    maxOraclePriceValidity: config['maxOracleValidity'],
    maxFundingInterval: config['maxFundingInterval'],
    maxFundingRate: config['maxFundingRate'],
    assets: assets.map((asset) => ({
      assetId: asset.asset_id,
      resolutionFactor: asset.resolution_factor,
      quorum: Number(asset.quorum),
      riskFactorTiers: asset.risk_factor_tiers.map(Number),
      firstTierBoundary: asset.first_tier_boundary,
      tierSize: asset.tier_size,
      oracles: [
        ...asset.oracles.map((oracle) => ({
          publicKey: oracle.public_key,
          assetName: oracle.asset_name,
          oracleName: oracle.oracle_name,
        })),
        ...ours,
      ],
    })),
  })
}

const Frame = z.object({
  contract_address: z.optional(Felt),
  revert_reason: z.optional(z.string()),
  calls: z.optional(z.array(z.unknown())),
  events: z.optional(z.array(z.object({ keys: z.array(Felt), data: z.array(Felt) }))),
})
const Simulated = z.array(
  z.object({ transaction_trace: z.object({ execute_invocation: z.unknown() }) }),
)

function outcomeOf(result: unknown, core: bigint): Outcome {
  const last = Simulated.parse(result).at(-1)?.transaction_trace.execute_invocation
  const { revert_reason } = Frame.parse(last)
  if (revert_reason !== undefined) return { kind: 'reverted', reason: reasonOf(revert_reason) }
  return { kind: 'ok', events: eventsOf(last, core) }
}

function eventsOf(frame: unknown, core: bigint): readonly CoreEvent[] {
  const { contract_address, calls = [], events = [] } = Frame.parse(frame)
  const inner = calls.flatMap((each) => eventsOf(each, core))
  return contract_address === core ? [...events, ...inner] : inner
}
