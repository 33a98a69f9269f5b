import type { Hex } from 'viem'

import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'
import type { SettlementSight, Standing } from '../../domain/proving/settlement-place.ts'
import type { Settlement } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { answersThere } from './answers-there.ts'
import { registeredFact } from './fact-registry.ts'
import { gpsFact } from './facts/gps-fact.ts'
import { revertMeanings } from './refusal-meaning.ts'
import { blobVersionedHashes } from './starknet-core/blob-hashes.ts'
import { parseProgramOutput } from './starknet-core/program-output.ts'
import { type CoreState, readCoreState } from './starknet-core/read-core-state.ts'
import { coreRevertMeaning } from './starknet-core/revert-meaning.ts'
import { stateTransitionFact } from './starknet-core/state-transition-fact.ts'
import { type PublishedData, stateUpdateCall } from './starknet-core/state-update-call.ts'

export type StarknetCoreSettlementOptions = {
  /** The proving lane. */
  readonly name: string
  readonly chain: string
  readonly rpc: Rpc
  readonly core: Hex
  /** The fact registry that the core asks. */
  readonly registry: Hex
  /** Who brings updates. */
  readonly account: Hex
  /** The program that batches are proved as; absent where nobody has said. */
  readonly programHash?: bigint | undefined
}

/** `stateBlockNumber()`. */
const view = '0x35befa5d'

/** A Starknet core contract on L1, which settles an appchain's blocks. */
export function starknetCoreSettlement(options: StarknetCoreSettlementOptions): Settlement {
  const { name, chain, rpc, core, registry, account } = options
  const read = async (tag: 'latest' | 'finalized') =>
    readCoreState(rpc, { core, operator: account, tag })
  const readFinal = async () =>
    (await answersThere(rpc, { to: core, view })) ? await read('finalized') : undefined

  return {
    name,
    chain,
    account,
    check: async () => problemsOf(options, await read('latest')),

    async sight(): Promise<SettlementSight> {
      const [latest, finalized] = await Promise.all([read('latest'), readFinal()])
      return {
        latest: standingOf(latest),
        block: latest.block,
        finalized: finalized ? standingOf(finalized) : { number: -1 },
        time: latest.block.time,
      }
    },

    facts(_content, { programHash, output }) {
      const fact = gpsFact(
        BigInt(programHash),
        stateTransitionFact(output.programOutput, dataOf(output)),
      )
      return { fact, proverFacts: { sharp: fact } }
    },

    async fact(fact) {
      const [isThere] = await rpc.values([registeredFact(registry, fact)])
      return { kind: isThere ? 'strong' : 'absent' }
    },

    call({ programOutput, ...output }) {
      const data = stateUpdateCall(programOutput, dataOf(output))
      const blobs = blobVersionedHashes(parseProgramOutput(programOutput).data)
      return { kind: 'evm', to: core, data, ...(blobs.length > 0 && { blobs }) }
    },

    async meaningOf(reason, { programHash, output }) {
      const views = await read('latest')
      const { programOutput } = output
      const data = dataOf(output)
      const program = BigInt(programHash)
      const fact = gpsFact(program, stateTransitionFact(programOutput, data))
      const told = { programOutput, data, programHash: program, fact }
      return revertMeanings[coreRevertMeaning(reason, told, views).meaning]
    },
  }
}

function standingOf({ blockNumber, blockHash, root }: CoreState): Standing {
  return { number: Number(blockNumber), hash: hex(blockHash), root: hex(root) }
}

function dataOf({ data }: Pick<SettlementOutput, 'data'>): PublishedData {
  return data ?? { kind: 'calldata', hash: 0n, size: 0n }
}

function problemsOf(
  { core, account, programHash }: StarknetCoreSettlementOptions,
  state: CoreState,
): readonly string[] {
  const known = [state.programHash, state.aggregatorProgramHash]
  return [
    ...(state.isOperator ? [] : [`${account} is no operator of the core ${core}`]),
    ...(programHash === undefined || known.includes(programHash)
      ? []
      : [
          `the core ${core} takes proofs of the programs ${known.map(hex).join(' and ')}, not of ${hex(programHash)}`,
        ]),
  ]
}

function hex(value: bigint): Hex {
  return `0x${value.toString(16)}`
}
