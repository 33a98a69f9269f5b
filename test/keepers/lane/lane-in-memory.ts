import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { Liquidate, LiquidationPart, PushPrices } from '../../../lib/domain/action.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { Intent, IntentState } from '../../../lib/domain/intent.ts'
import type { LanePolicy } from '../../../lib/domain/lane-follow.ts'
import type { Lane } from '../../../lib/domain/lane.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane, type LaneStanding } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import type { Notice } from '../../../lib/keepers/notice.ts'
import type { Clock, Engine, Store } from '../../../lib/ports.ts'
import { aReport } from '../../adapters/store/samples.ts'
import { account, type FakeChain, fakeChain, read } from '../fake-chain.ts'
import { fakeEngine } from '../fake-engine.ts'

export const policy: LanePolicy = {
  replaceAfterMs: 30_000,
  resendAfterMs: 5_000,
  lostAfterMs: 120_000,
  maxAttempts: 4,
}

/** A clock that only moves when it is told to, or slept on. */
export type MovedClock = Clock & { pass(ms: number): void; onSleep: () => void }

export function movedClock(): MovedClock {
  let now = 1_764_000_000_000
  const clock: MovedClock = {
    now: () => timestamp(now),
    onSleep: () => undefined,
    async sleep(ms) {
      now += ms
      clock.onSleep()
    },
    pass(ms) {
      now += ms
    },
  }
  return clock
}

export type LaneInMemory = {
  readonly clock: MovedClock
  readonly chain: FakeChain
  readonly engine: Engine
  readonly store: Store
  readonly world: LaneWorld
  readonly notices: readonly Notice[]
  readonly advance: () => Promise<LaneStanding>
  /** Work of that round; the deadline is a minute away. */
  readonly add: (round: number, change?: Partial<Intent>) => Promise<string>
  readonly lane: () => Promise<Lane>
  readonly stateOf: (round: number) => Promise<IntentState>
  /** How often the work of a round took effect, by the chain. */
  readonly effectsOf: (round: number) => number
  /** Advances, makes a block, and lets ten seconds pass, until nothing is open. */
  readonly settle: () => Promise<void>
}

/** A lane, its engine and its chain. Every broadcast is checked: its bytes must have been in the lane's stored row. */
export function laneInMemory({
  sequenced = false,
  ...change
}: Partial<LanePolicy> & { readonly sequenced?: boolean } = {}): LaneInMemory {
  const clock = movedClock()
  const chain = fakeChain({ clock })
  const engine = fakeEngine({ chain, sequenced })
  if (sequenced) chain.revertsLater = (data) => wrongSequence(chain, data)
  const store = watched(memoryStore({ clock }), chain)
  const notices: Notice[] = []
  const world: LaneWorld = {
    id: `fake/${account}`,
    account,
    chain,
    engines: { [engine.name]: engine },
    store,
    clock,
    policy: { ...policy, ...change },
    slotAt: ({ round }) => timestamp(round * 10_000),
    notify: (notice) => notices.push(notice),
  }

  const lane = async (): Promise<Lane> => {
    const stored = await store.lanes.read(world.id)
    return stored ?? { id: world.id, nextNonce: undefined, inFlight: [], version: 0 }
  }

  return {
    clock,
    chain,
    engine,
    store,
    world,
    notices,
    advance: async () => advanceLane(world),
    async add(round, intent) {
      const id = idOf(round)
      const createdAt = clock.now()
      const deadline = timestamp(createdAt + 60_000)
      const state = { kind: 'waiting' } as const
      const action = anAction(round, engine.name)
      await store.intents.add({ id, lane: world.id, action, createdAt, deadline, state, ...intent })
      return id
    },
    lane,
    async stateOf(round) {
      const intent = await store.intents.get(idOf(round))
      if (!intent) throw new RangeError(`there is no work of round ${round}`)
      return intent.state
    },
    effectsOf: (round) =>
      chain.effects().filter(({ data }) => data.includes(`round-${round} `)).length,
    async settle() {
      for (let looks = 0; looks < 100; looks += 1) {
        await advanceLane(world)
        chain.mine()
        clock.pass(10_000)
        const open = await store.intents.open(world.id)
        if (open.length === 0 && (await lane()).inFlight.length === 0) return
      }
      throw new Error(`the lane is stuck: ${JSON.stringify(await lane(), bigintText)}`)
    },
  }
}

export function idOf(round: number): string {
  return `push-prices:dex:round-${round}`
}

export function anAction(round: number, engine: string): PushPrices {
  const updates = [
    { market: parseMarket('BTC-USD'), price: new Decimal(round), reports: [aReport('n', round)] },
  ]
  return { kind: 'push-prices', engine, round, updates }
}

/** One account of that round, which has less than nothing left where it is urgent. */
export function aLiquidation(round: number, engine: string, isUrgent = false): Liquidate {
  const part: LiquidationPart = {
    market: parseMarket('BTC-USD'),
    account: `a${round}`,
    asset: '0xb',
    size: 1n,
    base: -1n,
    cash: 1n,
    penalty: 0n,
    reward: 0n,
    cover: 0n,
  }
  const urgent = isUrgent ? ({ urgent: true } as const) : {}
  return { kind: 'liquidate', engine, round, at: timestamp(0), ...urgent, updates: [part] }
}

/** Remembers every signed byte that was ever stored, and stops a broadcast of others. */
function watched(store: Store, chain: FakeChain): Store {
  const stored = new Set<string>()
  chain.onBroadcast = (bytes) => {
    if (!stored.has(bytes)) throw new Error(`${bytes} was sent before it was stored`)
  }
  return {
    ...store,
    lanes: {
      ...store.lanes,
      async write(lane) {
        const answer = await store.lanes.write(lane)
        if (answer === 'stale') return answer
        for (const { attempts } of lane.inFlight)
          for (const { bytes } of attempts) if (bytes !== undefined) stored.add(bytes)
        return answer
      },
    },
  }
}

/** As an engine with its own nonce does it: a call that is not the next one has no effect. */
function wrongSequence(chain: FakeChain, data: string): string | undefined {
  const sequence = data.split(' ')[2]
  if (sequence === undefined || !data.startsWith('dex ')) return undefined
  const next = chain.effects().filter((effect) => effect.data.startsWith('dex ')).length
  return Number(sequence) === next ? undefined : `INVALID_NONCE ${sequence}, not ${next}`
}

/** The works that were ever signed for a nonce and sent, without those that do nothing. */
export function worksByNonce(chain: FakeChain): ReadonlyMap<number, ReadonlySet<string>> {
  const works = new Map<number, Set<string>>()
  for (const { nonce, data } of chain.broadcasts.map(read)) {
    const of = works.get(nonce) ?? new Set()
    for (const one of data) if (one !== '0x') of.add(one)
    works.set(nonce, of)
  }
  return works
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
