import type { Hex } from 'viem'

import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'
import type { Standing } from '../../domain/proving/settlement-place.ts'
import { timestamp } from '../../domain/time.ts'
import type { Settlement } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { answersThere } from './answers-there.ts'
import { registeredFact } from './fact-registry.ts'
import { gpsFact } from './facts/gps-fact.ts'
import { revertMeanings } from './refusal-meaning.ts'
import { type ApplicationData, parseApplicationData } from './stark-perpetual/application-data.ts'
import { settlementWindow } from './stark-perpetual/deadlines.ts'
import { parseProgramOutput } from './stark-perpetual/program-output.ts'
import { type PerpetualState, readPerpetualState } from './stark-perpetual/read-perpetual-state.ts'
import { perpetualRevertMeaning } from './stark-perpetual/revert-meaning.ts'
import { availabilityFact, stateTransitionFact } from './stark-perpetual/state-transition-fact.ts'
import { updateStateCalldata } from './stark-perpetual/update-state-call.ts'

export type StarkPerpetualSettlementOptions = {
  /** The proving lane. */
  readonly name: string
  readonly chain: string
  readonly rpc: Rpc
  readonly perpetual: Hex
  /** GPS's registry, which the exchange's verifiers ask. */
  readonly registry: Hex
  /** Who brings batches. */
  readonly account: Hex
}

/** `getLastBatchId()`. */
const view = '0x515535e8'

/** A StarkEx perpetual exchange's contract on L1. It tells its last batch only, and neither hash nor root. */
export function starkPerpetualSettlement(options: StarkPerpetualSettlementOptions): Settlement {
  const { name, chain, rpc, perpetual, registry, account } = options
  const read = async (tag: 'latest' | 'finalized', assets: readonly bigint[] = []) =>
    readPerpetualState(rpc, { perpetual, operator: account, assets, tag })
  const readFinal = async () =>
    (await answersThere(rpc, { to: perpetual, view })) ? await read('finalized') : undefined

  return {
    name,
    chain,
    account,
    check: async () => problemsOf(options, await read('latest')),

    async sight() {
      const [latest, finalized] = await Promise.all([read('latest'), readFinal()])
      const { block } = latest
      return {
        latest: standingOf(latest),
        block,
        finalized: finalized ? standingOf(finalized) : { number: -1 },
        time: block.time,
      }
    },

    facts(_content, { programHash, output }) {
      const { programOutput } = output
      const fact = gpsFact(BigInt(programHash), stateTransitionFact(programOutput))
      const { closesAt } = settlementWindow(parseProgramOutput(programOutput))
      const settleBefore = timestamp(Number(closesAt) * 1_000)
      return { fact, proverFacts: { sharp: fact }, settleBefore }
    },

    async fact(fact) {
      const [isThere] = await rpc.values([registeredFact(registry, fact)])
      return { kind: isThere ? 'strong' : 'absent' }
    },

    async missing({ programOutput }) {
      const { availability, next } = parseProgramOutput(programOutput)
      if (availability.kind === 'rollup') return undefined
      const { sequenceNumber, availabilityVerifiers } = await read('latest')
      const number = sequenceNumber + 1n
      const signed = availabilityFact(next, number)
      const known = await rpc.values(
        availabilityVerifiers.map((committee) => registeredFact(committee, signed)),
      )
      const without = availabilityVerifiers.filter((_, at) => !known[at])
      return without.length === 0 ? undefined : noAvailability(without, { signed, number })
    },

    call: (output) => ({
      kind: 'evm',
      to: perpetual,
      data: updateStateCalldata(output.programOutput, applicationOf(output)),
    }),

    meaningOf: async (reason) => revertMeanings[perpetualRevertMeaning(refusalOf(reason)).meaning],
  }
}

/** Only its committee can sign for the data; whoever runs the exchange brings the signatures. */
function noAvailability(
  committees: readonly Hex[],
  { signed, number }: { readonly signed: Hex; readonly number: bigint },
): string {
  return `no availability fact yet: the committee ${committees.join(', ')} has not signed ${signed}, which stands for the data of state ${number}`
}

/** A revert without a word burns all of its gas there; nodes then say only that there was one, or how it ended. */
const silent =
  /^(?:0x)?$|execution reverted:?\s*$|EVM error|invalid opcode|opcode not found|invalid jump|out ?of ?gas|gas required exceeds/i

function refusalOf(reason: string) {
  return silent.test(reason) ? ({ kind: 'silent' } as const) : ({ kind: 'reason', reason } as const)
}

/** Its last batch is 0 before the first one too, which is told by how many it had. */
function standingOf({ lastBatchId, sequenceNumber }: PerpetualState): Standing {
  const isBeforeFirst = lastBatchId === 0n && sequenceNumber === 0n
  return { number: isBeforeFirst ? -1 : Number(lastBatchId) }
}

function applicationOf({ applicationData = [] }: SettlementOutput): ApplicationData {
  const application = parseApplicationData(applicationData)
  if (!application)
    throw new TypeError('a batch of a perpetual exchange goes with its application data')
  return application
}

function problemsOf(
  { perpetual, account }: StarkPerpetualSettlementOptions,
  { isOperator, isFrozen }: PerpetualState,
): readonly string[] {
  return [
    ...(isOperator ? [] : [`${account} is no operator of the exchange ${perpetual}`]),
    ...(isFrozen ? [`the exchange ${perpetual} is frozen`] : []),
  ]
}
