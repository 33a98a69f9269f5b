import { cairoDeployer } from '../../../infra/contracts/cairo/deploy-cairo.ts'
import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { deployCore } from '../../../infra/contracts/core/deploy.ts'
import { findDevnet, startDevnet } from '../../../infra/local/devnet.ts'
import type { StarknetNode } from './starknet-suite.ts'

/** Ends a title where there is no real Starknet node here; empty where there is one. */
export const noDevnet =
  findDevnet() === undefined
    ? ' (skipped: starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin)'
    : ''

/** A real node with a core on it, whose operator is the node's first account. */
export async function startDevnetNode(
  config: (operator: bigint) => CoreConfig,
): Promise<StarknetNode> {
  const devnet = await startDevnet({ accounts: 2 })
  if ('reason' in devnet) throw new Error(devnet.reason)
  const { url, stop } = devnet
  const [operator, stranger] = devnet.accounts
  if (!operator || !stranger) throw new Error('starknet-devnet has no accounts')
  const deployer = cairoDeployer({ rpcUrl: url, account: operator })
  const address = await deployCore(deployer, config(BigInt(operator.address)))
  return {
    url,
    // SN_SEPOLIA, what starknet-devnet says unless told otherwise.
    chainId: '0x534e5f5345504f4c4941',
    core: address,
    operator,
    stranger,
    async makeBlock() {},
    stop,
  }
}
