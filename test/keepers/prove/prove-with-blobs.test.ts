import { expect, test } from 'vitest'
import { z } from 'zod'

import { provingWorld } from './proving-on-anvil-world.ts'

const long = { timeout: 240_000 }

const Transaction = z.object({
  type: z.string(),
  to: z.string(),
  input: z.string(),
  blobVersionedHashes: z.array(z.string()),
})

type World = Awaited<ReturnType<typeof provingWorld>>

/** What the settler sent, as the chain has it, oldest first. */
async function sentBySettler({ rpc, sending }: World) {
  const Blocks = z.object({
    transactions: z.array(z.object({ from: z.string(), hash: z.string() })),
  })
  const newest = Number(await rpc('eth_blockNumber'))
  const found = []
  for (let number = 0; number <= newest; number += 1) {
    const { transactions } = Blocks.parse(
      await rpc('eth_getBlockByNumber', `0x${number.toString(16)}`, true),
    )
    for (const { from, hash } of transactions)
      if (from.toLowerCase() === sending.account.toLowerCase())
        found.push(Transaction.parse(await rpc('eth_getTransactionByHash', hash)))
  }
  return found
}

test(
  'a batch whose data is in a blob takes it with it, and where it is in no block in time another with a blob makes room for it',
  long,
  async () => {
    const it = await provingWorld({ hasBlobs: true, rules: { settleLifeMs: 8_000 } })
    it.close(1)
    await it.untilState(1, 'fact-verified')
    await it.rpc('evm_setAutomine', false)
    // Each block is dearer than what was offered after the one before.
    let price = 10n ** 10n
    const isOver = async () =>
      (await it.row(1)).history.some(({ note }) => note?.startsWith('expired') === true)
    for (let slots = 0; slots < 40 && !(await isOver()); slots += 1) {
      await it.slot()
      const lane = await it.store.lanes.read(it.sending.id)
      const isGivenUp = lane?.inFlight.some(({ attempts }) => attempts.at(-1)?.nothing) === true
      if (!isGivenUp) {
        price *= 3n
        await it.rpc('anvil_setNextBlockBaseFeePerGas', `0x${price.toString(16)}`)
      }
      await it.pass(2_000)
    }
    await it.rpc('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00')
    const final = await it.untilState(1, 'finalized')
    expect(final.attempts.settle).toBe(2)
    const { latest } = await it.settlement.sight()
    expect(latest.number).toBe(final.content.last.number)
    const sent = await sentBySettler(it)
    expect(sent.map(({ type, to, input }) => [type, to, input === '0x'])).toEqual([
      ['0x3', it.sending.account.toLowerCase(), true],
      ['0x3', it.core.toLowerCase(), false],
    ])
  },
)
