import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { z } from 'zod'

import type { SealedBlock } from './block.ts'
import { applied, type ChainChange, type ChainState, headOf } from './chain-state.ts'
import type { Hex } from './felt.ts'
import { fromPlainJson, toPlainJson } from './plain-json.ts'

/** Where a chain outlives its process: the whole state in the first line, then one line per change. */
export type StateFile = {
  /** Undefined where there is none yet. */
  readonly stored: ChainState | undefined
  /** On disk when it returns. */
  readonly record: (change: ChainChange, state: ChainState) => void
  /** Writes the state as one line again. */
  readonly compact: (state: ChainState) => void
}

/** So many changes are read again in well under a second. */
const changesBetweenCompactions = 2_000

export function openStateFile(path: string, owner: StateOwner): StateFile {
  const { chainId, coreAddress } = owner
  const stored = existsSync(path) ? readState(path, owner) : undefined
  let changes = 0
  const compact = (state: ChainState): void => {
    // Whoever is killed in the middle leaves the old file whole.
    writeFileSync(`${path}.new`, `${toPlainJson({ chainId, coreAddress, state: packed(state) })}\n`)
    renameSync(`${path}.new`, path)
    changes = 0
  }
  if (stored !== undefined) compact(stored)
  return {
    stored,
    compact,
    record(change, state) {
      changes += 1
      const before = change.kind === 'block' ? state.blocks.at(-2) : undefined
      if (before === undefined && !existsSync(path)) compact(state)
      else if (changes >= changesBetweenCompactions) compact(state)
      else appendFileSync(path, `${toPlainJson(packedChange(change, before))}\n`)
    },
  }
}

/** Another chain or another core cannot go on from the same file, nor one with other accounts. */
export type StateOwner = {
  readonly chainId: string
  readonly coreAddress: string
  readonly accounts: readonly Hex[]
}

/** A world that is the same as the block's before is not written again. */
type Packed = SealedBlock & { readonly sameWorld?: boolean }

function packed(state: ChainState): ChainState {
  const blocks = state.blocks.map((block, at) => packedBlock(block, state.blocks[at - 1]))
  return { ...state, blocks }
}

function packedBlock(block: SealedBlock, before: SealedBlock | undefined): Packed {
  const isSame = block.world !== undefined && block.world === before?.world
  return isSame ? { ...block, world: undefined, sameWorld: true } : block
}

function packedChange(change: ChainChange, before: SealedBlock | undefined): ChainChange {
  return change.kind === 'block' ? { ...change, block: packedBlock(change.block, before) } : change
}

function unpackedBlock({ sameWorld, ...block }: Packed, before: SealedBlock | undefined) {
  return { ...block, world: sameWorld === true ? before?.world : block.world }
}

// We wrote it ourselves, whole lines at a time: its shape is looked at, not every field.
const First = z.object({
  chainId: z.string(),
  coreAddress: z.string(),
  state: z.custom<ChainState>(
    (value) => z.looseObject({ blocks: z.array(z.any()) }).safeParse(value).success,
  ),
})
const Change = z.custom<ChainChange>(
  (value) =>
    z.looseObject({ kind: z.enum(['block', 'pool', 'reorg', 'l1']) }).safeParse(value).success,
)

function readState(path: string, owner: StateOwner): ChainState {
  const lines = readFileSync(path, 'utf8').split('\n')
  // The last line is empty, or was not finished: its change had not been seen by anybody.
  lines.pop()
  const [first, ...changes] = lines
  if (first === undefined) throw new StateFileError(path, 1, 'it is not a whole line')
  const head = parsed(path, 1, () => First.parse(fromPlainJson(first)))
  if (head.chainId !== owner.chainId || head.coreAddress !== owner.coreAddress)
    throw new StateFileError(
      path,
      1,
      `it is of chain ${head.chainId} with the core ${head.coreAddress}, not of ${owner.chainId} with ${owner.coreAddress}`,
    )
  const last = changes.reduce<ChainState>((state, line, at) => {
    const change = parsed(path, at + 2, () => Change.parse(fromPlainJson(line)))
    return applied(state, unpackedChange(change, state.blocks.at(-1)))
  }, unpacked(head.state))
  const { accounts } = headOf(last).world
  const missing = owner.accounts.find((address) => accounts[address] === undefined)
  if (missing === undefined) return last
  throw new StateFileError(path, 1, `its chain has no account ${missing}`)
}

function unpacked(state: ChainState): ChainState {
  const blocks: SealedBlock[] = []
  for (const block of state.blocks) blocks.push(unpackedBlock(block, blocks.at(-1)))
  return { ...state, blocks }
}

function unpackedChange(change: ChainChange, before: SealedBlock | undefined): ChainChange {
  return change.kind === 'block'
    ? { ...change, block: unpackedBlock(change.block, before) }
    : change
}

function parsed<T>(path: string, line: number, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new StateFileError(path, line, 'it is not what a box writes', cause)
  }
}

/** The file with the chain's state cannot be gone on from. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError'
  readonly path: string
  readonly line: number

  constructor(path: string, line: number, why: string, cause?: unknown) {
    super(`line ${line} of ${path} cannot be used: ${why}. Move the file away to start anew.`, {
      cause,
    })
    this.path = path
    this.line = line
  }
}
