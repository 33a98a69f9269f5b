import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { gunzipSync, gzipSync } from 'node:zlib'

import type { Measures } from '../../domain/backtest/backtest-result.ts'
import type { BacktestOutcome, BacktestState } from '../../domain/backtest/backtest.ts'

/** How far a backtest has come: what is done, and where the run is that is not. */
export type Checkpoint = {
  /** Stands for all arguments and files: only the same go on. */
  readonly key: string
  /** Undefined while the run itself goes on. */
  readonly outcome: BacktestOutcome | undefined
  /** Of the sweeps, in their order. */
  readonly points: readonly Measures[]
  /** Of the run, or of the point that goes on. */
  readonly state: BacktestState | undefined
}

/** The only file of a run that is not there any more when it is done. */
const name = 'checkpoint'

/** What was come to by the same arguments; undefined where there is nothing of that kind. */
export function readCheckpoint(folder: string, key: string): Checkpoint | 'other' | undefined {
  const file = join(folder, name)
  if (!existsSync(file)) return undefined
  try {
    const read = deserialize(gunzipSync(readFileSync(file))) as Checkpoint
    return read.key === key ? read : 'other'
  } catch {
    // Half a file, or one of another version of Node: the run begins anew.
    return 'other'
  }
}

/** Whole or not at all: a process that is killed while it writes leaves what was there. */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, name)
  writeFileSync(`${file}.next`, gzipSync(serialize(checkpoint), { level: 1 }))
  renameSync(`${file}.next`, file)
}

export function dropCheckpoint(folder: string): void {
  rmSync(join(folder, name), { force: true })
  rmSync(join(folder, `${name}.next`), { force: true })
}
