import { setTimeout as sleep } from 'node:timers/promises'

import {
  type Abi,
  createPublicClient,
  createWalletClient,
  http,
  TransactionReceiptNotFoundError,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

import type { L1Contract } from './compiled-l1.ts'

/** One account that sends one transaction after the other. */
export type L1Sender = {
  readonly address: `0x${string}`
  readonly deploy: (contract: L1Contract, args: readonly unknown[]) => Promise<`0x${string}`>
  readonly call: (call: {
    readonly to: `0x${string}`
    readonly abi: Abi
    readonly name: string
    readonly args: readonly unknown[]
  }) => Promise<void>
}

/** A local node answers within milliseconds. */
const askEveryMs = 50

/** With nonces of its own: a node may show a block later than its hash. After `signal` nothing is waited for. */
export async function l1Sender(
  rpcUrl: string,
  key: `0x${string}`,
  signal?: AbortSignal,
): Promise<L1Sender> {
  const account = privateKeyToAccount(key)
  const transport = http(rpcUrl, signal && { fetchOptions: { signal } })
  const wallet = createWalletClient({ account, transport })
  const reader = createPublicClient({ transport })
  const { address } = account
  let nonce = await reader.getTransactionCount({ address, blockTag: 'pending' })

  /** By hand: viem's own wait cannot be ended, and keeps a process for minutes where a chain stands still. */
  async function receiptOf(hash: `0x${string}`) {
    for (;;) {
      signal?.throwIfAborted()
      try {
        return await reader.getTransactionReceipt({ hash })
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw error
      }
      await sleep(askEveryMs, undefined, { signal })
    }
  }

  async function included(what: string, send: (nonce: number) => Promise<`0x${string}`>) {
    const hash = await send(nonce).catch((error: unknown) => {
      throw new L1DeploymentError(what, error)
    })
    nonce += 1
    const receipt = await receiptOf(hash)
    if (receipt.status === 'reverted') throw new L1DeploymentError(what)
    return receipt
  }

  return {
    address,
    async deploy({ abi, bytecode }, args) {
      const { contractAddress } = await included('a deployment', async (next) =>
        wallet.deployContract({ abi, bytecode, args, nonce: next, chain: null }),
      )
      if (!contractAddress) throw new L1DeploymentError('a deployment')
      return contractAddress
    },
    async call({ to, abi, name, args }) {
      await included(name, async (next) =>
        wallet.writeContract({
          address: to,
          abi,
          functionName: name,
          args,
          nonce: next,
          chain: null,
        }),
      )
    },
  }
}

/** A stand-in of L1 could not be set up. */
export class L1DeploymentError extends Error {
  override readonly name = 'L1DeploymentError'

  constructor(what: string, cause?: unknown) {
    super(`${what} was refused`, { cause })
  }
}
