import type { Rpc } from '../../rpc.ts'
import { viewsThere } from '../ask-places.ts'
import { addressInSlot, implementationSlot, secondaryImplementationSlot } from '../eip-1967.ts'
import { addressOf, evmView, hashOf, isEvmRefusal } from '../evm-words.ts'

/** The rollup contract that a chain's bridge trusts, with all that is configured for it. */
export type Rollup = {
  readonly address: string
  /** Blocks of L1. */
  readonly confirmPeriodBlocks: number
  readonly settings: Readonly<Record<string, string | undefined>>
}

/** Asked of the bridge, which is never another one: the rollup is, since BoLD. Throws `NoRollupError`, and the node's trouble. */
export async function readRollup(rpc: Rpc, bridge: string): Promise<Rollup> {
  const [found, bridgeImplementation] = await viewsThere(
    rpc,
    [evmView(bridge, 'rollup()'), addressInSlot(bridge, implementationSlot)],
    isEvmRefusal,
  )
  if (found?.[0] === undefined || found[0] === 0n) throw new NoRollupError(bridge)
  const rollup = addressOf(found[0])
  const [
    period,
    grace,
    least,
    moduleRoot,
    isPaused,
    isOpen,
    stake,
    owner,
    adminImplementation,
    userImplementation,
  ] = await viewsThere(
    rpc,
    [
      evmView(rollup, 'confirmPeriodBlocks()'),
      evmView(rollup, 'challengeGracePeriodBlocks()'),
      evmView(rollup, 'minimumAssertionPeriod()'),
      evmView(rollup, 'wasmModuleRoot()'),
      evmView(rollup, 'paused()'),
      evmView(rollup, 'validatorWhitelistDisabled()'),
      evmView(rollup, 'baseStake()'),
      evmView(rollup, 'owner()'),
      addressInSlot(rollup, implementationSlot),
      addressInSlot(rollup, secondaryImplementationSlot),
    ],
    isEvmRefusal,
  )
  if (period?.[0] === undefined) throw new NoRollupError(rollup)
  return {
    address: rollup,
    confirmPeriodBlocks: Number(period[0]),
    settings: {
      rollup,
      bridgeImplementation,
      confirmPeriodBlocks: String(period[0]),
      challengeGracePeriodBlocks: grace?.[0]?.toString(),
      minimumAssertionPeriodBlocks: least?.[0]?.toString(),
      wasmModuleRoot: moduleRoot?.[0] === undefined ? undefined : hashOf(moduleRoot[0]),
      paused: isPaused?.[0] === undefined ? undefined : String(isPaused[0] !== 0n),
      validators: isOpen?.[0] === undefined ? undefined : isOpen[0] === 0n ? 'listed' : 'anybody',
      baseStake: stake?.[0]?.toString(),
      owner: owner?.[0] === undefined ? undefined : addressOf(owner[0]),
      rollupAdminImplementation: adminImplementation,
      rollupImplementation: userImplementation,
    },
  }
}

/** Nothing answers as a bridge of Arbitrum, or as the rollup that it trusts. */
export class NoRollupError extends Error {
  override readonly name = 'NoRollupError'

  constructor(address: string) {
    super(`nothing answers as Arbitrum's bridge or rollup at ${address}`)
  }
}
