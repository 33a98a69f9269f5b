import type { Hex } from 'viem'
import { decodeEventLog, decodeFunctionData, encodeFunctionData } from 'viem/utils'

import {
  type ApplicationData,
  buildApplicationData,
  parseApplicationData,
} from './application-data.ts'
import { perpetualAbi } from './perpetual-abi.ts'
import { parseProgramOutput, type PerpetualOutput } from './program-output.ts'

/** The calldata that settles a batch: the program's output word by word, as it was proved. */
export function updateStateCalldata(
  programOutput: readonly bigint[],
  application: ApplicationData,
): Hex {
  return encodeFunctionData({
    abi: perpetualAbi,
    functionName: 'updateState',
    args: [programOutput, buildApplicationData(application)],
  })
}

/** What somebody settled, from the transaction's input: the only place where it is told which requests were served. */
export type SettledBatch = {
  readonly words: readonly bigint[]
  readonly output: PerpetualOutput
  readonly application: ApplicationData
}

/** Undefined where the input is another call's, or no batch. */
export function readUpdateStateCall(data: Hex): SettledBatch | undefined {
  const args = argsOf(data)
  if (!args) return undefined
  const [words, told] = args
  const application = parseApplicationData(told)
  return application && { words, output: parseProgramOutput(words), application }
}

/** One of the exchange's events, by its name; undefined where it is none that a keeper reads. */
export function readPerpetualLog({
  topics,
  data,
}: {
  readonly topics: readonly Hex[]
  readonly data: Hex
}) {
  const [first, ...others] = topics
  if (first === undefined) return undefined
  try {
    return decodeEventLog({ abi: perpetualAbi, topics: [first, ...others], data })
  } catch {
    // Of another contract, or one that nothing is decided by.
    return undefined
  }
}

function argsOf(data: Hex) {
  try {
    const { functionName, args } = decodeFunctionData({ abi: perpetualAbi, data })
    return functionName === 'updateState' ? args : undefined
  } catch {
    return undefined
  }
}
