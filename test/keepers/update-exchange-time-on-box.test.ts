import { expect, test } from 'vitest'

import { interestProcess, startInterestBox } from './interest-box-world.ts'

const quarterMs = 6 * 3_600_000

async function sequenceOf({ governor }: Awaited<ReturnType<typeof startInterestBox>>) {
  return (await governor.engine.state()).sequence ?? 0n
}

test('on the box, the exchange’s time is left alone for a quarter of its day, and then brought to the block’s, once', async () => {
  const world = await startInterestBox()
  const keeping = interestProcess(world, world.other)
  const before = await sequenceOf(world)
  const { clock: started } = await world.interestNow()
  // Blocks began a little before.
  world.clock.pass(quarterMs - Number(started.now - started.lastUpdate) * 1000 - 1_000)
  world.box.makeBlock()
  expect(await keeping.slot('time')).toMatchObject({
    kind: 'done',
    reason: 'nothing-due',
    detail: 'it is 21599 s old, due after 21600 s',
  })
  world.clock.pass(1_000 + (60_000 - (world.clock.now() % 60_000)))
  const due = world.box.makeBlock()
  expect(await keeping.slot('time')).toMatchObject({ kind: 'done', reason: 'updated' })
  const after = await world.interestNow()
  const block = await world.governor.chain.block(due)
  expect(after.clock.exchangeTime).toBe(BigInt(Math.floor((block?.time ?? 0) / 1000)))
  expect(await sequenceOf(world)).toBe(before + 1n)
  world.clock.pass(60_000)
  world.box.makeBlock()
  expect(await keeping.slot('time')).toMatchObject({ kind: 'done', reason: 'nothing-due' })
  expect(await sequenceOf(world)).toBe(before + 1n)
})

test('on the box, a time of which a week was missed is brought back, since nothing else stops it', async () => {
  const world = await startInterestBox()
  const keeping = interestProcess(world, world.other)
  world.clock.pass(8 * 86_400_000)
  world.box.makeBlock()
  expect(await keeping.slot('time')).toMatchObject({ kind: 'done', reason: 'updated' })
  const { clock } = await world.interestNow()
  expect(clock.now - clock.exchangeTime).toBeLessThan(60n)
})

test('on the box, of two operators with a table each one brings the time, and the other one finds it done', async () => {
  const world = await startInterestBox()
  const first = interestProcess(world, world.other)
  const second = interestProcess(world, world.governor)
  const before = await sequenceOf(world)
  world.clock.pass(quarterMs + 60_000)
  world.box.makeBlock()
  const ends = await Promise.all([first.slot('time'), second.slot('time')])
  expect(ends.map(({ kind }) => kind)).toEqual(['done', 'done'])
  world.box.makeBlock()
  world.clock.pass(60_000)
  world.box.makeBlock()
  for (const keeping of [first, second])
    expect(await keeping.slot('time')).toMatchObject({ reason: 'nothing-due' })
  expect(await sequenceOf(world)).toBe(before + 1n)
})

test('on the box, a paused exchange is not sent its time, and says so', async () => {
  const world = await startInterestBox()
  const keeping = interestProcess(world, world.other)
  world.clock.pass(quarterMs + 60_000)
  await world.govern('pause')
  expect(await keeping.slot('time')).toMatchObject({ kind: 'refused', reason: 'PAUSED' })
})
