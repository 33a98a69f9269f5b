import type { GovernanceRules } from '../../domain/parameters/governance.ts'
import type { Network } from '../network/schema.ts'

/** How careful the network file is with its parameters. */
export function governanceRules({ parameters, jobs }: Network): GovernanceRules {
  return {
    minShadowMs: parameters.shadowSeconds * 1_000,
    leadMs: parameters.leadSeconds * 1_000,
    probationMs: parameters.probationSeconds * 1_000,
    isGuarded: jobs.govern !== undefined,
    approvals: parameters.approvals,
    approvers: Object.keys(parameters.approvers),
    emergencyMs: parameters.emergencySeconds * 1_000,
  }
}
