import type { ChangeSight } from '../../domain/watch/system-sight.ts'
import { topicOf, wordsOf } from './evm-words.ts'
import { proxyRow, proxyTopics } from './proxy-changes.ts'
import type { ChainRow } from './remembered.ts'
import { roleRow, roleTopics } from './role-changes.ts'
import type { SeenLog } from './scan-logs.ts'

const stateUpdate = topicOf('LogStateUpdate(uint256,int256,uint256)')

/** Settings of the core that one event each tells of. */
const settings = [
  ['programHash', topicOf('ProgramHashChanged(address,uint256,uint256)')],
  ['aggregatorProgramHash', topicOf('AggregatorProgramHashChanged(address,uint256,uint256)')],
  ['configHash', topicOf('ConfigHashChanged(address,uint256,uint256)')],
] as const

/** All that is read of the Starknet core contract's past. */
export const coreTopics: readonly string[] = [
  stateUpdate,
  ...settings.map(([, topic]) => topic),
  ...proxyTopics,
  ...roleTopics,
]

/** What is remembered of the core's logs. */
export function coreRows(logs: readonly SeenLog[]): readonly ChainRow[] {
  return logs.flatMap((log) => {
    const { topics, data, block: position, index, at } = log
    const words = wordsOf(data)
    const [topic] = topics
    if (topic === stateUpdate)
      return { position, index, at, name: 'state-update', values: [signed(words[1])] }
    const setting = settings.find(([, own]) => own === topic)
    if (setting) {
      const [name] = setting
      const [before = 0n, after = 0n] = words
      return { position, index, at, name, values: [hex(before), hex(after), log.transaction] }
    }
    return proxyRow(log) ?? roleRow(log) ?? []
  })
}

/** What was set otherwise without having been announced: the setters know no delay. */
export function settingChanges(rows: readonly ChainRow[]): readonly ChangeSight[] {
  return rows.flatMap(({ name, at, values: [before = '', after = '', transaction = ''] }) =>
    settings.some(([setting]) => setting === name)
      ? {
          id: `${name}:${after}:${transaction}`,
          kind: 'upgrade' as const,
          title: `${name} was ${before} and is ${after}`,
          announcedAt: at,
          effectiveAt: at,
          state: 'done' as const,
          touches: [name],
          announces: {},
        }
      : [],
  )
}

function signed(word = 0n): string {
  return String(BigInt.asIntN(256, word))
}

function hex(word: bigint): string {
  return `0x${word.toString(16)}`
}
