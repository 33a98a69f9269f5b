import type { Intent } from '../../../lib/domain/intent.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import type { SettlementOutput } from '../../../lib/domain/proving/settlement-output.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Call } from '../../../lib/domain/transaction.ts'

/** What the program puts out of a batch, as this contract wants it. */
export function outputOf({
  previous,
  last,
  previousRoot,
  newRoot,
}: BatchContent): SettlementOutput {
  const refs = [previous, last].flatMap(({ number, hash }) => [BigInt(number), BigInt(hash)])
  return { programOutput: [...refs, BigInt(previousRoot), BigInt(newRoot)] }
}

export function callOf({ programOutput }: SettlementOutput): Call {
  return { kind: 'evm', to: '0xc0', data: `0x${programOutput.map(word).join('')}` }
}

export function contentIn({ action }: Pick<Intent, 'action'>): BatchContent {
  const call = action.kind === 'settle-batch' ? action.updates[0]?.call : undefined
  if (call?.kind !== 'evm') throw new TypeError('it settles no batch')
  return contentOfCall(call)
}

export function contentOfCall({ data }: { readonly data: `0x${string}` }): BatchContent {
  const words = data.slice(2).match(/.{64}/g) ?? []
  const hex = (at: number): `0x${string}` => `0x${BigInt(`0x${words[at]}`).toString(16)}`
  const [from, to] = [Number(hex(0)), Number(hex(2))]
  return {
    name: `blocks ${from + 1}-${to}`,
    previous: { number: from, hash: hex(1) },
    last: { number: to, hash: hex(3) },
    previousRoot: hex(4),
    newRoot: hex(5),
    size: 1,
    closedAt: timestamp(0),
    closedBy: 'count',
  }
}

export function factOf(hash: string): `0x${string}` {
  return `${hash}fac7` as `0x${string}`
}

function word(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}
