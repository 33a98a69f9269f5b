import { readFileSync } from 'node:fs'

import type { Abi } from 'viem'

import { compileSolidity } from '../../../infra/contracts/evm-engine/solidity.ts'
import { l1Sender } from '../../../infra/contracts/l1/sender.ts'
import { startAnvil } from '../../../infra/local/anvil.ts'
import { localRpc } from '../../../infra/local/local-rpc.ts'
import { anvilSecret } from '../chains/keys.ts'

type Hex = `0x${string}`

export const dayMs = 86_400_000

type CompiledFile = {
  readonly has: (name: string) => boolean
  readonly contract: ReturnType<typeof compileSolidity>
  readonly path: string
}

/** Each file is compiled once for all tests of one process. */
const compiledOnce = new Map<string, CompiledFile>()

function compiledOf(file: string): CompiledFile {
  const known = compiledOnce.get(file)
  if (known) return known
  const path = `${file}.sol`
  const source = readFileSync(new URL(`contracts/${path}`, import.meta.url), 'utf8')
  const contract = compileSolidity({ [path]: source })
  const found = { has: (name: string) => source.includes(`contract ${name} `), contract, path }
  compiledOnce.set(file, found)
  return found
}

/** An Ethereum whose first block is so long ago, with contracts of those files on it. */
export async function anL1(files: readonly string[], agoMs: number) {
  const compiled = [...files, 'Proxies'].map((file) => compiledOf(file))
  const start = Math.floor((Date.now() - agoMs) / 1000)
  const anvil = await startAnvil({
    // Every second block is final.
    extraArgs: ['--slots-in-an-epoch', '1', '--timestamp', String(start)],
  })
  const rpc = localRpc(anvil.url)
  const sender = await l1Sender(anvil.url, anvilSecret)

  function contractOf(name: string): { readonly abi: Abi; readonly bytecode: Hex } {
    const file = compiled.find(({ has }) => has(name))
    if (file) {
      const { abi, bytecode } = file.contract(file.path, name)
      return { abi: abi as Abi, bytecode }
    }
    throw new Error(`no contract ${name}`)
  }

  async function blockAt(which: string) {
    const block = (await rpc('eth_getBlockByNumber', which, false)) as {
      readonly number: string
      readonly timestamp: string
    }
    return { number: Number(block.number), time: Number(block.timestamp) * 1000 }
  }

  return {
    url: anvil.url,
    me: sender.address.toLowerCase() as Hex,
    deploy: async (name: string, ...args: readonly unknown[]) =>
      (await sender.deploy(contractOf(name), args)).toLowerCase() as Hex,
    call: async (
      to: Hex,
      [contract, name]: readonly [string, string],
      ...args: readonly unknown[]
    ) => sender.call({ to, abi: contractOf(contract).abi, name, args }),
    /** The next block is so much later than the last one; what is asked next is in it. */
    later: async (seconds: number) => void (await rpc('evm_increaseTime', seconds)),
    /** So many empty blocks, each so many seconds after the one before. */
    mine: async (blocks: number, seconds = 12) =>
      void (await rpc('anvil_mine', `0x${blocks.toString(16)}`, `0x${seconds.toString(16)}`)),
    newest: async () => blockAt('latest'),
    blockAt: async (number: number) => blockAt(`0x${number.toString(16)}`),
    rpc,
    stop: async () => anvil.stop(),
  }
}
