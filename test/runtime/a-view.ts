import type { NetworkView } from '../../lib/runtime/view/network-view.ts'

/** A view in which nothing is wrong; a test changes the one thing that it is about. */
export function aView(change: Partial<NetworkView> = {}): NetworkView {
  return {
    network: 'sample',
    at: 1_764_000_000_000,
    overall: { state: 'ok', text: 'All is well' },
    feeds: [],
    chains: [],
    engines: [],
    funding: [],
    positions: [],
    liquidation: [],
    proving: [],
    lanes: [],
    watched: [],
    incidents: { open: [], recent: [] },
    jobs: [],
    problems: [],
    ...change,
  }
}
