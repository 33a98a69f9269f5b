import { topicOf } from '../evm-words.ts'
import type { ChainRow } from '../remembered.ts'
import type { SeenLog } from '../scan-logs.ts'

const boldState = '((bytes32[2],uint64[2]),uint8,bytes32)'
const boldConfig = '(bytes32,uint256,address,uint64,uint64)'
const state = '((bytes32[2],uint64[2]),uint8)'

/** Since BoLD a claim of the state is an assertion by its hash; before, it was a node by its number. */
const events: ReadonlyMap<string, 'assertion' | 'confirmation'> = new Map([
  [
    topicOf(
      `AssertionCreated(bytes32,bytes32,((bytes32,bytes32,${boldConfig}),${boldState},${boldState}),bytes32,uint256,bytes32,uint256,address,uint64)`,
    ),
    'assertion',
  ],
  [topicOf('AssertionConfirmed(bytes32,bytes32,bytes32)'), 'confirmation'],
  [
    topicOf(
      `NodeCreated(uint64,bytes32,bytes32,bytes32,(${state},${state},uint64),bytes32,bytes32,uint256)`,
    ),
    'assertion',
  ],
  [topicOf('NodeConfirmed(uint64,bytes32,bytes32)'), 'confirmation'],
])

/** All that is read of a rollup's past. */
export const rollupTopics: readonly string[] = [...events.keys()]

/** Which claim was made or confirmed. Undefined for another's event. */
export function rollupRow({ topics: [topic, which], ...log }: SeenLog): ChainRow | undefined {
  const name = events.get(topic ?? '')
  if (name === undefined || which === undefined) return undefined
  const { block, index, at } = log
  // Numbers are short, hashes are not.
  const claim = BigInt(which) < 2n ** 64n ? `node ${BigInt(which)}` : `assertion ${which}`
  return { position: block, index, at, name, values: [claim] }
}
