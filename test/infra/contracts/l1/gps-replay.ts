import { encodeAbiParameters, type Hex, parseAbiParameters } from 'viem'
import { z } from 'zod'

import { standInBootloader } from '../../../../infra/contracts/l1/deploy-gps.ts'
import {
  type MemoryPage,
  regularPage,
} from '../../../../lib/adapters/settlement/facts/memory-pages.ts'
import { keccakOfWords } from '../../../../lib/adapters/settlement/facts/words.ts'
import { type L1Case, Words } from '../../../adapters/settlement/l1-vectors.ts'
import { calldata } from './replay.ts'

const Statement = z.object({
  taskMetadata: Words,
  cairoAuxInput: Words,
  cairoVerifierId: z.coerce.bigint().default(0n),
})
type Statement = z.infer<typeof Statement>
const Generated = z.object({
  seed: z.coerce.bigint(),
  count: z.coerce.number(),
  startAddr: z.coerce.bigint(),
  z: z.coerce.bigint(),
  alpha: z.coerce.bigint(),
  prime: z.coerce.bigint(),
})

/** The calldata of a case, where it is left out too. */
export function gpsCalldata({ call, result }: L1Case): Hex {
  const statement = Statement.safeParse(call?.args)
  if (statement.success) {
    const { taskMetadata, cairoVerifierId } = statement.data
    const aux = withOurBootloader(statement.data, result?.revert?.reason ?? '')
    return calldata(call?.function ?? '', [[], [], taskMetadata, aux, cairoVerifierId])
  }
  const generated = Generated.safeParse(call?.args)
  if (!generated.success) return call?.data ?? '0x'
  const { seed, count, startAddr, z: at, alpha, prime } = generated.data
  const values = Array.from(
    { length: count },
    (_, index) => BigInt(keccakOfWords([seed, BigInt(index)])) % prime,
  )
  return calldata(call?.function ?? '', [startAddr, values, at, alpha, prime])
}

/** Where the pages of the public input begin. */
const pagesAt = 26

/**
 * A statement for our own bootloader: StarkWare's words are no part of this project, so that hash and product of the main page
 * are ours. What they are on their own does not show whether they were meant to be wrong: there they stay wrong.
 */
function withOurBootloader(statement: Statement, reason: string): readonly bigint[] {
  const { cairoAuxInput } = statement
  const page = mainPageOf(statement)
  if (!page) return cairoAuxInput
  const isWrong = (what: string) => (reason === `Invalid ${what} for memory page 0.` ? 1n : 0n)
  const pages = Number(cairoAuxInput[pagesAt] ?? 0)
  const ours = new Map([
    [pagesAt + 2, BigInt(page.hash) + isWrong('hash')],
    [pagesAt + 3 * pages, page.product + isWrong('cumulative product')],
  ])
  return cairoAuxInput.map((word, at) => ours.get(at) ?? word)
}

/** More tasks than any statement has: the verifier refuses such a number by itself. */
const mostTasks = 1_000n

/** The main page of a statement of our bootloader; undefined where the input is no statement. */
function mainPageOf({ taskMetadata, cairoAuxInput: aux }: Statement): MemoryPage | undefined {
  if (aux.length <= pagesAt || (taskMetadata[0] ?? 0n) > mostTasks) return undefined
  const [begin = 0n, stop = 0n] = aux.slice(6, 8)
  const [output = 0n] = aux.slice(8, 9)
  const pointers = aux.slice(8, 24)
  const every = (from: number, address: bigint) =>
    pointers
      .filter((_, index) => index % 2 === from)
      .map((value, index) => ({ address: address + BigInt(index), value }))
  const { program, simpleBootloaderHash, supportedVerifiersHash } = standInBootloader
  const cells = [
    ...program.map((value, index) => ({ address: BigInt(index) + 1n, value })),
    { address: begin - 2n, value: begin },
    { address: begin - 1n, value: 0n },
    ...every(0, begin),
    ...every(1, stop - 8n),
    ...[simpleBootloaderHash, supportedVerifiersHash, taskMetadata[0] ?? 0n].map(
      (value, index) => ({ address: output + BigInt(index), value }),
    ),
  ]
  let [task, address] = [1, output + 3n]
  for (let left = taskMetadata[0] ?? 0n; left > 0n; left--) {
    const [size = 0n, programHash = 0n, steps = 0n] = taskMetadata.slice(task, task + 3)
    cells.push({ address, value: size }, { address: address + 1n, value: programHash })
    task += 3 + 2 * Number(steps)
    address += size
  }
  const [at = 0n, alpha = 0n] = aux.slice(-2)
  return regularPage(cells, { z: at, alpha })
}

type Log = { readonly emitter: string; readonly topics: readonly Hex[]; readonly data: Hex }
const regularTopic = '0x98fd0d40bd3e226c28fb29ff2d386bd8f9e19f2f8436441e6b854651d3b687b3'

/** The recorded logs, with our main page in the place of the recorded one. */
export function withOurMainPage(logs: readonly Log[], { call }: L1Case): readonly Log[] {
  const statement = Statement.safeParse(call?.args)
  const page = statement.success ? mainPageOf(statement.data) : undefined
  if (!page) return logs
  const data = encodeAbiParameters(parseAbiParameters('bytes32, bytes32, uint256'), [
    page.fact,
    page.hash,
    page.product,
  ])
  return logs.map((log) => (log.topics[0] === regularTopic ? { ...log, data } : log))
}
