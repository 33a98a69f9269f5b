import { keccak256 } from 'viem/utils'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { ChangeSight } from '../../domain/watch/system-sight.ts'
import { addressOf, topicOf } from './evm-words.ts'
import type { ChainRow } from './remembered.ts'
import type { SeenLog } from './scan-logs.ts'
import { tookEffect } from './took-effect.ts'

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
  const announced = new Map<string, Announcement>()
  for (const { name, at, values } of rows) {
    const [next = '', told = ''] = values
    const id = `implementation:${next}:${told}`
    const known = announced.get(id)
    if (name === 'proxy-added')
      announced.set(id, { next, at, isRemoved: false, takenAt: undefined })
    if (name === 'proxy-removed' && known) announced.set(id, { ...known, isRemoved: true })
    if (name === 'proxy-upgraded')
      for (const [key, one] of announced)
        if (one.next === next) announced.set(key, { ...one, takenAt: at })
  }
  const changes = [...announced].map(([id, one]): ChangeSight => {
    const { next, at, isRemoved, takenAt } = one
    const change: ChangeSight = {
      id,
      kind: 'upgrade',
      title: `the proxy may lead to ${next}`,
      announcedAt: at,
      ...(delaySeconds !== undefined && { effectiveAt: timestamp(at + delaySeconds * 1000) }),
      state: isRemoved ? 'dropped' : 'announced',
      touches: ['implementation'],
      announces: { implementation: next },
    }
    const isThere = implementation === undefined || implementation === next
    // One that was taken and left may be taken again at once.
    return takenAt !== undefined && isThere
      ? tookEffect(change, takenAt, { implementation })
      : change
  })
  return [...changes, ...rows.flatMap(finalization)]
}

type Announcement = {
  readonly next: string
  readonly at: Timestamp
  readonly isRemoved: boolean
  readonly takenAt: Timestamp | undefined
}

function finalization({ name, at, values: [last = ''] }: ChainRow): readonly ChangeSight[] {
  if (name !== 'proxy-finalized') return []
  return [
    {
      id: `finalized:${last}`,
      kind: 'upgrade',
      title: `${last} is the proxy's last implementation`,
      announcedAt: at,
      effectiveAt: at,
      state: 'done',
      touches: ['implementation'],
      announces: {},
    },
  ]
}
