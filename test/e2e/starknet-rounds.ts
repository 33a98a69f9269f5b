import * as z from 'zod'

import { localRpc } from '../../infra/local/local-rpc.ts'
import { selectorOf } from '../../lib/adapters/starknet-felt.ts'
import type { Intent } from '../../lib/domain/intent.ts'

/** A round's price of one market that a transaction told a Starknet exchange. */
export type ToldRound = { readonly hash: string; readonly round: string }

/**
 * Which rounds the exchange was told by transactions that succeeded, as `market@round`. The chain knows no rounds, but each report's
 * signature stands in the calldata; `intents` say which report of which round it signs.
 */
export async function starknetRounds(chain: {
  readonly rpc: string
  readonly account: string
  readonly intents: readonly Intent[]
}): Promise<readonly ToldRound[]> {
  const roundsOf = roundsBySignature(chain.intents)
  const ask = localRpc(chain.rpc)
  const head = z.int().parse(await ask('starknet_blockNumber'))
  const told: ToldRound[] = []
  for (let number = 1; number <= head; number += 1) {
    const block = await ask('starknet_getBlockWithReceipts', { block_number: number }, [])
    for (const { transaction, receipt } of Block.parse(block).transactions) {
      const { sender_address: sender = '0x0', calldata = [] } = transaction
      if (BigInt(sender) !== BigInt(chain.account)) continue
      if (receipt.execution_status !== 'SUCCEEDED') continue
      const hash = receipt.transaction_hash
      for (const signatures of priceTicks(calldata.map(BigInt)))
        told.push({ hash, round: commonRound(signatures.map((one) => roundsOf.get(one) ?? [])) })
    }
  }
  return told
}

const Hex = z.string().regex(/^0x[0-9a-f]+$/)
const Block = z.object({
  transactions: z.array(
    z.object({
      transaction: z.looseObject({
        sender_address: Hex.optional(),
        calldata: z.array(Hex).optional(),
      }),
      receipt: z.object({
        transaction_hash: Hex,
        execution_status: z.enum(['SUCCEEDED', 'REVERTED']),
      }),
    }),
  ),
})

/** Of each `price_tick` of a multicall (SNIP-6: count, then address, selector, length and words of each), its reports' `r`. */
function priceTicks(calldata: readonly bigint[]): readonly (readonly bigint[])[] {
  const ticks: (readonly bigint[])[] = []
  let at = 1
  while (at + 2 < calldata.length) {
    const [, selector, length = 0n] = calldata.slice(at, at + 3)
    const words = calldata.slice(at + 3, at + 3 + Number(length))
    if (selector === BigInt(selectorOf('price_tick'))) ticks.push(signaturesOf(words))
    at += 3 + Number(length)
  }
  return ticks
}

/** `operator_nonce, asset_id, oracle_price, count`, then of each signed price `2, r, s, key, timestamp, price`. */
function signaturesOf(words: readonly bigint[]): readonly bigint[] {
  const count = Number(words[3] ?? 0n)
  return Array.from({ length: count }, (_, index) => words[4 + index * 6 + 1] ?? 0n)
}

function roundsBySignature(intents: readonly Intent[]): ReadonlyMap<bigint, readonly string[]> {
  const rounds = new Map<bigint, readonly string[]>()
  for (const { action } of intents) {
    if (action.kind !== 'push-prices') continue
    for (const { market, reports } of action.updates)
      for (const { signatures } of reports) {
        const r = signatures[action.engine]?.signature[0]
        if (r === undefined) continue
        const round = `${market}@${action.round}`
        rounds.set(BigInt(r), [...new Set([...(rounds.get(BigInt(r)) ?? []), round])])
      }
  }
  return rounds
}

/** The one that all reports are of: two rounds within a second may share a report, but never all of them. */
function commonRound(candidates: readonly (readonly string[])[]): string {
  const [first = [], ...others] = candidates
  const common = first.filter((round) => others.every((all) => all.includes(round)))
  return common.length === 1 ? (common[0] ?? '') : `unknown (${common.join(' or ') || 'no report'})`
}
