import * as z from 'zod/mini'

import { cairoDeployer } from '../../../infra/contracts/cairo/deploy-cairo.ts'
import { deployIntegrity } from '../../../infra/contracts/integrity/deploy.ts'
import { type AppchainState, deployPiltover } from '../../../infra/contracts/piltover/deploy.ts'
import { type DevnetAccount, findDevnet, startDevnet } from '../../../infra/local/devnet.ts'
import { boxAccounts } from '../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import { Felt, feltHex } from '../../../lib/adapters/starknet-felt.ts'
import { view } from '../../../lib/adapters/starknet-read.ts'
import { contractReason } from '../../../lib/adapters/starknet-revert.ts'
import type { Clock } from '../../../lib/ports.ts'
import { starkKey, wallClock } from '../../adapters/chains/keys.ts'
import { ample } from '../../adapters/chains/starknet-world.ts'
import { aCore } from '../local/starknet-box/a-box.ts'

type Hex = `0x${string}`
type Role = 'owner' | 'operator' | 'stranger'
type Event = { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }

export type Outcome =
  | { readonly kind: 'reverted'; readonly reason: string }
  | { readonly kind: 'ok'; readonly events: readonly Event[] }

export type CairoNodeOptions = {
  /** Where the appchain begins. */
  readonly start?: AppchainState
  /** A box has no other; a real node's own moves by `advance` alone. */
  readonly clock?: Clock
}

/** Where an appchain of these tests begins, unless one says otherwise. */
export const appchainStart: AppchainState = { root: 0x700n, number: 40n, hash: 0x4000n }

/** A node with a registry, a mocked one and an appchain's contract on it, all of which `owner` owns and nobody has told anything. */
export type CairoNode = Awaited<ReturnType<typeof nodeAt>>

export const devnetAbsent =
  findDevnet() === undefined
    ? ' (skipped: starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin)'
    : ''

/** Rules in TypeScript. */
export async function hostedOnBox({
  start = appchainStart,
  clock = wallClock,
}: CairoNodeOptions = {}): Promise<CairoNode> {
  const [owner] = boxAccounts({})
  const deployed = { registry: '0x1e61', mocked: '0x1e62', appchain: '0x1e63' } as const
  const owned = { owner: owner?.address ?? '' }
  const { root, number, hash } = start
  const box = await startStarknetBox({
    clock,
    blocks: 'transaction',
    core: aCore(),
    contracts: [
      { kind: 'integrity', address: deployed.registry, ...owned },
      { kind: 'integrity', address: deployed.mocked, ...owned, mocked: true },
      {
        kind: 'piltover',
        address: deployed.appchain,
        ...owned,
        root: String(root),
        number: String(number),
        hash: String(hash),
      },
    ],
  })
  return await nodeAt(box, deployed, {
    clock,
    advance: async (seconds) => {
      // With another clock, that one is moved.
      if (clock === wallClock) box.advanceSeconds(seconds)
    },
    acceptOnL1: async () => box.acceptOnL1(),
  })
}

/** Compiled Cairo on a real node. */
export async function deployedOnDevnet({
  start = appchainStart,
  clock = wallClock,
}: CairoNodeOptions = {}): Promise<CairoNode> {
  const devnet = await startDevnet({ accounts: 3 })
  if ('reason' in devnet) throw new Error(devnet.reason)
  const [account] = devnet.accounts
  if (!account) throw new Error('starknet-devnet has no accounts')
  const deployer = cairoDeployer({ rpcUrl: devnet.url, account })
  const deployed = {
    registry: await deployIntegrity(deployer),
    mocked: await deployIntegrity(deployer, { mocked: true }),
    appchain: await deployPiltover(deployer, start),
  }
  const node = await nodeAt(devnet, deployed, {
    clock,
    advance: async (time) => tell('devnet_increaseTime', { time }),
    acceptOnL1: async () => tell('devnet_acceptOnL1', { starting_block_id: 'latest' }),
  })
  async function tell(method: string, params: object): Promise<void> {
    await node.chain.rpc.values([{ method, params, read: () => undefined }])
  }
  return node
}

async function nodeAt(
  node: {
    readonly url: string
    readonly accounts: readonly DevnetAccount[]
    stop(): Promise<void>
  },
  deployed: { readonly registry: Hex; readonly mocked: Hex; readonly appchain: Hex },
  {
    clock,
    ...controls
  }: {
    readonly clock: Clock
    readonly advance: (seconds: number) => Promise<void>
    readonly acceptOnL1: () => Promise<void>
  },
) {
  const [owner, operator, stranger] = node.accounts
  if (!owner || !operator || !stranger) throw new Error('three accounts are needed')
  const who = { owner: owner.address, operator: operator.address, stranger: stranger.address }
  const chain = starknetChain({
    name: 'node',
    rpcUrls: [node.url],
    chainId: '0x534e5f5345504f4c4941',
    blockSeconds: 1,
    finalityBlocks: 5,
    keys: Object.fromEntries(
      node.accounts.map(({ address, privateKey }) => [address, starkKey(privateKey)]),
    ),
    clock,
  })
  const ours = new Set(Object.values(deployed).map((address) => BigInt(address)))

  return {
    ...deployed,
    ...controls,
    url: node.url,
    accounts: { owner, operator, stranger },
    who,
    chain,
    stop: async () => node.stop(),

    /** What one call comes to; in a block afterwards, where it takes effect. */
    async send(
      by: Role,
      to: Hex,
      [entrypoint, ...calldata]: readonly [string, ...bigint[]],
    ): Promise<Outcome> {
      const call = {
        kind: 'starknet',
        to,
        entrypoint,
        calldata: calldata.map((word) => feltHex(word)),
      } as const
      const simulated = await chain.simulate(who[by], [call])
      if (simulated.kind === 'reverted') return simulated
      const { pending: nonce } = await chain.nonce(who[by])
      const fee = { ...ample, l2Gas: { ...ample.l2Gas, maxAmount: 500_000_000n } }
      const signed = await chain.sign(who[by], { calls: [call], nonce, fee })
      await chain.broadcast(signed.bytes)
      const [receipt] = await chain.rpc.values([receiptOf(signed.hash)])
      const events = receipt.events.filter(({ from_address }) => ours.has(from_address))
      return { kind: 'ok', events: events.map(({ keys, data }) => ({ keys, data })) }
    },

    /** What a view answers, or why it refuses. */
    async ask(
      contract: Hex,
      [entrypoint, ...calldata]: readonly [string, ...bigint[]],
    ): Promise<readonly bigint[] | string> {
      const [answer] = await chain.rpc.answers([
        view({ contract, entrypoint, calldata, at: 'latest' }),
      ])
      return answer.kind === 'result'
        ? answer.value
        : (contractReason(answer.error) ?? `error ${answer.error.code}`)
    },
  }
}

const Receipt = z.object({
  execution_status: z.literal('SUCCEEDED'),
  events: z.array(z.object({ from_address: Felt, keys: z.array(Felt), data: z.array(Felt) })),
})

function receiptOf(hash: string) {
  return {
    method: 'starknet_getTransactionReceipt',
    params: { transaction_hash: hash },
    read: (result: unknown) => Receipt.parse(result),
  }
}
