import type { AccountDeployments } from '../../ports.ts'
import type { LaneWorld } from './lane-world.ts'

/** How the lane's account is deployed. */
export function deploymentsOf({ chain, account }: LaneWorld): AccountDeployments {
  if (chain.deployments) return chain.deployments
  throw new UndeployableAccountError(account, `accounts of ${chain.name} are there from the start`)
}

/** The sending account is not there, and cannot come into being as the network file says. Until it can, its work waits. */
export class UndeployableAccountError extends Error {
  override readonly name = 'UndeployableAccountError'
  readonly account: string

  constructor(account: string, why: string) {
    super(
      `account ${account} cannot be deployed: ${why}; see what the network file says under deploy`,
    )
    this.account = account
  }
}
