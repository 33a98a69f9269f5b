import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import { type Timestamp, timestamp, unixSeconds } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { FeedSight } from '../../domain/watch/uptime-report.ts'
import type { UptimeFeed } from '../../ports.ts'
import { blockAt, viewIn } from '../evm-block.ts'
import type { Rpc, RpcRequest } from '../rpc.ts'
import { feedAbi as abi } from './feed-abi.ts'

export type EvmUptimeFeedOptions = {
  readonly name: string
  readonly chain: string
  readonly rpc: Rpc
  readonly address: `0x${string}`
  /** Who tells it; undefined where nobody here does. */
  readonly account: `0x${string}` | undefined
  /** The chain that it is about. */
  readonly of: string
  /** What it says of itself, to the letter; undefined where it need only name that chain. */
  readonly description: string | undefined
}

/** Our own sequencer uptime feed on an EVM chain (infra/contracts/uptime-feed). */
export function evmUptimeFeed(options: EvmUptimeFeedOptions): UptimeFeed {
  const { name, chain, rpc, address } = options
  return {
    name,
    chain,

    check: async () => checkFeed(options),

    async look() {
      const [block] = await rpc.values([blockAt('latest')])
      const ask = viewsOf(address, block)
      const [round, lastReportAt] = await rpc.values([ask.latestRound, ask.lastReportAt])
      const told = round === 0n ? undefined : (await rpc.values([ask.round(round)]))[0]
      return { block, told, lastReportAt }
    },

    call: ({ isDown, at }) => ({
      kind: 'evm',
      to: address,
      data: encodeFunctionData({
        abi,
        functionName: 'updateStatus',
        args: [isDown, BigInt(unixSeconds(at))],
      }),
    }),
  }
}

function viewsOf(to: `0x${string}`, block: Block) {
  return {
    latestRound: viewIn(
      { to, block },
      encodeFunctionData({ abi, functionName: 'latestRound' }),
      (data) => decodeFunctionResult({ abi, functionName: 'latestRound', data }),
    ),
    lastReportAt: viewIn(
      { to, block },
      encodeFunctionData({ abi, functionName: 'lastReportAt' }),
      (data) => time(decodeFunctionResult({ abi, functionName: 'lastReportAt', data })),
    ),
    round: (id: bigint): RpcRequest<NonNullable<FeedSight['told']>> =>
      viewIn(
        { to, block },
        encodeFunctionData({ abi, functionName: 'getRoundData', args: [id] }),
        (data) => {
          const words = decodeFunctionResult({ abi, functionName: 'getRoundData', data })
          const [, answer, startedAt, updatedAt] = words
          return { isDown: answer === 1n, startedAt: time(startedAt), updatedAt: time(updatedAt) }
        },
      ),
  }
}

function time(seconds: bigint): Timestamp {
  return timestamp(Number(seconds) * 1000)
}

/** What `decode` makes of an answer; undefined where the contract gave none, or another one. */
function asked<T>(
  { to, block }: { readonly to: `0x${string}`; readonly block: Block },
  data: `0x${string}`,
  decode: (data: `0x${string}`) => T,
): RpcRequest<T | undefined> {
  return viewIn({ to, block }, data, (answer) => {
    try {
      return decode(answer)
    } catch {
      return undefined
    }
  })
}

/** One sentence for each thing that is not as it must be. */
async function checkFeed(options: EvmUptimeFeedOptions): Promise<readonly string[]> {
  const { rpc, address: to, account } = options
  const [block] = await rpc.values([blockAt('latest')])
  const at = { to, block }
  const [decimals, description, isUpdater, round] = await rpc.answers([
    asked(at, encodeFunctionData({ abi, functionName: 'decimals' }), (data) =>
      decodeFunctionResult({ abi, functionName: 'decimals', data }),
    ),
    asked(at, encodeFunctionData({ abi, functionName: 'description' }), (data) =>
      decodeFunctionResult({ abi, functionName: 'description', data }),
    ),
    asked(
      at,
      encodeFunctionData({ abi, functionName: 'isUpdater', args: [account ?? to] }),
      (data) => decodeFunctionResult({ abi, functionName: 'isUpdater', data }),
    ),
    asked(at, encodeFunctionData({ abi, functionName: 'lastReportAt' }), (data) =>
      decodeFunctionResult({ abi, functionName: 'lastReportAt', data }),
    ),
  ])
  const answers = [decimals, description, isUpdater, round]
  if (answers.some((answer) => answer.kind === 'error' || answer.value === undefined))
    return [`there is no uptime feed at ${to}`]
  return [
    ...(valueOf(decimals) === 0 ? [] : [`${to} has ${valueOf(decimals)} decimals, not 0`]),
    ...describedOtherwise(options, valueOf(description) ?? ''),
    ...(account === undefined || valueOf(isUpdater) === true
      ? []
      : [`${account} is no updater of ${to}; its owner makes it one with setUpdater`]),
  ]
}

function valueOf<T>(
  answer: { readonly kind: 'result'; readonly value: T } | { readonly kind: 'error' },
): T | undefined {
  return answer.kind === 'result' ? answer.value : undefined
}

function describedOtherwise(
  { address, of, description }: EvmUptimeFeedOptions,
  says: string,
): readonly string[] {
  if (description !== undefined)
    return says === description
      ? []
      : [`${address} describes itself as "${says}", the network file says "${description}"`]
  return says.toLowerCase().includes(of.toLowerCase())
    ? []
    : [
        `${address} describes itself as "${says}", which does not name ${of}; say what is right in \`description\``,
      ]
}
