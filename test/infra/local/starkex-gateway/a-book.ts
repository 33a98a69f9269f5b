import { onTestFinished } from 'vitest'

import type { GatewayConfigInput } from '../../../../infra/local/starkex-gateway/gateway-config.ts'
import type { Position } from '../../../../infra/local/starkex-gateway/position.ts'
import {
  type StarkexGatewayOptions,
  startStarkexGateway,
} from '../../../../infra/local/starkex-gateway/start-starkex-gateway.ts'
import { signStarkexOrder } from '../../../../lib/adapters/engines/starkex/order-hash.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { LimitOrder, StarkexTransaction } from '../../../../lib/domain/starkex/transaction.ts'
import { writeStarkexTransaction } from '../../../../lib/domain/starkex/write-transaction.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { starkKey } from '../../../adapters/chains/keys.ts'
import {
  actionOf,
  gatewayConfig,
  openStarkex,
} from '../../../adapters/engines/starkex/a-starkex.ts'

export const bookStart = 1_764_000_000
export const btcAsset = 0x4254432d3130000000000000000000n
export const ethAsset = 0x4554482d3900000000000000000000n
export const collateralAsset = 0xa21edc9d9997b1b1956f542fe95922518a9e28ace11b7b2972a1974bf5971fn

export const liquidatorKey = starkKey('0x1234')

export function aPosition(
  collateral: bigint,
  assets: readonly (readonly [bigint, bigint])[] = [],
  publicKey = 0x777n,
): Position {
  return {
    publicKey,
    collateral,
    assets: new Map(assets.map(([asset, balance]) => [asset, { balance, cachedIndex: 0n }])),
  }
}

/** A tenth is at risk. BTC is at 10,000, so that its smallest unit is worth one of the collateral's. */
export function riskyConfig(change: Partial<GatewayConfigInput> = {}): GatewayConfigInput {
  const config = gatewayConfig()
  return {
    ...config,
    assets: config.assets.map((asset) => ({
      ...asset,
      risk: [{ upTo: String(2n ** 95n), factor: String(2n ** 32n / 8n) }],
    })),
    collateralAssetId: `0x${collateralAsset.toString(16)}`,
    feePosition: { id: '1', publicKey: '0xfee' },
    ...change,
  }
}

/** A gateway with a book, whose clock is moved by hand. */
export async function aBook(
  positions: ReadonlyMap<bigint, Position>,
  options: Partial<StarkexGatewayOptions> = {},
) {
  let seconds = bookStart
  const gateway = await startStarkexGateway({
    config: riskyConfig(),
    positions,
    now: () => seconds * 1000,
    ...options,
  })
  onTestFinished(async () => gateway.stop().catch(() => undefined))
  const clock = { now: () => timestamp(seconds * 1000), sleep: async () => Promise.resolve() }
  const { engine } = openStarkex({ url: gateway.url, clock })

  /** The code of a refusal, or that it was taken. */
  function add(transaction: StarkexTransaction | string): string {
    const tx = typeof transaction === 'string' ? transaction : writeStarkexTransaction(transaction)
    try {
      gateway.exchange.add(`{"tx_id":${gateway.exchange.firstUnused()},"tx":${tx}}`)
      return 'taken'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  return {
    ...gateway,
    clock,
    add,
    pass: (by: number) => {
      seconds += by
    },
    /** Both markets, at one price in USD. */
    async price(usd = '10000') {
      const [call] = engine.encode(
        await actionOf(engine, { price: usd, at: clock.now() }),
        undefined,
      )
      return add(call?.kind === 'starkex' ? call.transaction : '')
    },
    fund: (btc = 0n, eth = 0n) =>
      add({
        type: 'FUNDING_TICK',
        at: clock.now(),
        ticks: [
          { assetId: btcAsset, fundingIndex: btc },
          { assetId: ethAsset, fundingIndex: eth },
        ],
      }),
    position: (id: bigint) => gateway.exchange.state().positions.get(id),
    get: async (path: string): Promise<unknown> =>
      (await fetch(`${new URL(gateway.url).origin}${path}`)).json(),
  }
}

/** Buys up to 1,000 BTC units for 960 and a fee of 10. */
export function anOrder(change: Partial<LimitOrder> = {}): LimitOrder {
  return {
    nonce: 1n,
    publicKey: BigInt(liquidatorKey.publicKey),
    synthetic: 1_000n,
    collateral: 960n,
    fee: 10n,
    syntheticAsset: btcAsset,
    collateralAsset,
    position: 20n,
    isBuying: true,
    expirationHours: BigInt(Math.ceil(bookStart / 3_600) + 24),
    ...change,
  }
}

export async function signedOrder(change: Partial<LimitOrder> = {}) {
  return signStarkexOrder(starkCurve, anOrder(change), liquidatorKey)
}
