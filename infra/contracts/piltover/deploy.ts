import type { CairoDeployer } from '../cairo/deploy-cairo.ts'
import { piltoverSource } from './piltover-class.ts'

/** Where an appchain stands. */
export type AppchainState = {
  readonly root: bigint
  readonly number: bigint
  readonly hash: bigint
}

/** Deploys an appchain's settlement contract that the account owns and that begins at that block. Programs, registry and operators are to be told it. */
export async function deployPiltover(
  deployer: CairoDeployer,
  { root, number, hash }: AppchainState,
): Promise<`0x${string}`> {
  return await deployer.deploy(piltoverSource, [BigInt(deployer.account), root, number, hash])
}
