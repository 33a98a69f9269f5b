import type { CairoDeployer } from '../cairo/deploy-cairo.ts'
import { integritySource } from './integrity-class.ts'

/** Deploys a fact registry that the account owns; mocked, it takes every fact and has no verifiers. */
export async function deployIntegrity(
  deployer: CairoDeployer,
  { mocked = false }: { readonly mocked?: boolean } = {},
): Promise<`0x${string}`> {
  return await deployer.deploy(integritySource, [BigInt(deployer.account), mocked ? 1n : 0n])
}
