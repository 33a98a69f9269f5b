import { timestamp } from '../../domain/time.ts'
import type { ChangeSight } from '../../domain/watch/system-sight.ts'
import { addressOf, topicOf, wordsOf } from './evm-words.ts'
import type { ChainRow } from './remembered.ts'
import type { SeenLog } from './scan-logs.ts'

const scheduled = topicOf('CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)')
const executed = topicOf('CallExecuted(bytes32,uint256,address,uint256,bytes)')
const cancelled = topicOf('Cancelled(bytes32)')

const names: ReadonlyMap<string, string> = new Map([
  [scheduled, 'timelock-scheduled'],
  [executed, 'timelock-executed'],
  [cancelled, 'timelock-cancelled'],
])

/** The events of OpenZeppelin's TimelockController. */
export const timelockTopics: readonly string[] = [...names.keys()]

/** What is remembered of one of its events: the operation, and of a scheduled call whom it calls, how, and after how many seconds. Undefined for another's. */
export function timelockRow({
  topics: [topic, operation],
  data,
  ...log
}: SeenLog): ChainRow | undefined {
  const name = names.get(topic ?? '')
  if (name === undefined || operation === undefined) return undefined
  const { block, index, at } = log
  const row = { position: block, index, at, name }
  if (name !== 'timelock-scheduled') return { ...row, values: [operation] }
  const [target = 0n, , offset = 0n, , delay = 0n] = wordsOf(data)
  // After the length, which is where the offset leads to.
  const start = 2 + 2 * (Number(offset) + 32)
  const selector = `0x${data.slice(start, start + 8)}`
  return { ...row, values: [operation, addressOf(target), selector, String(delay)] }
}

/** Operations that wait in a timelock, and what became of them. One may make several calls; it is executed as a whole, or call by call. */
export function timelockChanges(
  rows: readonly ChainRow[],
  nameOf: (address: string) => string | undefined,
): readonly ChangeSight[] {
  const changes = new Map<string, ChangeSight>()
  for (const { name, at, values } of rows) {
    const [operation = '', target = '', selector = '', delay = '0'] = values
    const id = `timelock:${operation}`
    const known = changes.get(id)
    switch (name) {
      case 'timelock-scheduled': {
        const called = nameOf(target) ?? target
        const call = `${called} ${selector}`
        changes.set(id, {
          id,
          kind: 'upgrade',
          title: known ? `${known.title}, ${call}` : `the timelock calls ${call}`,
          announcedAt: known?.announcedAt ?? at,
          effectiveAt: timestamp(at + Number(delay) * 1000),
          state: known?.state ?? 'decided',
          touches: [...new Set([...(known?.touches ?? []), called])],
          announces: {},
        })
        break
      }
      case 'timelock-executed':
        if (known) changes.set(id, { ...known, state: 'done' })
        break
      case 'timelock-cancelled':
        if (known) changes.set(id, { ...known, state: 'dropped' })
    }
  }
  return [...changes.values()]
}
