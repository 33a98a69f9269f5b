import { describe, expect, test } from 'vitest'

import { isFinal } from '../../../lib/domain/intent.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { aLiquidation, type LaneInMemory, laneInMemory, worksByNonce } from './lane-in-memory.ts'
import { type Undeployed, undeployed } from './undeployed.ts'
import { type Crew, crew, gated, seeded } from './workers.ts'

type Chance = ReturnType<typeof seeded>

/** Every kind of trouble, each with its share of the steps. */
type Trouble = {
  readonly kill: number
  readonly lose: number
  readonly reorg: number
  readonly evict: number
  readonly foreign: number
  readonly lag: number
  readonly price: number
  readonly refuse: number
  readonly revert: number
  /** The account has no money, or some again. */
  readonly poor: number
  /** Half a minute passes at once: work gets too late. */
  readonly late: number
}

const calm: Trouble = {
  kill: 0,
  lose: 0,
  reorg: 0,
  evict: 0,
  foreign: 0,
  lag: 0,
  price: 0,
  refuse: 0,
  revert: 0,
  poor: 0,
  late: 0,
}

const steps = 160
const rounds = [1, 2, 3, 4, 5, 6]

/** One life of a lane: workers come, are interleaved and killed, while the chain does what the seed says. */
async function live(
  seed: number,
  { trouble, most, urgentPlaces = 0 }: Pick<Life, 'trouble' | 'most' | 'urgentPlaces'>,
  prepare: (it: LaneInMemory) => void = () => undefined,
): Promise<LaneInMemory> {
  const chance = seeded(seed)
  const it = laneInMemory({
    sequenced: urgentPlaces === 0 && chance.chance(0.5),
    urgentPlaces,
    replaceAfterMs: 6_000,
    resendAfterMs: 1_500,
    lostAfterMs: 60_000,
  })
  prepare(it)
  // Where urgent work has places, every other one is urgent.
  const add = async (round: number): Promise<string> =>
    urgentPlaces > 0 && round % 2 === 0
      ? it.add(round, { action: aLiquidation(round, 'dex', true) })
      : it.add(round)
  const workers = crew()
  const open = [...rounds]
  // A block that holds somebody else's transaction is not taken back: for the lane it would be another story.
  let safe = 0
  let highest = 0
  for (let step = 0; step < steps; step += 1) {
    if (chance.chance(0.06) && open.length > 0) await add(open.shift() ?? 0)
    if (chance.chance(0.1)) it.chain.mine()
    if (chance.chance(0.1)) it.clock.pass(chance.below(3_000))
    safe += 1
    highest = Math.max(highest, it.chain.height())
    // Never as deep as what counts as final, also where one follows another.
    const depth = it.chain.height() - (highest - 1 - chance.below(2))
    if (chance.chance(trouble.reorg) && safe > 0 && depth > 0)
      it.chain.reorg(depth, chance.chance(0.5) ? 'pool' : 'dropped')
    if (chance.chance(trouble.evict)) it.chain.evict()
    if (chance.chance(trouble.foreign)) {
      it.chain.foreign()
      safe = -steps
    }
    if (chance.chance(trouble.lag)) it.chain.lag = it.chain.lag === 0 ? 1 + chance.below(2) : 0
    if (chance.chance(trouble.price)) it.chain.price = BigInt(100 + chance.below(40))
    if (chance.chance(trouble.poor)) it.chain.money = it.chain.money === 0n ? 1_000_000n : 0n
    if (chance.chance(trouble.late)) it.clock.pass(30_000)
    if (chance.chance(trouble.refuse)) refuseSome(it, chance)
    if (chance.chance(trouble.revert)) revertSome(it, chance)
    await act(it, workers, { chance, trouble, most })
  }
  while (workers.waiting() > 0) await workers.kill(0, chance.chance(0.5) ? 'before' : 'after')
  expect(workers.failures()).toEqual([])
  for (const round of open) await add(round)
  return await calmed(it)
}

/** One call of one worker happens, or is lost, or its worker ends; or another worker comes. */
async function act(
  it: LaneInMemory,
  workers: Crew,
  {
    chance,
    trouble,
    most,
  }: { readonly chance: Chance; readonly trouble: Trouble; readonly most: number },
): Promise<void> {
  if (workers.alive() < most && (workers.alive() === 0 || chance.chance(0.15)))
    workers.start(async (gate) => advanceLane(gated(it.world, gate)))
  const n = chance.below(workers.waiting())
  const side = chance.chance(0.5) ? 'before' : 'after'
  if (chance.chance(trouble.kill)) await workers.kill(n, side)
  else if (chance.chance(trouble.lose)) await workers.lose(n, side)
  else await workers.step(n)
}

