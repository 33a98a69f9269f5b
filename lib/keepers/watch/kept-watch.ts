import type { Lane } from '../../domain/lane.ts'
import { withoutMemory } from '../without-memory.ts'
import type { WatchView } from './watch-view.ts'

/** All that the liveness rules go by: of prices not what their next round must know, of lanes not what they have signed. */
export function keptWatch(view: WatchView): WatchView {
  return {
    ...view,
    nodes: view.nodes.map((node) => ({
      ...node,
      prices: node.prices && withoutMemory(node.prices),
    })),
    lanes: view.lanes.map((seen) => ({ ...seen, lane: seen.lane && withoutBytes(seen.lane) })),
    leftBehind: view.leftBehind.map(withoutBytes),
  }
}

function withoutBytes(lane: Lane): Lane {
  return {
    ...lane,
    inFlight: lane.inFlight.map((transaction) => ({
      ...transaction,
      attempts: transaction.attempts.map((attempt) => ({ ...attempt, bytes: undefined })),
    })),
  }
}
