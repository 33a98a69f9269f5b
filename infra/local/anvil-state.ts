import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { z } from 'zod'

const Block = z.looseObject({ header: z.looseObject({ number: z.string() }) })
const State = z.looseObject({
  best_block_number: z.union([z.string(), z.number()]),
  blocks: z.array(Block),
  transactions: z.array(z.looseObject({ block_number: z.number() })),
})

/** More than anything of ours that is not yet final is old. */
const keptBlocks = 512

/**
 * Makes anvil's saved state ready for the next start: old blocks go, since it writes all of them each time; a file that
 * it was killed over while writing is set aside.
 */
export function prepareAnvilState(file: string, kept = keptBlocks): 'ready' | 'unreadable' {
  if (!existsSync(file)) return 'ready'
  const state = readState(file)
  if (state === undefined) {
    renameSync(file, `${file}.unreadable`)
    return 'unreadable'
  }
  const oldest = Number(state.best_block_number) - kept
  const blocks = state.blocks.filter(({ header }) => {
    const number = Number(header.number)
    return number === 0 || number > oldest
  })
  if (blocks.length === state.blocks.length) return 'ready'
  // The first block stays: the node begins to count from it.
  const transactions = state.transactions.filter(({ block_number: number }) => number > oldest)
  writeFileSync(`${file}.new`, JSON.stringify({ ...state, blocks, transactions }))
  renameSync(`${file}.new`, file)
  return 'ready'
}

/** Writes what `anvil_dumpState` answered, compressed and in hex, as anvil itself writes its file. */
export function keepAnvilState(file: string, dump: unknown): void {
  const hex = z
    .string()
    .regex(/^0x[0-9a-f]+$/)
    .parse(dump)
  writeFileSync(`${file}.new`, gunzipSync(Buffer.from(hex.slice(2), 'hex')))
  renameSync(`${file}.new`, file)
}

function readState(file: string): z.output<typeof State> | undefined {
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}
