import { createHash } from 'node:crypto'

import * as z from 'zod/mini'

import type { Fee } from '../../domain/fee.ts'
import type { BroadcastAnswer, Call, TransactionStatus } from '../../domain/transaction.ts'
import type { Chain } from '../../ports.ts'
import { UnfitTransactionError } from './errors.ts'
import { starkexGateway, type StarkexGatewayOptions } from './starkex-gateway.ts'
import { gatewayHead } from './starkex-head.ts'
import { starkexRefusals } from './starkex-refusals.ts'

export type StarkexChainOptions = Omit<StarkexGatewayOptions, 'chain'> & {
  readonly name: string
  /** How long its newest state counts as new. */
  readonly blockSeconds: number
}

/**
 * The gateway of a StarkEx exchange, as a chain: an account's nonces are transaction ids, of which it takes each once and in
 * order, for nothing. It keeps no hashes and tells of no transaction; whose an id is it says to whoever sends it the same
 * bytes again. So a transaction is final once it has its id, and the exchange's batches are another matter.
 */
export function starkexChain({ name, blockSeconds, ...options }: StarkexChainOptions): Chain {
  const { clock } = options
  const gateway = starkexGateway({ chain: name, ...options })
  const refusals = starkexRefusals(clock)
  // What it took last, so that it need not be shown that again.
  let taken: string | undefined

  async function broadcast(bytes: string): Promise<BroadcastAnswer> {
    const { id, transaction } = readBytes(name, bytes)
    const said = await gateway.add(bytes)
    if (said.kind === 'received') {
      taken = hashOf(bytes)
      refusals.forget(transaction)
      return { kind: 'accepted' }
    }
    const { code, reason } = said
    if (code !== wrongId) {
      refusals.learn(transaction, reason)
      return { kind: 'refused', why: 'invalid', reason }
    }
    const isUsed = id < (await gateway.firstUnused())
    return { kind: 'refused', why: isUsed ? 'nonce-too-low' : 'nonce-too-high', reason }
  }

  async function isTaken(hash: string, bytes: string): Promise<boolean> {
    if (hash === taken) return true
    // Its id is used, so this has no effect, whoever has it.
    const said = await gateway.add(bytes)
    if (said.kind === 'received') taken = hash
    return said.kind === 'received'
  }

  return {
    name,
    kind: 'starkex',
    blockSeconds,
    finalityBlocks: 0,

    async check() {
      await gateway.firstUnused()
      return []
    },

    nodes: () => [gateway.node()],
    head: async () => gatewayHead(await gateway.firstUnused(), clock.now()),

    async block(number) {
      return number <= (await gateway.firstUnused()) ? gatewayHead(number, clock.now()) : undefined
    },

    async nonce() {
      const latest = await gateway.firstUnused()
      return { latest, pending: latest }
    },

    simulate: async (_account, calls) => {
      const reason = refusals.reasonAgainst(onlyTransaction(name, calls))
      return Promise.resolve(
        reason === undefined ? { kind: 'ok', fee: noFee } : { kind: 'reverted', reason },
      )
    },

    sign: async (_account, { calls, nonce, fee }) => {
      const bytes = `{"tx_id":${nonce},"tx":${onlyTransaction(name, calls)}}`
      return Promise.resolve({ hash: hashOf(bytes), bytes, fee: checkedFee(name, fee) })
    },

    broadcast,

    async status(hash, bytes): Promise<TransactionStatus> {
      if (bytes === undefined) return { kind: 'unknown' }
      const number = readBytes(name, bytes).id + 1
      if (number > (await gateway.firstUnused())) return { kind: 'unknown' }
      if (!(await isTaken(hash, bytes))) return { kind: 'unknown' }
      return {
        kind: 'included',
        block: gatewayHead(number, clock.now()),
        outcome: 'succeeded',
        reason: undefined,
        feePaid: 0n,
        final: true,
      }
    },

    bump: (fee) => checkedFee(name, fee),
    mostOf: () => 0n,
    balance: async () => Promise.resolve(0n),
  }
}

const noFee = { kind: 'starkex' } as const

/** An id that is used with other content, or too far ahead. */
const wrongId = 'INVALID_TRANSACTION_ID'

const Body = z.object({ tx_id: z.int(), tx: z.looseObject({}) })

function readBytes(
  chain: string,
  bytes: string,
): { readonly id: number; readonly transaction: string } {
  try {
    const { tx_id: id, tx } = Body.parse(JSON.parse(bytes))
    return { id, transaction: JSON.stringify(tx) }
  } catch {
    throw new UnfitTransactionError(chain, 'the bytes are not a transaction with an id')
  }
}

function hashOf(bytes: string): `0x${string}` {
  return `0x${createHash('sha256').update(bytes).digest('hex')}`
}

/** One id is one transaction. */
function onlyTransaction(chain: string, calls: readonly Call[]): string {
  const [call, ...more] = calls
  if (call?.kind === 'starkex' && more.length === 0) return call.transaction
  throw new UnfitTransactionError(chain, 'a gateway takes one StarkEx transaction at a time')
}

function checkedFee(chain: string, fee: Fee): Fee {
  if (fee.kind === 'starkex') return fee
  throw new UnfitTransactionError(chain, `the fee is a ${fee.kind} one`)
}
