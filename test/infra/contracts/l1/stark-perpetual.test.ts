import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  type L1Case,
  l1Cases,
  l1Recording,
  titledL1,
} from '../../../adapters/settlement/l1-vectors.ts'
import {
  perpetualInitializer,
  perpetualRoles,
  postOf,
  prepare,
  role,
  startPerpetualReplay,
  type Step,
  stepsBefore,
  twelveRequests,
} from './perpetual-world.ts'
import { calldata, calldataOf, recordedAnswer, type Replay, shown } from './replay.ts'

describe.skipIf(l1Recording === undefined)(titledL1('the exchange as recorded'), () => {
  let replay: Replay
  /** Back to where nothing has happened, and to what happened before the last case. */
  let toBegin: () => Promise<void>
  let toLast: () => Promise<void>
  let last: readonly Step[] = []

  beforeAll(async () => {
    replay = await startPerpetualReplay()
    toBegin = await replay.mark()
    toLast = await replay.mark()
  })
  afterAll(async () => replay.node.stop())

  /** Brings the node to where the recording was; from the case before where that is on the way. */
  async function goBefore(one: L1Case): Promise<void> {
    const steps = stepsBefore(one)
    const isOnTheWay = last.every(({ name }, at) => steps[at]?.name === name)
    await (isOnTheWay ? toLast() : toBegin())
    for (const { run } of steps.slice(isOnTheWay ? last.length : 0)) await run(replay)
    last = steps
    toLast = await replay.mark()
    await prepare(replay, one)
  }

  const cases = l1Cases('perpetual.')
  const special = ['perpetual.forced.ten-per-block']
  const upgrades = cases.filter(({ id }) => id.startsWith('perpetual.init.nested'))
  const transactions = cases.filter(
    (one) => one.kind === 'tx' && !special.includes(one.id) && !upgrades.includes(one),
  )

  test.for(transactions.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    await goBefore(one)
    const outcome = await replay.send({
      from: role(one.call?.from),
      to: role(one.call?.target),
      data: calldataOf(one),
      value: one.call?.value ?? '0',
      timestamp: one.chain?.timestamp,
    })
    expect(shown(outcome, perpetualRoles)).toEqual(recordedAnswer(one))
    expect(await postOf(replay, one)).toEqual(one.post ?? {})
  })

  test.skipIf(l1Cases('perpetual.init.upgrade').length === 0)(
    'is set up with the words of the recording',
    () => {
      const [upgrade] = l1Cases('perpetual.init.upgrade')
      const [, data] = z.array(z.unknown()).parse(upgrade?.call?.args)
      expect(perpetualInitializer()).toBe(data)
    },
  )

  const views = cases.filter(({ kind }) => kind === 'view')
  test.for(views.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    await goBefore(one)
    expect(await replay.ask(role(one.call?.target), calldataOf(one))).toBe(one.result?.data)
  })

  // What an initialiser refuses with comes back inside another reason, as it is.
  test.for(upgrades.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    await goBefore(one)
    const args = [role('perpetualDispatcher'), one.call?.['initData'], false]
    const call = (signature: string): { from: Hex; to: Hex; data: Hex } => ({
      from: role('governor'),
      to: role('perpetual'),
      data: calldata(signature, args),
    })
    await replay.must(call('addImplementation(address,bytes,bool)'))
    const { status, revert } = await replay.send(call('upgradeTo(address,bytes,bool)'))
    expect({ status, data: revert?.data }).toEqual({
      status: one.result?.status,
      data: one.result?.revert?.data,
    })
    expect(revert?.reason).toContain(one.result?.innermostReason)
  })

  const [tenPerBlock] = cases.filter(({ id }) => special.includes(id))
  test.skipIf(tenPerBlock === undefined)('perpetual.forced.ten-per-block', async () => {
    if (!tenPerBlock) return
    await goBefore({ ...tenPerBlock, chain: { timestamp: '1800000720' } })
    const { statuses, eleventh } = tenPerBlock.result ?? {}
    expect(await replay.inOneBlock(twelveRequests())).toEqual({ statuses, eleventh })
  })
})
