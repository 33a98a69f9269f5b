import type { LaneTarget } from '../../ports.ts'

/** A contract that settles batches: the call was made with the work, and it has no nonce of its own. */
export const settlementTarget: LaneTarget = {
  encode(action) {
    if (action.kind !== 'settle-batch')
      throw new TypeError(`${action.engine} settles batches; ${action.kind} is not for it`)
    return action.updates.map(({ call }) => call)
  },
  state: async () => ({ sequence: undefined, prices: {} }),
}
