import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

import { readExact, writeExact } from './exact-json.ts'
import type { Entry, LedgerStart } from './ledger.ts'

/** What happened to an exchange, a line each after one with how it was before; it is there again after the next start. */
export type GatewayState = {
  readonly start: LedgerStart
  readonly entries: readonly Entry[]
  readonly record: (entry: Entry) => void
  readonly rewrite: (kept: Kept) => void
}

type Kept = { readonly start: LedgerStart; readonly entries: readonly Entry[] }

/** `fresh`: what an exchange begins with that has no file yet. */
export function openGatewayState(file: string | undefined, fresh: LedgerStart): GatewayState {
  if (file === undefined)
    return { start: fresh, entries: [], record: () => undefined, rewrite: () => undefined }
  const rewrite = ({ start, entries }: Kept): void =>
    writeFileSync(file, [`${writeExact(start)}\n`, ...entries.map(lineOf)].join(''))
  const stored = storedIn(file) ?? { start: fresh, entries: [] }
  rewrite(stored)
  return { ...stored, rewrite, record: (entry) => appendFileSync(file, lineOf(entry)) }
}

function storedIn(file: string): Kept | undefined {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  // The last one is empty, or was not finished: nobody was told that it was taken.
  lines.pop()
  const [first, ...rest] = lines
  if (first === undefined) return undefined
  return {
    start: readExact(first) as LedgerStart,
    entries: rest.map((line) => JSON.parse(line) as Entry),
  }
}

function lineOf(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`
}
