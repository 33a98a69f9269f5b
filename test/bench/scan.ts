import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { decodeFunctionResult, encodeFunctionData } from 'viem'

import { readCompiledEvmEngine } from '../../infra/contracts/evm-engine/compiled-evm-engine.ts'
import { evmMargin } from '../../lib/domain/margin/evm-margin.ts'
import { accountAt } from './many-accounts.ts'
import { plantedEngine } from './planted-engine.ts'

/** Of one size, in a process of its own. Times are of its one thread's processor unless a field says otherwise. */
export type ScanMeasured = {
  readonly accounts: number
  /** Everybody compared with new marks, by either scan of the same rows. */
  readonly wasmMs: number
  readonly plainMs: number
  /** A tick in which prices move by up to three basis points, and how many accounts it looks at. */
  readonly calmMs: number
  readonly calmLooked: number
  /** Quantiles of the wall, other processes included. */
  readonly calmWallMs: { readonly p50: number; readonly p99: number }
  /** After how many ticks it is calm at first. */
  readonly settled: number
  /** All prices fall by five percent: how long until all who may be below the margin are named, on the wall, and how many they are. */
  readonly crashMs: number
  readonly crashed: number
  readonly buildMs: number
  /** What the book adds to the process, and what of it the rows take. */
  readonly mib: number
  readonly rowsMib: number
  /** The exact rule and the same in decimals, about each account; measured on so many and scaled. */
  readonly exactMs: number
  readonly exactOf: number
  readonly decimalMs: number
  readonly decimalOf: number
}

export type ScanResult = ScanMeasured & {
  /** Of the contract's own view over RPC for each account, on the wall: one call at a time, and a hundred in a request; measured on `callsOf` and scaled. */
  readonly callMs: number
  readonly batchedCallMs: number
  readonly callsOf: number
}

const seed = 7

/** How long it takes to find, among so many accounts, those below their margin; and what else one could do instead. */
export async function benchScan(
  sizes: readonly number[],
  { rounds, calls }: { readonly rounds: number; readonly calls: number },
): Promise<readonly ScanResult[]> {
  const asked = await askEach(calls)
  const results: ScanResult[] = []
  for (const accounts of sizes) {
    const measured = await sample(accounts, rounds)
    results.push({
      ...measured,
      callMs: asked.oneMs * accounts,
      batchedCallMs: asked.batchedMs * accounts,
      callsOf: calls,
    })
  }
  return results
}

async function sample(accounts: number, rounds: number): Promise<ScanMeasured> {
  const runner = fileURLToPath(new URL('scan-process.ts', import.meta.url))
  // Ten million accounts' names alone are more than Node takes by itself.
  const args = ['--expose-gc', '--max-old-space-size=16384', runner, accounts, rounds, seed]
  const { stdout } = await promisify(execFile)(process.execPath, args.map(String))
  return JSON.parse(stdout) as ScanMeasured
}

/** What `marginOf` of one account takes, which must be what our rule says. */
async function askEach(
  calls: number,
): Promise<{ readonly oneMs: number; readonly batchedMs: number }> {
  const world = await plantedEngine()
  const { contract, engine, chain } = world
  try {
    await world.push([])
    const accounts = Array.from({ length: calls }, (_, at) => accountAt(at, seed))
    await world.plant(accounts)
    const { abi } = readCompiledEvmEngine().engine
    const requests = accounts.map(({ id }) =>
      askMargin(
        contract.address,
        encodeFunctionData({ abi, functionName: 'marginOf', args: [id] }),
      ),
    )
    const look = await engine.liquidation?.look()
    const [, batchedMs] = await timed(async () => {
      const answers: `0x${string}`[] = []
      for (let from = 0; from < calls; from += 100)
        answers.push(...(await chain.rpc.values(requests.slice(from, from + 100))))
      for (const [at, data] of answers.entries()) {
        const told = decodeFunctionResult({ abi, functionName: 'marginOf', data })
        const margin =
          look?.kind === 'evm-engine' && evmMargin(accounts[at] ?? accountAt(at, seed), look.book)
        const { value } = told as { readonly value: bigint }
        if (!margin || margin.kind !== 'margin' || margin.value !== value)
          throw new RangeError('the contract says otherwise')
      }
    })
    const [, oneMs] = await timed(async () => {
      for (const request of requests) await chain.rpc.values([request])
    })
    return { oneMs: oneMs / calls, batchedMs: batchedMs / calls }
  } finally {
    await contract.node.stop()
  }
}

function askMargin(to: `0x${string}`, data: `0x${string}`) {
  return {
    method: 'eth_call',
    params: [{ to, data }, 'latest'],
    read: (result: unknown) => result as `0x${string}`,
  }
}

async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const begun = performance.now()
  const result = await run()
  return [result, performance.now() - begun]
}
