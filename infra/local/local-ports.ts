import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

import { z } from 'zod'

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

/** Whether nobody listens on it on this machine. */
export async function isFree(port: number): Promise<boolean> {
  return (await opened(port)) !== undefined
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
  const found = wanted === undefined ? undefined : await opened(wanted)
  if (found !== undefined && !taken.includes(found)) return found
  for (;;) {
    const other = await opened(0)
    if (other !== undefined && !taken.includes(other)) return other
  }
}

/** Taken by us for a moment; undefined where somebody else has it. */
async function opened(wanted: number): Promise<number | undefined> {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined
    throw error
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : undefined
}