/** The same bytes are refused always and by every node, as those are that are wrong. */
function refuseSome(it: LaneInMemory, chance: Chance): void {
  const from = chance.below(3)
  it.chain.refuses = (nonce) => (nonce % 3 === from ? 'underpriced' : undefined)
}

function revertSome({ chain }: LaneInMemory, chance: Chance): void {
  const round = 1 + chance.below(rounds.length)
  const { revertsLater } = chain
  chain.revertsLater = (data) =>
    data.includes(`round-${round} `) ? 'the market is closed' : revertsLater(data)
}

async function calmed(it: LaneInMemory): Promise<LaneInMemory> {
  it.chain.lag = 0
  it.chain.price = 100n
  it.chain.money = 1_000_000n
  it.chain.refuses = () => undefined
  await it.settle()
  return it
}

/** What is not true of the end: settled took effect once, failed never, no nonce has two works. */
async function untrue(it: LaneInMemory): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const round of rounds) {
    const state = await it.stateOf(round)
    const effects = it.effectsOf(round)
    if (!isFinal(state) || effects !== (state.kind === 'settled' ? 1 : 0))
      wrong.push(`round ${round} took effect ${effects} times: ${JSON.stringify(state)}`)
  }
  for (const [nonce, works] of worksByNonce(it.chain))
    if (works.size > 1) wrong.push(`nonce ${nonce} was used for ${[...works].join(' and ')}`)
  return wrong
}

type Life = {
  readonly name: string
  readonly trouble: Trouble
  readonly most: number
  readonly runs: number
  /** Absent: none. */
  readonly urgentPlaces?: number
}

const lives: readonly Life[] = [
  { name: 'two workers', trouble: calm, most: 2, runs: 40 },
  { name: 'three workers', trouble: calm, most: 3, runs: 40 },
  {
    name: 'a worker that is killed',
    trouble: { ...calm, kill: 0.04, lose: 0.04 },
    most: 1,
    runs: 40,
  },
  {
    name: 'blocks that are lost',
    trouble: { ...calm, kill: 0.02, reorg: 0.03, evict: 0.03 },
    most: 2,
    runs: 40,
  },
  {
    name: 'others at the account',
    trouble: { ...calm, kill: 0.02, foreign: 0.01 },
    most: 2,
    runs: 40,
  },
  {
    name: 'nodes that are behind, and prices that move',
    trouble: { ...calm, lose: 0.02, lag: 0.05, price: 0.03 },
    most: 2,
    runs: 40,
  },
  {
    name: 'work that comes too late, and an account without money',
    trouble: {
      ...calm,
      kill: 0.03,
      lose: 0.02,
      reorg: 0.02,
      evict: 0.02,
      price: 0.02,
      poor: 0.03,
      late: 0.03,
    },
    most: 2,
    runs: 60,
  },
  {
    name: 'everything at once',
    trouble: {
      kill: 0.03,
      lose: 0.03,
      reorg: 0.02,
      evict: 0.02,
      foreign: 0.004,
      lag: 0.03,
      price: 0.02,
      refuse: 0.01,
      revert: 0.01,
      poor: 0.01,
      late: 0.01,
    },
    most: 3,
    runs: 100,
  },
]

/** The worst two again, where urgent work goes beside what is out. */
const urgentLives: readonly Life[] = lives.slice(-2).flatMap((life) =>
  [1, 2].map((urgentPlaces) => ({
    ...life,
    name: `${life.name}, with ${urgentPlaces} for urgent work`,
    urgentPlaces,
  })),
)

describe('whatever happens, each work takes effect once or is said to have failed, and none is forgotten', () => {
  test.for([...lives, ...urgentLives])('$name', async ({ name, runs, ...life }) => {
    for (let seed = 1; seed <= runs; seed += 1) {
      const it = await live(seed, life).catch((cause: unknown) => {
        throw new Error(`${name}, seed ${seed}`, { cause })
      })
      expect(await untrue(it), `${name}, seed ${seed}`).toEqual([])
    }
  })

  test.for(lives)(
    '$name, from an account that is not there yet',
    async ({ name, runs, ...life }) => {
      for (let seed = 1; seed <= runs; seed += 1) {
        let young: Undeployed | undefined
        const it = await live(seed, life, ({ chain }) => {
          young = undeployed(chain)
        }).catch((cause: unknown) => {
          throw new Error(`${name}, seed ${seed}`, { cause })
        })
        expect(await untrue(it), `${name}, seed ${seed}`).toEqual([])
        // Somebody else’s transaction is at nonce 0 where ours is not.
        const [first] = it.chain.effects()
        expect(['deployment by first', 'foreign'], `${name}, seed ${seed}`).toContain(first?.data)
        expect(it.chain.effects().filter(({ data }) => data.startsWith('deployment'))).toHaveLength(
          first?.data === 'foreign' ? 0 : 1,
        )
        expect(young?.impossible).toEqual([])
      }
    },
  )
})
