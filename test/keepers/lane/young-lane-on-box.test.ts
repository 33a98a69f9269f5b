import { onTestFinished, describe, expect, test } from 'vitest'

import { boxAccounts } from '../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { ChainUnavailableError } from '../../../lib/adapters/chains/errors.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { suiteConfig } from '../../adapters/chains/starknet-world.ts'
import { asInput } from '../../infra/local/starknet-box/a-box.ts'
import { movedClock } from './lane-in-memory.ts'
import { aYoungLane } from './young-lane.ts'

/** A lane and a box on one clock, with money at the account that is not there yet. */
async function started() {
  const [operator, stranger] = boxAccounts({})
  if (!operator || !stranger) throw new Error('a box has accounts')
  const clock = movedClock()
  const core = asInput(suiteConfig(BigInt(operator.address)))
  const box = await startStarknetBox({ blocks: 'demand', core, clock })
  onTestFinished(async () => box.stop())
  const { url, chainId, coreAddress } = box
  const makeBlock = async () => {
    clock.pass(2_000)
    box.makeBlock()
  }
  const stop = async () => box.stop()
  const node = { url, chainId, core: coreAddress, operator, stranger, makeBlock, stop }
  const it = await aYoungLane(node, { clock })
  await it.fund()
  /** Looks and blocks until the price is told and final. */
  async function settle(id: string): Promise<void> {
    for (let looks = 0; looks < 40; looks += 1) {
      await it.advance().catch(whereBehind)
      await makeBlock()
      const state = await it.stateOf(id)
      if (state?.kind === 'settled') return
    }
    throw new Error(`it is ${JSON.stringify(await it.stateOf(id))}`)
  }
  return { ...it, box, clock, settle, makeBlock }
}

/** A node that went back is not believed until it has as many blocks again. */
function whereBehind(error: unknown): void {
  if (!(error instanceof ChainUnavailableError)) throw error
}

const attemptsIn = (lane: Awaited<ReturnType<Awaited<ReturnType<typeof started>>['lane']>>) =>
  lane?.inFlight.filter(({ deploys }) => deploys).flatMap(({ attempts }) => attempts) ?? []

describe('the deployment of a lane’s account on the box', () => {
  test('survives a lost answer: the same bytes are known, and land once', async () => {
    const it = await started()
    it.box.faults.set({ fault: 'drop-answer' })
    await it.add('first', '100')
    await expect(it.advance()).rejects.toThrow('starknet_addDeployAccountTransaction')
    expect((await it.lane())?.inFlight).toMatchObject([{ deploys: true, state: 'prepared' }])
    it.box.faults.clear()
    await it.advance()
    expect((await it.lane())?.inFlight).toMatchObject([{ state: 'sent', attempts: [{}] }])
    await it.settle('first')
    expect(await it.prices()).toEqual({ 'BTC-USD': '100' })
    expect(await it.chain.nonce(it.address)).toEqual({ latest: 2, pending: 2 })
  })

  test('is replaced by the pool’s own rule where the price of gas has risen, and lands once', async () => {
    const it = await started()
    await it.advance()
    const [first] = attemptsIn(await it.lane())
    it.box.setGasPrices({ l2Gas: 10n ** 11n })
    await it.makeBlock()
    it.clock.pass(30_000)
    await it.advance()
    const attempts = attemptsIn(await it.lane())
    expect(attempts).toHaveLength(2)
    const [before, after] = attempts.map(({ fee }) => {
      if (fee.kind !== 'starknet') throw new TypeError(fee.kind)
      return { tip: fee.tip, price: fee.l2Gas.maxPricePerUnit }
    })
    if (!before || !after) throw new Error('two attempts')
    expect(after.price * 10n >= before.price * 11n && after.tip > before.tip).toBe(true)
    expect(await it.chain.status(first?.hash ?? '0x')).toEqual({ kind: 'unknown' })
    await it.add('first', '100')
    await it.settle('first')
    expect(await it.chain.nonce(it.address)).toEqual({ latest: 2, pending: 2 })
  })

  test('is sent again where the pool dropped it after 300 seconds', async () => {
    const it = await started()
    it.box.faults.set({ fault: 'stall', preConfirmed: 'stops' })
    await it.advance()
    it.clock.pass(301_000)
    const [first] = attemptsIn(await it.lane())
    expect(await it.chain.status(first?.hash ?? '0x')).toEqual({ kind: 'unknown' })
    await it.advance()
    const newest = attemptsIn(await it.lane()).at(-1)
    expect(await it.chain.status(newest?.hash ?? '0x')).toEqual({ kind: 'pending' })
    it.box.faults.clear()
    await it.add('first', '100')
    await it.settle('first')
  })

  test.each(['return', 'drop'] as const)(
    'comes back after a reorganisation that %ss its transactions, and the price behind it, too',
    async (transactions) => {
      const it = await started()
      await it.add('first', '100')
      await it.advance()
      await it.makeBlock()
      await it.advance()
      await it.makeBlock()
      await it.advance()
      expect(await it.stateOf('first')).toMatchObject({ kind: 'included', nonce: 1 })
      it.box.faults.set({ fault: 'reorg', blocks: 2, transactions })
      expect(await it.prices()).toEqual({})
      await it.settle('first')
      expect(await it.prices()).toEqual({ 'BTC-USD': '100' })
      expect(await it.chain.nonce(it.address)).toEqual({ latest: 2, pending: 2 })
    },
  )

  test('by a key that its constructor did not get is refused, and nothing else takes its nonce', async () => {
    const it = await started()
    const { deployments } = it.chain
    if (!deployments) throw new Error('accounts of Starknet are deployed')
    const forged = async (account: string, fee: Parameters<typeof deployments.sign>[1]) => {
      const signed = await deployments.sign(account, fee)
      const bytes = signed.bytes.replace(/"signature":\["0x[0-9a-f]+"/, '"signature":["0x5"')
      return { ...signed, bytes }
    }
    const chain = { ...it.chain, deployments: { ...deployments, sign: forged } }
    await it.add('first', '100')
    const wrong = { ...it.world, chain }
    await expect(advanceLane(wrong)).rejects.toThrow(
      /cannot be deployed: Account validation failed.*invalid signature/s,
    )
    await it.settle('first')
    expect(await it.chain.nonce(it.address)).toEqual({ latest: 2, pending: 2 })
  })
})
