import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import { askNode } from '../watched/ask-node.ts'

/** A real EVM node of its own for one test file, on a free port. */
export async function anvil(args: readonly string[] = []): Promise<{
  readonly url: string
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown>
  /** Sends it, and answers its receipt. */
  mined(transaction: object): Promise<unknown>
  /** As a machine that hangs: it takes connections and answers none, until `resume`. */
  pause(): Promise<void>
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

  const rpc = askNode(url)

  async function answers(): Promise<boolean> {
    const asked = rpc('eth_chainId').then(
      () => true,
      () => false,
    )
    return await Promise.race([asked, sleep(100, false)])
  }

  return {
    url,
    rpc,
    // `eth_sendTransactionSync` begins to listen after it has sent: it waits 30 s in vain where the block was quicker,
    // one time in thousands.
    async mined(transaction) {
      const hash = await rpc('eth_sendTransaction', transaction)
      for (;;) {
        const receipt = await rpc('eth_getTransactionReceipt', hash)
        if (receipt !== null) return receipt
        await sleep(1)
      }
    },
    async pause() {
      child.kill('SIGSTOP')
      // Its threads stop one by one, and one that runs may answer yet.
      while (await answers()) await sleep(10)
    },
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
