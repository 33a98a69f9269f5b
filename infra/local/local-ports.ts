import { existsSync, readFileSync, writeFileSync } from 'node:fs'

import { z } from 'zod'

import { freePort, isFree, ownBlock } from './free-port.ts'

const parts = [
  'evm',
  'starknet',
  'starknetAdmin',
  'secondStarknet',
  'secondStarknetAdmin',
  'starkex',
  'starkexAdmin',
  'store',
  'venues',
  'pagers',
  'atlantic',
  'atlanticAdmin',
  'sharp',
  'sharpAdmin',
  'appchainRuns',
  'actionsRuns',
  'starkexRuns',
] as const
type Part = (typeof parts)[number]

const Ports = z.partialRecord(z.enum(parts), z.int().min(1).max(65_535))

/** A port for each part of a local network. */
export type LocalPorts = Readonly<Record<Part, number>>

/** The ports of the last start where they are still free, others where not; what is chosen is remembered in `file`. */
export async function localPorts(file: string): Promise<LocalPorts> {
  const last = existsSync(file) ? remembered(readFileSync(file, 'utf8')) : {}
  const chosen: Partial<Record<Part, number>> = {}
  for (const part of parts) chosen[part] = await portLike(last[part], Object.values(chosen))
  writeFileSync(file, `${JSON.stringify(chosen)}\n`)
  return chosen as LocalPorts
}

/** A file that was cut off tells nothing: new ports are as good. */
function remembered(text: string): z.output<typeof Ports> {
  try {
    return Ports.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {}
    throw error
  }
}

async function portLike(wanted: number | undefined, taken: readonly number[]): Promise<number> {
  if (wanted !== undefined && !taken.includes(wanted) && (await isFree(wanted))) return wanted
  return await freePort(taken, ownBlock())
}
