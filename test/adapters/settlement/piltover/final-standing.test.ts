import { describe, expect, test } from 'vitest'

import type { Requests, Rpc, RpcAnswer } from '../../../../lib/adapters/rpc.ts'
import { readFinalStanding } from '../../../../lib/adapters/settlement/piltover/read-appchain.ts'
import { timestamp } from '../../../../lib/domain/time.ts'

const head = { number: 100, hash: '0xa', time: timestamp(0) } as const
const refusal = (code: number): RpcAnswer => ({
  kind: 'error',
  error: { code, message: 'no', data: undefined },
})

/** A node that answers so when it is asked for the newest block on L1, and so for the contract's state; says of which block that was asked. */
function aNode(onL1: RpcAnswer | number, state: RpcAnswer | readonly string[]) {
  const asked: unknown[] = []
  const answer = ({ method, params, read }: Requests[number]): RpcAnswer => {
    if (method !== 'starknet_call') {
      if (typeof onL1 !== 'number') return onL1
      const header = { block_number: onL1, block_hash: '0xb', timestamp: 1 }
      return { kind: 'result', value: read(header) }
    }
    asked.push((params as { readonly block_id: unknown }).block_id)
    return 'kind' in state ? state : { kind: 'result', value: read(state) }
  }
  const rpc = {
    answers: async (requests: Requests) => requests.map(answer),
    values: async () => Promise.reject(new Error('answers are asked for')),
  } as unknown as Rpc
  return { rpc, asked }
}

const state = ['0x701', '0x2b', '0x4003']
const standing = { number: 43, hash: '0x4003', root: '0x701' }

describe('where an appchain finally stands', () => {
  test('is what L1 has, where the node tells', async () => {
    const { rpc, asked } = aNode(70, state)
    const found = await readFinalStanding(rpc, { contract: '0xc', head, finalityBlocks: 10 })
    expect(found).toEqual(standing)
    expect(asked).toEqual([{ block_number: 70 }])
  })

  test.each([-32_602, 24])(
    'is what the chain had so many blocks ago, where the node answers %d',
    async (code) => {
      const { rpc, asked } = aNode(refusal(code), state)
      const found = await readFinalStanding(rpc, { contract: '0xc', head, finalityBlocks: 10 })
      expect(found).toEqual(standing)
      expect(asked).toEqual([{ block_number: 90 }])
    },
  )

  test('is nowhere on a chain that is younger, and before the contract was deployed', async () => {
    const young = aNode(refusal(24), state)
    const deep = { contract: '0xc', head, finalityBlocks: 101 } as const
    expect(await readFinalStanding(young.rpc, deep)).toEqual({ number: -1 })
    const before = aNode(70, refusal(20))
    expect(await readFinalStanding(before.rpc, deep)).toEqual({ number: -1 })
  })

  test('is not told by a node that is in trouble', async () => {
    const deep = { contract: '0xc', head, finalityBlocks: 10 } as const
    await expect(readFinalStanding(aNode(refusal(-32_603), state).rpc, deep)).rejects.toThrow(
      'error -32603',
    )
    await expect(readFinalStanding(aNode(70, refusal(63)).rpc, deep)).rejects.toThrow('error 63')
  })
})
