import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { compiledL1Contract } from '../../../infra/contracts/l1/compiled-l1.ts'
import { starknetWatch } from '../../../lib/adapters/watched/starknet.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import { lookedBefore, type SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import { aSettledStarknet } from './a-settled-starknet.ts'
import { placesOf, realClock } from './places.ts'

/** What is made of the looks at a real core contract by the rules that watched systems are judged by. */

let world: Awaited<ReturnType<typeof aSettledStarknet>>
let memory: SystemMemory | undefined
beforeAll(async () => {
  world = await aSettledStarknet()
}, 60_000)
afterAll(async () => world.stop())
beforeEach(() => {
  memory = undefined
})

const rules = {
  ownChains: {},
  mostMs: {},
  floors: {},
  ceilings: {},
  expect: {},
  lookMs: 30_000,
  numbers: watchNumbers,
}

/** One more look, and what is wrong after it. */
async function look() {
  const system = starknetWatch({
    name: 'starknet',
    l1: placesOf(...world.l1.map(({ url }) => url)),
    l2: placesOf(...world.l2.map(({ url }) => url)),
    core: world.core.core,
    windowMs: 30 * 86_400_000,
    clock: realClock,
  })
  const sight = await system.look(lookedBefore(memory), timestamp(Date.now() + 20_000))
  memory = remember('starknet', memory, sight, watchNumbers)
  const findings = systemFindings(memory, { now: sight.at, rules })
  return findings.map(({ rule, severity, summary }) => ({ rule, severity, summary }))
}

test('a past full of changes is none of today', async () => {
  for (const hash of [21n, 22n, 13n, 23n, 13n]) await world.core.call('setConfigHash', [hash])
  await world.core.call('registerOperator', [world.core.registry])
  expect(await look()).toEqual([])
  expect(await look()).toEqual([])
})

test('a program that nobody announced is a warning, once it has gone back and forth too', async () => {
  await look()
  await world.core.call('setProgramHash', [77n])
  expect(await look()).toEqual([
    {
      rule: 'setting-changed',
      severity: 'warning',
      summary: expect.stringContaining('nobody announced it') as string,
    },
  ])
  for (const hash of [78n, 11n]) await world.core.call('setProgramHash', [hash])
  expect((await look()).map(({ rule }) => rule)).toEqual(['setting-changed'])
})

test('an implementation is told ahead, and taken as it was announced it is no warning', async () => {
  await look()
  const next = await world.core.sender.deploy(compiledL1Contract('starknet-core', 'Core'), [])
  const data = `0x${'0'.repeat(64)}`
  await world.core.proxy('addImplementation', [next, data, false])
  const ahead = await look()
  expect(ahead.map(({ rule }) => rule)).toContain('change-tomorrow')
  expect(ahead.map(({ summary }) => summary).join()).toContain(next.toLowerCase())
  await world.waitOnL1(7_201)
  await world.core.proxy('upgradeTo', [next, data, false])
  const changed = (await look()).filter(({ rule }) => rule === 'setting-changed')
  expect(changed).toEqual([
    {
      rule: 'setting-changed',
      severity: 'info',
      summary: expect.stringContaining('announced by implementation:') as string,
    },
  ])
})
