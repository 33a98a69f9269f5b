import type { Rpc } from '../../rpc.ts'
import { viewsThere } from '../ask-places.ts'
import { addressOf, evmView, hashOf, isEvmRefusal } from '../evm-words.ts'
import { configurationSetting } from './configuration-changes.ts'
import { verifierSettings } from './verifier-changes.ts'

/** What one node tells of the exchange, at its newest block. */
export type PerpetualTold = {
  /** The id of the newest batch. */
  readonly lastBatch: string | undefined
  readonly configurationDelaySeconds: number | undefined
  readonly upgradeDelaySeconds: number | undefined
  readonly settings: Readonly<Record<string, string | undefined>>
}

/** Throws where nothing answers, or with the node's trouble. */
export async function readPerpetual(
  rpc: Rpc,
  {
    perpetual,
    assets,
    operators,
  }: {
    readonly perpetual: string
    /** Hex without leading zeros. */
    readonly assets: readonly string[]
    readonly operators: readonly string[]
  },
): Promise<PerpetualTold> {
  const view = (signature: string, ...args: readonly bigint[]) =>
    evmView(perpetual, signature, args)
  const [
    frozen,
    global,
    configurationDelay,
    verifiers,
    availability,
    implementation,
    upgradeDelay,
    lastBatch,
    ...named
  ] = await viewsThere(
    rpc,
    [
      view('isFrozen()'),
      view('globalConfigurationHash()'),
      view('configurationDelay()'),
      view('getRegisteredVerifiers()'),
      view('getRegisteredAvailabilityVerifiers()'),
      view('implementation()'),
      view('getUpgradeActivationDelay()'),
      view('getLastBatchId()'),
      ...assets.map((asset) => view('configurationHash(uint256)', BigInt(asset))),
      ...operators.map((operator) => view('isOperator(address)', BigInt(operator))),
    ],
    isEvmRefusal,
  )
  const [isFrozen] = frozen ?? []
  if (isFrozen === undefined) throw new NoPerpetualError(perpetual)
  const [hashes, offices] = [named.slice(0, assets.length), named.slice(assets.length)]
  return {
    lastBatch: lastBatch?.[0]?.toString(),
    configurationDelaySeconds:
      configurationDelay?.[0] === undefined ? undefined : Number(configurationDelay[0]),
    upgradeDelaySeconds: upgradeDelay?.[0] === undefined ? undefined : Number(upgradeDelay[0]),
    settings: {
      isFrozen: String(isFrozen !== 0n),
      implementation: implementation?.[0] === undefined ? undefined : addressOf(implementation[0]),
      upgradeDelaySeconds: upgradeDelay?.[0]?.toString(),
      configurationDelaySeconds: configurationDelay?.[0]?.toString(),
      [configurationSetting('')]: hashed(global),
      ...verifierSettings('verifier', addressesIn(verifiers)),
      ...verifierSettings('availability-verifier', addressesIn(availability)),
      ...Object.fromEntries(
        assets.map((asset, at) => [configurationSetting(asset), hashed(hashes[at])]),
      ),
      ...Object.fromEntries(
        operators.map((operator, at) => [
          `operator:${operator.toLowerCase()}`,
          offices[at]?.[0] === undefined ? undefined : String(offices[at][0] !== 0n),
        ]),
      ),
    },
  }
}

function hashed(words: readonly bigint[] | undefined): string | undefined {
  return words?.[0] === undefined ? undefined : hashOf(words[0])
}

/** An array's words: where it begins, how many, then each. */
function addressesIn(words: readonly bigint[] | undefined): readonly string[] {
  return (words ?? []).slice(2).map(addressOf)
}

/** Nothing answers as a StarkEx exchange. */
export class NoPerpetualError extends Error {
  override readonly name = 'NoPerpetualError'

  constructor(perpetual: string) {
    super(`nothing answers isFrozen() at ${perpetual}`)
  }
}
