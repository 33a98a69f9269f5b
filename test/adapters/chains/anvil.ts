import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

/** A real EVM node of its own for one test file, on a free port. */
export async function anvil(args: readonly string[] = []): Promise<{
  readonly url: string
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown>
  /** As a machine that hangs: it takes connections and answers none, until `resume`. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}> {
  const binary = createRequire(import.meta.url).resolve(
    `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}/bin/anvil`,
  )
  const child = spawn(binary, ['--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('anvil ended before it listened')))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /Listening on (?<address>\S+)/.exec(line)?.groups?.['address']
      if (address) resolve(`http://${address}`)
    })
  })
  return {
    url,
    async rpc(method, ...params) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      })
      const { result, error } = (await answer.json()) as { result?: unknown; error?: unknown }
      if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
      return result
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
