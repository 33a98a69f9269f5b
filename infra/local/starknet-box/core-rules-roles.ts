import { onlyGovernor } from './core-rules-access.ts'
import type { CoreCall, CoreEffect, CoreEvent, CoreState } from './core-state.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

const operatorRole = selectorOf('ROLE_OPERATOR')

/** The roles that our one governor holds, as StarkWare's roles component names them. */
const governorRoles = [
  'ROLE_APP_GOVERNOR',
  'ROLE_APP_ROLE_ADMIN',
  'ROLE_GOVERNANCE_ADMIN',
  'ROLE_SECURITY_ADMIN',
  'ROLE_SECURITY_AGENT',
  'ROLE_SECURITY_GOVERNOR',
  'ROLE_UPGRADE_GOVERNOR',
].map(selectorOf)

export function hasRole(core: CoreState, role: bigint, account: bigint): boolean {
  return role === operatorRole
    ? core.operators.includes(account)
    : account === core.governor && governorRoles.includes(role)
}

export function registerOperator(core: CoreState, call: CoreCall, account: bigint): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_ROLE_ADMIN')
  return grantOperator(core, account, call.caller)
}

/** A second time changes nothing and emits nothing. */
export function grantOperator(core: CoreState, account: bigint, sender: bigint): CoreEffect {
  if (core.operators.includes(account)) return { core, events: [] }
  return {
    core: { ...core, operators: [...core.operators, account] },
    events: [
      event('RoleGranted', [operatorRole, account, sender]),
      event('OperatorAdded', [account, sender]),
    ],
  }
}

export function removeOperator(core: CoreState, call: CoreCall, account: bigint): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_ROLE_ADMIN')
  if (!core.operators.includes(account)) return { core, events: [] }
  return {
    core: { ...core, operators: core.operators.filter((one) => one !== account) },
    events: [
      event('RoleRevoked', [operatorRole, account, call.caller]),
      event('OperatorRemoved', [account, call.caller]),
    ],
  }
}

export function pause(core: CoreState, call: CoreCall): CoreEffect {
  onlyGovernor(core, call, 'ONLY_SECURITY_AGENT')
  assertFelt(!core.paused, 'PAUSED')
  return { core: { ...core, paused: true }, events: [event('Paused', [call.caller])] }
}

export function unpause(core: CoreState, call: CoreCall): CoreEffect {
  onlyGovernor(core, call, 'ONLY_SECURITY_GOVERNOR')
  assertFelt(core.paused, 'NOT_PAUSED')
  return { core: { ...core, paused: false }, events: [event('Unpaused', [call.caller])] }
}

function event(name: string, data: readonly bigint[]): CoreEvent {
  return { keys: [selectorOf(name)], data }
}
