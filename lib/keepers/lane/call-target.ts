import type { LaneTarget } from '../../ports.ts'

/** A contract that is no exchange: each call was made with its work, and the contract has no nonce of its own. */
export function callTarget(name: string): LaneTarget {
  return {
    encode(action) {
      if (action.kind !== 'settle-batch' && action.kind !== 'tell-uptime')
        throw new TypeError(`${name} is no exchange; ${action.kind} is not for it`)
      return action.updates.map(({ call }) => call)
    },
    state: async () => ({ sequence: undefined, prices: {} }),
  }
}
