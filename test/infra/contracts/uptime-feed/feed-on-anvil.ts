import { readFileSync } from 'node:fs'

import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createTestClient,
  createWalletClient,
  decodeEventLog,
  http,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

import { compileSolidity } from '../../../../infra/contracts/evm-engine/solidity.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { readCompiledUptimeFeed } from '../../../../infra/contracts/uptime-feed/compiled-uptime-feed.ts'
import { deployUptimeFeed } from '../../../../infra/contracts/uptime-feed/deploy.ts'
import { anvil } from '../../../adapters/chains/anvil.ts'
import { anvilSecret, otherAnvilSecret } from '../../../adapters/chains/keys.ts'

/** The block time at which every test begins, in unix seconds. */
export const genesis = 1_800_000_000

export const owner = privateKeyToAccount(anvilSecret)
export const updater = privateKeyToAccount(otherAnvilSecret)
export const description = 'starknet sequencer uptime'

type Event = { readonly name: string | undefined; readonly args: unknown }

/** A node of its own with a feed on it. Each transaction has a block, of the time that it is sent at. */
export async function startFeed() {
  const node = await anvil(['--timestamp', String(genesis)])
  const transport = http(node.url)
  const reader = createPublicClient({ transport, pollingInterval: 20 })
  const clock = createTestClient({ mode: 'anvil', transport })
  const { abi } = readCompiledUptimeFeed().feed
  const address = await deployUptimeFeed({
    rpcUrl: node.url,
    key: anvilSecret,
    description,
    updaters: [updater.address],
  })

  async function ask(name: string, args: readonly unknown[] = []): Promise<unknown> {
    return words(reader.readContract({ address, abi, functionName: name, args }))
  }

  return {
    node,
    address,
    reader,
    ask,

    /** Sends it at that many seconds after the beginning, and tells its events. */
    async send(
      at: number,
      name: string,
      args: readonly unknown[],
      account = updater,
    ): Promise<readonly Event[]> {
      await clock.setNextBlockTimestamp({ timestamp: BigInt(genesis + at) })
      const call = { address, abi, functionName: name, args, account } as const
      const wallet = createWalletClient({ account, transport })
      const hash = await wallet.writeContract({ ...call, gas: 1_000_000n, chain: null })
      const { status, logs } = await reader.waitForTransactionReceipt({ hash })
      if (status === 'reverted') {
        await words(reader.simulateContract(call))
        throw new Error(`${name} was reverted and would not be now`)
      }
      return logs.map((log) => {
        const { eventName, args: values } = decodeEventLog({ abi, ...log })
        return { name: eventName, args: values }
      })
    },

    /** A block with nothing in it. */
    async warp(at: number): Promise<void> {
      await clock.setNextBlockTimestamp({ timestamp: BigInt(genesis + at) })
      await clock.mine({ blocks: 1 })
    },

    /** As a reader has it, in seconds after the beginning. */
    async latest() {
      const data = (await ask('latestRoundData')) as readonly [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ]
      return inSeconds(data)
    },

    async round(id: bigint) {
      return inSeconds((await ask('getRoundData', [id])) as Parameters<typeof inSeconds>[0])
    },

    /** Somebody's contract that asks it. */
    async consumer(graceSeconds: number, mostSilenceSeconds: number) {
      const consumer = compiledConsumer()
      const sender = await l1Sender(node.url, anvilSecret)
      const where = await sender.deploy(consumer, [address, graceSeconds, mostSilenceSeconds])
      return async () =>
        words(
          reader.readContract({
            address: where,
            abi: consumer.abi,
            functionName: 'mayLiquidate',
            blockTag: 'latest',
          }),
        )
    },
  }
}

export type FeedOnAnvil = Awaited<ReturnType<typeof startFeed>>

function inSeconds([round, answer, startedAt, updatedAt, answeredIn]: readonly [
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
]) {
  if (answeredIn !== round) throw new Error(`round ${round} was answered in ${answeredIn}`)
  return {
    round: Number(round),
    answer: Number(answer),
    startedAt: Number(startedAt) - genesis,
    updatedAt: Number(updatedAt) - genesis,
  }
}

/** In the contract's own words where it refuses. */
async function words<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const found = error instanceof BaseError && error.walk(isRevert)
    const data = found instanceof ContractFunctionRevertedError ? found.data : undefined
    if (!data) throw error
    const args = (data.args ?? []).map(String).join(', ')
    throw new Error(`${data.errorName}(${args})`, { cause: error })
  }
}

function isRevert(error: unknown): boolean {
  return error instanceof ContractFunctionRevertedError
}

function compiledConsumer() {
  const name = 'GraceConsumer.sol'
  const source = readFileSync(new URL(name, import.meta.url), 'utf8')
  const { abi, bytecode } = compileSolidity({ [name]: source })(name, 'GraceConsumer')
  return { abi: abi as Abi, bytecode }
}
