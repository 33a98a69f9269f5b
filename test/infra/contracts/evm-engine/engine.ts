import { type Abi, decodeEventLog, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'

import { readCompiledEvmEngine } from '../../../../infra/contracts/evm-engine/compiled-evm-engine.ts'
import { deployEvmEngine } from '../../../../infra/contracts/evm-engine/deploy.ts'
import {
  type EvmEngineConfig,
  type EvmEngineRules,
  type EvmMarketRules,
  usualEngineRules,
  usualMarketRules,
} from '../../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { decodeEngineRevert } from '../../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { anvil } from '../../../adapters/chains/anvil.ts'
import { anvilSecret } from '../../../adapters/chains/keys.ts'
import { guardian, operator, signers } from './actors.ts'

/** The block time at which every test file begins; an hour's beginning. */
export const genesis = 1_800_000_000n
export const governor = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

export type Event = { readonly name: string; readonly args: Readonly<Record<string, unknown>> }

/** A node of its own with the engine on it, by default on a TestDollar. Time stands still unless it is moved. */
export async function startEngine(
  config: Partial<EvmEngineConfig> = {},
  tokenCode?: Hex,
  nodeOptions: readonly string[] = [],
) {
  const { engine, dollar } = readCompiledEvmEngine()
  const node = await anvil([
    '--auto-impersonate',
    '--gas-price',
    '0',
    '--base-fee',
    '0',
    '--timestamp',
    String(genesis),
    ...nodeOptions,
  ])
  await node.rpc('anvil_setBlockTimestampInterval', 0)
  const { address, collateral } = await deployOn(node, config, tokenCode).catch(
    async (error: unknown) => {
      await node.stop()
      throw error
    },
  )

  async function sendTo(to: Hex, abi: Abi, call: Call): Promise<readonly Event[]> {
    const { from, name, args } = call
    const data = encodeFunctionData({ abi, functionName: name, args })
    const receipt = (await node.mined({
      from,
      to,
      data,
      gas: '0x1000000',
      gasPrice: '0x0',
    })) as Receipt
    if (receipt.status !== '0x1') throw new Error(`${name} was refused: ${await refusal(call, to)}`)
    lastGas = Number(receipt.gasUsed)
    return receipt.logs.flatMap((log) => {
      if (log.address.toLowerCase() !== address.toLowerCase()) return []
      const { eventName, args: values } = decodeEventLog({ abi: engine.abi, ...log })
      return [{ name: eventName ?? '', args: values as unknown as Record<string, unknown> }]
    })
  }

  /** What it refuses with, in words. */
  async function refusal({ from, name, args }: Call, to: Hex = address): Promise<string> {
    const data = encodeFunctionData({ abi: engine.abi, functionName: name, args })
    const [answer] = await batch([{ from, to, data, gas: '0x1000000' }])
    if (answer?.error === undefined) return 'nothing'
    const said = answer.error.data ?? '0x'
    return decodeEngineRevert(said) ?? `${answer.error.message} ${said}`
  }

  async function batch(calls: readonly object[]): Promise<readonly Answer[]> {
    const body = calls.map((call, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'eth_call',
      params: [call, 'latest'],
    }))
    const answer = await fetch(node.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answers = (await answer.json()) as readonly Answer[]
    return answers.toSorted((a, b) => a.id - b.id)
  }

  /** Many views of one block at once; `ask` where one of them may refuse. */
  async function views(
    questions: readonly (readonly [string, readonly unknown[]])[],
  ): Promise<readonly unknown[]> {
    const answers = await batch(
      questions.map(([name, args]) => ({
        to: address,
        data: encodeFunctionData({ abi: engine.abi, functionName: name, args }),
      })),
    )
    return answers.map(({ result, error }, at) => {
      const name = questions[at]?.[0] ?? ''
      if (result === undefined)
        throw new Error(`${name}: ${decodeEngineRevert(error?.data ?? '0x') ?? error?.message}`)
      return decodeFunctionResult({ abi: engine.abi, functionName: name, data: result })
    })
  }

  let now = genesis
  let lastGas = 0
  return {
    node,
    address,
    collateral,
    domain: { chainId: 31_337, verifyingContract: address },
    now: () => now,
    gasOfLast: () => lastGas,
    views,

    async warp(seconds: number | bigint): Promise<void> {
      now += BigInt(seconds)
      await node.rpc('evm_setNextBlockTimestamp', Number(now))
      await node.rpc('evm_mine')
    },

    act: async (from: Hex, name: string, ...args: readonly unknown[]) =>
      sendTo(address, engine.abi, { from, name, args }),

    refusal: async (from: Hex, name: string, ...args: readonly unknown[]) =>
      refusal({ from, name, args }),

    async ask(name: string, ...args: readonly unknown[]): Promise<unknown> {
      const [answer] = await views([[name, args]])
      return answer
    },

    async token(from: Hex, name: string, ...args: readonly unknown[]): Promise<void> {
      await sendTo(collateral, dollar.abi, { from, name, args })
    },

    async balanceOf(owner: Hex): Promise<bigint> {
      const data = encodeFunctionData({ abi: dollar.abi, functionName: 'balanceOf', args: [owner] })
      return BigInt((await batch([{ to: collateral, data }]))[0]?.result ?? '0x')
    },

    async save(): Promise<() => Promise<void>> {
      const [id, then] = [await node.rpc('evm_snapshot'), now]
      return async () => {
        await node.rpc('evm_revert', id)
        now = then
      }
    },
  }
}

async function deployOn(node: Node, config: Partial<EvmEngineConfig>, tokenCode: Hex | undefined) {
  const own = tokenCode === undefined ? {} : { collateral: await deployed(node, tokenCode) }
  return deployEvmEngine({
    rpcUrl: node.url,
    key: anvilSecret,
    config: {
      guardian: guardian.address,
      operators: [operator.address],
      signers: signers.map((signer) => signer.address),
      markets: { 'BTC-USD': usualMarketRules, 'ETH-USD': usualMarketRules },
      rules: usualEngineRules,
      epochSeconds: 3_600,
      ...own,
      ...config,
    },
  })
}

type Node = Awaited<ReturnType<typeof anvil>>

async function deployed(node: Node, data: Hex): Promise<Hex> {
  const sent = { from: governor, data, gas: '0x1000000', gasPrice: '0x0' }
  const receipt = (await node.mined(sent)) as { contractAddress: Hex }
  return receipt.contractAddress
}

export type Engine = Awaited<ReturnType<typeof startEngine>>

type Call = { readonly from: Hex; readonly name: string; readonly args: readonly unknown[] }
type Receipt = {
  readonly status: string
  readonly gasUsed: Hex
  readonly logs: readonly { readonly address: Hex; readonly data: Hex; readonly topics: [Hex] }[]
}
type Answer = {
  readonly id: number
  readonly result?: Hex
  readonly error?: { readonly message: string; readonly data?: Hex }
}

/** A market for tests: one report makes a price, and unusual rules can be named. */
export function aMarket(rules: Partial<EvmMarketRules> = {}): EvmMarketRules {
  return { ...usualMarketRules, quorum: 1, ...rules }
}

export function someRules(rules: Partial<EvmEngineRules> = {}): EvmEngineRules {
  return { ...usualEngineRules, tradeFeeBps: 0, ...rules }
}
