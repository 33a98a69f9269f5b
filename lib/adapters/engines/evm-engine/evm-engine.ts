import type { EngineAction } from '../../../domain/action.ts'
import type { Market } from '../../../domain/market.ts'
import { newAccount } from '../../../domain/positions/book.ts'
import { priceFromWire } from '../../../domain/price-message.ts'
import { timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Engine, EngineState, EvmKey } from '../../../ports.ts'
import type { Rpc } from '../../rpc.ts'
import { UnfitUpdateError } from '../starknet-perpetual/errors.ts'
import { checkEvmEngine } from './check.ts'
import { fundingLook } from './funding-look.ts'
import { encodeDeleverages, encodeLiquidations, refusedInBatch } from './liquidate.ts'
import { evmLiquidationEvents } from './liquidation-events.ts'
import { liquidationLook } from './liquidation-look.ts'
import { evmPositions } from './positions.ts'
import { encodePushPrices } from './push-prices.ts'
import { isSignedBy, lowerCase, signReport } from './report-signature.ts'
import {
  askContract,
  type EvmEngineSnapshot,
  newestBlock,
  readSnapshot,
  snapshotData,
} from './snapshot.ts'
import { encodeTickFunding } from './tick-funding.ts'

export type EvmEngineOptions = {
  readonly name: string
  readonly chain: string
  /** The account that sends. */
  readonly account: string
  /** The one that liquidates, where it is another one. */
  readonly liquidator?: string | undefined
  readonly address: `0x${string}`
  readonly rpc: Rpc
  readonly chainId: number
  readonly markets: readonly Market[]
  /** Least reports for a push, where more are wanted than the contract asks for. */
  readonly quorum?: number
  /** The block from which on its accounts are followed. */
  readonly positionsFrom?: number | undefined
}

/** Our own engine on an EVM chain (infra/contracts/evm-engine). Its signers are one set for all markets. */
export function evmEngine(options: EvmEngineOptions): Engine {
  const { name, address, rpc, markets, quorum } = options
  const domain = { chainId: options.chainId, address }
  const listed: ReadonlySet<string> = new Set(markets)
  const positions = evmPositions({ address, rpc, markets, from: options.positionsFrom ?? 0 })
  // As of the last state: whoever pushes reads the state first.
  let signers: ReadonlySet<string> | undefined

  async function read(): Promise<{ readonly block: Block; readonly seen: EvmEngineSnapshot }> {
    const [block] = await rpc.values([newestBlock])
    if (!block) throw new NotAnEngineError(name, address, 'the chain has no block yet')
    const [answer] = await rpc.values([askContract(address, snapshotData(markets), block)])
    const seen = snapshotOrError(answer)
    signers = seen.signers
    return { block, seen }
  }

  /** Asked each time: a key follows another one for some days, and no round is to be lost in them. */
  async function mayNowSign({ address: signer }: EvmKey): Promise<boolean> {
    const { seen } = await read()
    return seen.signers.has(lowerCase(signer))
  }

  function snapshotOrError(answer: `0x${string}`): EvmEngineSnapshot {
    try {
      return readSnapshot(answer, markets)
    } catch (error) {
      throw new NotAnEngineError(name, address, 'it does not answer as a PerpEngine', error)
    }
  }

  return {
    name,
    chain: options.chain,
    account: options.account,
    markets,

    check: async (oracles) => checkEvmEngine({ rpc, name, domain, markets, quorum, oracles }),

    async state() {
      const { block, seen } = await read()
      return stateOf(block, seen, quorum ?? 0)
    },

    async signAll(reports, { evm, next }) {
      const key = next?.evm && (await mayNowSign(next.evm)) ? next.evm : evm
      return Promise.all(
        reports.map(async (report) =>
          key && listed.has(report.feed) ? signReport(report, key, domain) : undefined,
        ),
      )
    },

    async verifyAll(reports) {
      if (reports.length === 0) return []
      const registered = signers ?? (await read()).seen.signers
      return Promise.all(
        reports.map(async (report) => {
          const signed = report.signatures[name]
          if (!signed || !listed.has(report.feed)) return false
          return registered.has(lowerCase(signed.signer)) && isSignedBy(report, signed, domain)
        }),
      )
    },

    positions,

    funding: {
      async look() {
        const { block, seen } = await read()
        return fundingLook({ rpc, address, account: options.account, block, seen })
      },
    },

    liquidation: {
      async look() {
        const { block, seen } = await read()
        const id = (options.liquidator ?? options.account).toLowerCase()
        const reading = await positions.read([id], block)
        const found = reading.accounts.get(id)
        const liquidator = found?.kind === 'account' ? found.account : newAccount(id)
        return liquidationLook({ rpc, address, block, seen, liquidator })
      },
      events: evmLiquidationEvents({ address, rpc, markets }),
    },

    encode: (action) => [{ kind: 'evm', to: address, data: encoded(name, action) }],

    refused: ({ kind, updates }, returned) =>
      kind === 'liquidate' || kind === 'deleverage'
        ? refusedInBatch(returned)
        : updates.map(() => false),
  }
}

function encoded(name: string, action: EngineAction): `0x${string}` {
  switch (action.kind) {
    case 'push-prices':
      return encodePushPrices(name, action)
    case 'settle-funding':
      return encodeTickFunding(action)
    case 'update-exchange-time':
    case 'apply-interests':
      throw new UnfitUpdateError(name, action.kind, 'it has no interest')
    case 'liquidate':
      return encodeLiquidations(action)
    case 'deleverage':
      return encodeDeleverages(action)
    case 'settle-batch':
      throw new UnfitUpdateError(name, action.kind, 'it settles no batches')
    case 'tell-uptime':
      throw new UnfitUpdateError(name, action.kind, 'it is no uptime feed')
  }
}

function stateOf(
  block: Block,
  { paused, markets }: EvmEngineSnapshot,
  leastQuorum: number,
): EngineState {
  const known = markets.filter(({ status }) => status !== 'unlisted')
  const priced = known.filter(({ publishedAt }) => publishedAt > 0n)
  return {
    block,
    paused,
    sequence: undefined,
    quorum: Object.fromEntries(
      known.map(({ market, quorum }) => [market, Math.max(quorum, leastQuorum)]),
    ),
    prices: Object.fromEntries(
      priced.map(({ market, price, publishedAt }) => [
        market,
        { price: priceFromWire(price), publishedAt: timestamp(Number(publishedAt) * 1000) },
      ]),
    ),
    fundingIndexes: Object.fromEntries(
      known.map(({ market, fundingIndex }) => [market, fundingIndex]),
    ),
  }
}

/** At the engine's address there is something else. */
export class NotAnEngineError extends Error {
  override readonly name = 'NotAnEngineError'
  readonly engine: string

  constructor(engine: string, address: string, why: string, cause?: unknown) {
    super(`${engine} at ${address} cannot be read: ${why}`, { cause })
    this.engine = engine
  }
}
