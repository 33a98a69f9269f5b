import type { ChangeSight } from '../../domain/watch/system-sight.ts'
import { addressOf, topicOf, wordsOf } from './evm-words.ts'
import type { ChainRow } from './remembered.ts'
import type { SeenLog } from './scan-logs.ts'

/** Who operates and governs StarkWare's contracts on L1, by their events; what happened, in words. */
const events = [
  ['LogOperatorAdded(address)', 'role:operator-added', 'is an operator'],
  ['LogOperatorRemoved(address)', 'role:operator-removed', 'is no operator any more'],
  ['LogNominatedGovernor(address)', 'role:governor-nominated', 'may become a governor'],
  ['LogNewGovernorAccepted(address)', 'role:governor-accepted', 'is a governor'],
  ['LogRemovedGovernor(address)', 'role:governor-removed', 'is no governor any more'],
] as const

const names: ReadonlyMap<string, string> = new Map(
  events.map(([signature, name]) => [topicOf(signature), name]),
)
const words: ReadonlyMap<string, string> = new Map(events.map(([, name, text]) => [name, text]))

export const roleTopics: readonly string[] = [...names.keys()]

/** Undefined for another's event. */
export function roleRow({ topics: [topic], data, ...log }: SeenLog): ChainRow | undefined {
  const name = names.get(topic ?? '')
  const [who] = wordsOf(data)
  if (name === undefined || who === undefined) return undefined
  const { block, index, at, transaction } = log
  return { position: block, index, at, name, values: [addressOf(who), transaction] }
}

/** Such changes take effect at once. */
export function roleChanges(rows: readonly ChainRow[]): readonly ChangeSight[] {
  return rows.flatMap(({ name, at, values: [who = '', transaction = ''] }) => {
    const text = words.get(name)
    if (text === undefined) return []
    return {
      id: `${name}:${who}:${transaction}`,
      kind: 'roles' as const,
      title: `${who} ${text}`,
      announcedAt: at,
      effectiveAt: at,
      state: 'done' as const,
      touches: ['roles'],
      announces: {},
    }
  })
}
