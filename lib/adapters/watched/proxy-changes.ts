import { keccak256 } from 'viem/utils'

import { timestamp } from '../../domain/time.ts'
import type { ChangeSight } from '../../domain/watch/system-sight.ts'
import { addressOf, topicOf } from './evm-words.ts'
import type { ChainRow } from './remembered.ts'
import type { SeenLog } from './scan-logs.ts'

const added = topicOf('ImplementationAdded(address,bytes,bool)')
const removed = topicOf('ImplementationRemoved(address,bytes,bool)')
const upgraded = topicOf('ImplementationUpgraded(address,bytes)')
const finalized = topicOf('FinalizedImplementation(address)')

const names: ReadonlyMap<string, string> = new Map([
  [added, 'proxy-added'],
  [removed, 'proxy-removed'],
  [upgraded, 'proxy-upgraded'],
  [finalized, 'proxy-finalized'],
])

/** The events of StarkWare's upgradable proxy. */
export const proxyTopics: readonly string[] = [...names.keys()]

/** What is remembered of one of the proxy's events: the implementation, and by what its announcement is known. Undefined for another's. */
export function proxyRow({ topics: [topic, which], data, ...log }: SeenLog): ChainRow | undefined {
  const name = names.get(topic ?? '')
  if (name === undefined || which === undefined) return undefined
  const { block, index, at } = log
  return {
    position: block,
    index,
    at,
    name,
    values: [addressOf(BigInt(which)), keccak256(data).slice(0, 18)],
  }
}

/**
 * Announcements of implementations, and what became of them. An announced one stays usable until it is removed, so that it is told
 * as announced as long as the proxy does not lead to it.
 */
export function proxyChanges(
  rows: readonly ChainRow[],
  {
    delaySeconds,
    implementation,
  }: {
    readonly delaySeconds: number | undefined
    /** Where the proxy leads now; undefined where nobody told. */
    readonly implementation: string | undefined
  },
): readonly ChangeSight[] {
  const changes = new Map<string, ChangeSight>()
  for (const { name, at, values } of rows) {
    const [next = '', told = ''] = values
    const id = `implementation:${next}:${told}`
    switch (name) {
      case 'proxy-added':
        changes.set(id, {
          id,
          kind: 'upgrade',
          title: `the proxy may lead to ${next}`,
          announcedAt: at,
          ...(delaySeconds !== undefined && { effectiveAt: timestamp(at + delaySeconds * 1000) }),
          state: 'announced',
          touches: ['implementation'],
          announces: { implementation: next },
        })
        break
      case 'proxy-removed': {
        const known = changes.get(id)
        if (known) changes.set(id, { ...known, state: 'dropped' })
        break
      }
      case 'proxy-upgraded':
        for (const [key, change] of changes)
          if (change.announces['implementation'] === next && change.state === 'announced')
            changes.set(key, { ...change, state: 'done' })
        break
      case 'proxy-finalized': {
        const key = `finalized:${next}`
        changes.set(key, {
          id: key,
          kind: 'upgrade',
          title: `${next} is the proxy's last implementation`,
          announcedAt: at,
          effectiveAt: at,
          state: 'done',
          touches: ['implementation'],
          announces: { implementation: next },
        })
      }
    }
  }
  // One that was taken, left and is still announced may be taken again at once.
  return [...changes.values()].map((change) =>
    change.state === 'done' &&
    change.id.startsWith('implementation:') &&
    implementation !== undefined &&
    change.announces['implementation'] !== implementation
      ? { ...change, state: 'announced' }
      : change,
  )
}
