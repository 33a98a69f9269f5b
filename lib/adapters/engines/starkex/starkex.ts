import type { Chain, Clock, Engine, EngineState, OracleKeys, StarkCurve } from '../../../ports.ts'
import { UnfitUpdateError } from '../starknet-perpetual/errors.ts'
import { signReports, starkKeys, verifyReports } from '../starknet-perpetual/sign-reports.ts'
import type { StarkexExchange, StarkexListing } from './exchange.ts'
import { tickOf, whyNotStorable } from './tick.ts'

export type StarkexOptions = {
  readonly name: string
  readonly chain: Pick<Chain, 'name' | 'head'>
  /** The exchange's system, as the network file names it. */
  readonly account: string
  readonly listings: readonly StarkexListing[]
  /** Smallest units in one whole unit of the collateral. */
  readonly collateral: bigint
  /** Who may sign prices, by public key, and each one's name in what it signs, as a felt. */
  readonly signers: ReadonlyMap<bigint, bigint>
  readonly quorum: number
  readonly clock: Clock
  readonly curve: StarkCurve
  /** What it was told so far, by our own record: a gateway tells of no price. */
  readonly told: () => Promise<EngineState['prices']>
}

/** A StarkEx perpetual exchange behind its gateway: each push is one ORACLE_PRICES_TICK with the signatures in it. */
export function starkexEngine(options: StarkexOptions): Engine {
  const { name, chain, account, signers, quorum, clock, curve } = options
  const listings = new Map<string, StarkexListing>(options.listings.map((one) => [one.market, one]))
  const { collateral } = options
  const exchange: StarkexExchange = { engine: name, listings, collateral, signers, quorum }
  const signing = {
    engine: name,
    contract: { chainId: feltOf('StarkEx'), address: feltOf(account) },
    listings,
    registry: { names: async (asset: bigint, key: bigint) => namesOf(exchange, asset, key) },
    curve,
    whyNotStorable: whyNotStorable(collateral),
  }

  return {
    name,
    chain: chain.name,
    account,
    markets: options.listings.map(({ market }) => market),
    silent: true,

    check: async (oracles) => Promise.resolve(checked(exchange, oracles)),

    async state() {
      const [block, prices] = await Promise.all([chain.head(), options.told()])
      return {
        block,
        paused: false,
        sequence: undefined,
        quorum: Object.fromEntries(options.listings.map(({ market }) => [market, quorum])),
        prices,
      }
    },

    signAll: async (reports, keys) => signReports(signing, reports, starkKeys(keys)),

    verifyAll: async (reports) => verifyReports(signing, reports),

    encode(action) {
      if (action.kind === 'push-prices') return [tickOf(exchange, action, clock.now())]
      throw new UnfitUpdateError(name, action.kind, 'a StarkEx exchange is told prices only')
    },
  }
}

/** One sentence for each thing in which the network file cannot be right; the exchange itself cannot be asked. */
function checked(
  { engine, signers, quorum }: StarkexExchange,
  oracles: readonly OracleKeys[],
): readonly string[] {
  const few =
    signers.size < quorum
      ? [`${engine}: a price needs ${quorum} reports, and only ${signers.size} keys may sign them`]
      : []
  const strangers = oracles.flatMap(({ node, stark, next }) => {
    if (next?.stark && signers.has(BigInt(next.stark.publicKey))) return []
    if (!stark) return [`${engine}: node ${node} has no STARK key to sign with`]
    if ([next?.stark, stark].some((key) => key && signers.has(BigInt(key.publicKey)))) return []
    return [`${engine}: ${stark.publicKey} of node ${node} is not a signer`]
  })
  return [...few, ...strangers]
}

async function namesOf({ listings, signers }: StarkexExchange, asset: bigint, key: bigint) {
  const listing = [...listings.values()].find(({ assetId }) => BigInt(assetId) === asset)
  const oracleName = signers.get(key)
  if (!listing || oracleName === undefined) return undefined
  return Promise.resolve({ assetName: listing.assetName, oracleName })
}

/** A word of at most 31 letters as a felt. */
function feltOf(word: string): `0x${string}` {
  return `0x${Buffer.from(word.slice(0, 31), 'latin1').toString('hex')}`
}
