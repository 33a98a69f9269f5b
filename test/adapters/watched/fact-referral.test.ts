import { toFunctionSelector } from 'viem/utils'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { starknetWatch } from '../../../lib/adapters/watched/starknet.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import { lookedBefore, type SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import { rulesOfAllWrong } from '../../domain/watch/a-system-all-wrong.ts'
import { aSettledStarknet } from './a-settled-starknet.ts'
import { placesOf, realClock } from './places.ts'

const day = 86_400_000
const older = '0x47312450b3ac8b5b8e247a6bb6d523e7605bdb60'

let world: Awaited<ReturnType<typeof aSettledStarknet>>
let memory: SystemMemory | undefined
let aheadMs = 0
beforeAll(async () => {
  world = await aSettledStarknet()
}, 60_000)
afterAll(async () => world.stop())
beforeEach(() => {
  memory = undefined
  aheadMs = 0
})

/** A verifier that takes facts of another one until then, as mainnet's does. */
function refersUntil(until: bigint, registry = older): void {
  const answers = new Map([
    [toFunctionSelector('referralExpirationTime()'), until],
    [toFunctionSelector('referenceFactRegistry()'), BigInt(registry)],
  ])
  for (const node of world.l1)
    node.lie = ({ method, params }) => {
      const [call] = params as readonly [{ readonly to?: string; readonly data?: `0x${string}` }]
      const word = answers.get(call?.data ?? '0x')
      const isVerifier = call?.to?.toLowerCase() === world.core.registry.toLowerCase()
      return method === 'eth_call' && isVerifier && word !== undefined
        ? `0x${word.toString(16).padStart(64, '0')}`
        : undefined
    }
}

async function look() {
  const clock = { ...realClock, now: () => timestamp(Date.now() + aheadMs) }
  const system = starknetWatch({
    name: 'starknet',
    l1: placesOf(...world.l1.map(({ url }) => url)),
    l2: placesOf(...world.l2.map(({ url }) => url)),
    core: world.core.core,
    windowMs: 30 * day,
    clock,
  })
  const sight = await system.look(lookedBefore(memory), timestamp(clock.now() + 20_000))
  memory = remember('starknet', memory, sight, watchNumbers)
  const rules = { ...rulesOfAllWrong, expect: {}, floors: {} }
  const told = systemFindings(memory, { now: sight.at, rules })
  return {
    changes: sight.changes.filter(({ id }) => id.startsWith('referral:')),
    told: told.filter(({ subject }) => subject.includes('referral:')),
  }
}

const inDays = (days: number) => BigInt(Math.floor((Date.now() + days * day) / 1_000))

test('that facts of an older verifier will stop to count is told a week and a day before', async () => {
  const until = inDays(20)
  refersUntil(until)
  const { changes, told } = await look()
  expect(changes).toMatchObject([
    { id: `referral:${older}`, effectiveAt: Number(until) * 1_000, state: 'decided' },
  ])
  expect(told).toEqual([])
  aheadMs = 14 * day
  const [week, ...others] = (await look()).told
  expect(others).toEqual([])
  expect(week).toMatchObject({ rule: 'change-ahead', subject: `starknet:referral:${older}` })
  expect(week?.summary).toContain(`facts of ${older} count no longer`)
  aheadMs = 19.5 * day
  expect((await look()).told.map(({ rule }) => rule)).toEqual(['change-ahead', 'change-tomorrow'])
  aheadMs = 21 * day
  const after = await look()
  expect(after.changes.map(({ state }) => state)).toEqual(['done'])
  expect(after.told).toEqual([])
})

test.each([
  ['that ended long ago', inDays(-30), older],
  ['that never begins', 0n, older],
  ['that never ends', 2n ** 256n - 1n, older],
  ['to nobody', inDays(3), '0x0'],
])('a referral %s is none', async (_, until, registry) => {
  refersUntil(until, registry)
  expect((await look()).changes).toEqual([])
})

test('a verifier of another kind has none', async () => {
  for (const node of world.l1) node.lie = () => undefined
  expect((await look()).changes).toEqual([])
})
