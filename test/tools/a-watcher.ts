import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { aSettledStarknet } from '../adapters/watched/a-settled-starknet.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

const urls = (nodes: readonly { readonly url: string }[]) =>
  nodes.map(({ url }) => `'${url}'`).join(', ')

/** A Starknet with what settles it, and a folder with network files of somebody who watches it. */
export async function aWatcher() {
  const world = await aSettledStarknet()
  const folder = mkdtempSync(join(tmpdir(), 'starkeep-watcher-'))
  return {
    world,
    folder,
    /** A watcher's network file; `more` is said of the system besides, `store` is where rows are. */
    file(
      name: string,
      {
        more = '',
        store = '{ kind: memory }',
        everySeconds = 2,
        systems = true,
        liveness = true,
      } = {},
    ): string {
      const path = join(folder, name)
      const watched = `watched:
  starknet:
    kind: starknet
    rpc: [${urls(world.l2)}]
    l1Rpc: [${urls(world.l1)}]
    core: '${world.core.core}'
${more}
`
      writeFileSync(
        path,
        `network: watcher
store: ${store}
chains: {}
engines: {}
markets: {}
${systems ? watched : ''}
jobs:
  watch-systems: { everySeconds: ${everySeconds} }
${liveness ? '  watch-liveness: { everySeconds: 2 }' : ''}
alerts:
  channels: { screen: { kind: terminal } }
  routes: { warning: [screen], critical: [screen] }
`,
      )
      return path
    },
    async starkeep(...args: readonly string[]): Promise<Ended> {
      try {
        return { code: 0, ...(await run(process.execPath, [cli, ...args], { cwd: folder })) }
      } catch (error) {
        const { code, stdout, stderr } = error as Ended
        return { code, stdout, stderr }
      }
    },
    /** One that goes on until it is stopped, and what it has written so far. */
    begin(...args: readonly string[]) {
      const child = spawn(process.execPath, [cli, ...args], { cwd: folder })
      let written = ''
      child.stdout.on('data', (part: Buffer) => (written += part.toString()))
      return {
        written: () => written,
        /** Its exit code after a Ctrl-C. */
        stop: async (): Promise<number | null> => {
          const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
          child.kill('SIGINT')
          return await ended
        },
      }
    },
    async stop(): Promise<void> {
      await world.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
