import { addressOf, hashOf, topicOf, wordsOf } from '../evm-words.ts'
import { proxyRow, proxyTopics } from '../proxy-changes.ts'
import type { ChainRow } from '../remembered.ts'
import { roleRow, roleTopics } from '../role-changes.ts'
import type { SeenLog } from '../scan-logs.ts'

type Read = {
  readonly name: string
  /** What is remembered of its data. */
  readonly values: (words: readonly bigint[]) => readonly string[]
}

const [uint, hash, address] = [
  (word = 0n) => `0x${word.toString(16)}`,
  (word = 0n) => hashOf(word),
  (word = 0n) => addressOf(word),
]
const trade =
  'LogForcedTradeRequest(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bool,uint256)'

/** The exchange's own events; none of them indexes anything. */
const events: readonly (readonly [signature: string, read: Read])[] = [
  [
    'LogUpdateState(uint256,uint256)',
    { name: 'state-update', values: ([, batch]) => [String(batch)] },
  ],
  [
    'LogForcedWithdrawalRequest(uint256,uint256,uint256)',
    { name: 'forced-withdrawal', values: (words) => words.map(uint) },
  ],
  [trade, { name: 'forced-trade', values: (words) => words.map(uint) }],
  ['LogGlobalConfigurationRegistered(bytes32)', configured('registered')],
  ['LogGlobalConfigurationApplied(bytes32)', configured('applied')],
  ['LogGlobalConfigurationRemoved(bytes32)', configured('removed')],
  ['LogAssetConfigurationRegistered(uint256,bytes32)', configuredAsset('registered')],
  ['LogAssetConfigurationApplied(uint256,bytes32)', configuredAsset('applied')],
  ['LogAssetConfigurationRemoved(uint256,bytes32)', configuredAsset('removed')],
  ['LogRegistered(address,string)', { name: 'verifier-added', values: ([who]) => [address(who)] }],
  [
    'LogRemovalIntent(address,string)',
    { name: 'verifier-leaving', values: ([who]) => [address(who)] },
  ],
  ['LogRemoved(address,string)', { name: 'verifier-removed', values: ([who]) => [address(who)] }],
]

function configured(what: string): Read {
  return { name: `configuration-${what}`, values: ([of]) => ['', hash(of)] }
}

function configuredAsset(what: string): Read {
  return { name: `configuration-${what}`, values: ([asset, of]) => [uint(asset), hash(of)] }
}

const reads: ReadonlyMap<string, Read> = new Map(
  events.map(([signature, read]) => [topicOf(signature), read]),
)

/** All that is read of the past of StarkEx's `StarkPerpetual`. */
export const perpetualTopics: readonly string[] = [...reads.keys(), ...proxyTopics, ...roleTopics]

/** What is remembered of the exchange's logs; of an update also its transaction, which has the batch. */
export function perpetualRows(logs: readonly SeenLog[]): readonly ChainRow[] {
  return logs.flatMap((log) => {
    const { topics, data, block: position, index, at, transaction } = log
    const read = reads.get(topics[0] ?? '')
    if (!read) return proxyRow(log) ?? roleRow(log) ?? []
    const { name } = read
    const values = read.values(wordsOf(data))
    return {
      position,
      index,
      at,
      name,
      values:
        name === 'forced-trade' || name === 'forced-withdrawal' ? values : [...values, transaction],
    }
  })
}
