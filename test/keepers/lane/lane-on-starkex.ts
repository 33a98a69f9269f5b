import { onTestFinished } from 'vitest'

import {
  type RunningStarkexGateway,
  startStarkexGateway,
} from '../../../infra/local/starkex-gateway/start-starkex-gateway.ts'
import { starkexFates } from '../../../lib/adapters/chains/starkex-fates.ts'
import { starkexFeeder } from '../../../lib/adapters/chains/starkex-feeder.ts'
import type { StarkexTold } from '../../../lib/adapters/engines/starkex/exchange.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { IntentState } from '../../../lib/domain/intent.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import type { Lane } from '../../../lib/domain/lane.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import type { Notice } from '../../../lib/keepers/notice.ts'
import type { Engine, Store } from '../../../lib/ports.ts'
import { actionOf, gatewayConfig, openStarkex } from '../../adapters/engines/starkex/a-starkex.ts'
import { type MovedClock, movedClock } from './lane-in-memory.ts'

const account = 'perps-main'
const id = `starkex/${account}`

export type LaneOnStarkex = {
  readonly clock: MovedClock
  readonly gateway: RunningStarkexGateway
  readonly store: Store
  /** What people were told. */
  readonly notices: readonly Notice[]
  /** The lane as a process sees it that has just begun: what others were told it does not remember. */
  process(): LaneWorld & { readonly engines: Readonly<Record<string, Engine>> }
  /** Work of that round, whose price is the round's number and whose deadline is a minute away. */
  add(round: number): Promise<void>
  stateOf(round: number): Promise<IntentState>
  lane(): Promise<Lane | undefined>
  /** What the lane remembers that the exchange was told. */
  told(): Promise<StarkexTold>
  /** How often the exchange was told the prices of a round. */
  effectsOf(round: number): number
  /** How many ids only moved the exchange's time. */
  nothings(): number
  /** Looks by new processes, some seconds apart, until nothing is open. */
  settle(): Promise<void>
}

/** A lane, and a gateway of our own behind real connections; every byte that is sent must have been in the lane's row. */
export async function laneOnStarkex(
  options: Partial<Parameters<typeof startStarkexGateway>[0]> = {},
  { timeoutMs = 1_500 }: { readonly timeoutMs?: number } = {},
): Promise<LaneOnStarkex> {
  const clock = movedClock()
  const gateway = await startStarkexGateway({
    config: gatewayConfig(),
    now: () => clock.now(),
    ...options,
  })
  onTestFinished(async () => gateway.stop())
  const stored = new Set<string>()
  const notices: Notice[] = []
  const memory = memoryStore({ clock })
  const store: Store = {
    ...memory,
    lanes: {
      ...memory.lanes,
      async write(lane) {
        const answer = await memory.lanes.write(lane)
        const attempts = answer === 'stale' ? [] : lane.inFlight.flatMap((one) => one.attempts)
        for (const { bytes } of attempts) if (bytes !== undefined) stored.add(bytes)
        return answer
      },
    },
  }
  const lane = async () => store.lanes.read(id)
  const told = async (): Promise<StarkexTold> => {
    const row = await lane()
    return {
      prices: Object.fromEntries(
        (row?.told ?? []).map(({ market, price, publishedAt }) => [market, { price, publishedAt }]),
      ),
      funding: Object.fromEntries(
        (row?.toldFunding ?? []).map(({ market, index, at }) => [market, { index, at }]),
      ),
      time: row?.toldTime,
    }
  }

  function process(): LaneWorld & { readonly engines: Readonly<Record<string, Engine>> } {
    const { chain, engine } = openStarkex({ url: gateway.url, clock, timeoutMs, told })
    const { origin } = new URL(gateway.url)
    const feeder = starkexFeeder({
      chain: 'starkex',
      feederUrl: `${origin}/feeder_gateway`,
      availabilityUrl: `${origin}/availability_gateway`,
      tls: undefined,
    })
    const fates = starkexFates(feeder, { now: () => clock.now() })
    const broadcast = chain.broadcast.bind(chain)
    return {
      id,
      account,
      chain: {
        ...chain,
        ...(options.config?.batches && { fates }),
        async broadcast(bytes) {
          if (!stored.has(bytes)) throw new Error(`${bytes} was sent before it was stored`)
          return broadcast(bytes)
        },
      },
      engines: { [engine.name]: engine },
      store,
      clock,
      policy: lanePolicyOf(chain),
      slotAt: ({ round }) => timestamp(round * 10_000),
      notify: (notice) => void notices.push(notice),
    }
  }

  const { engine: signer } = openStarkex({ url: gateway.url, clock })
  const rounds = new Set<number>()
  const ticks = () =>
    gateway.exchange
      .requests()
      .flatMap(({ tx }) =>
        tx.type === 'ORACLE_PRICES_TICK' ? [Object.values(tx.oracle_prices)] : [],
      )

  return {
    clock,
    gateway,
    store,
    notices,
    process,
    lane,
    told,
    async add(round) {
      rounds.add(round)
      const createdAt = clock.now()
      const at = timestamp(Math.floor(createdAt / 1000) * 1000)
      await store.intents.add({
        id: idOf(round),
        lane: id,
        action: await actionOf(signer, { round, price: String(round), at }),
        createdAt,
        deadline: timestamp(createdAt + 60_000),
        state: { kind: 'waiting' },
      })
    },
    async stateOf(round) {
      const intent = await store.intents.get(idOf(round))
      if (!intent) throw new RangeError(`there is no work of round ${round}`)
      return intent.state
    },
    effectsOf: (round) =>
      ticks().filter((prices) =>
        prices.some(({ signed_prices: signed }) =>
          Object.values(signed).every(({ price }) => price === `${round}${'0'.repeat(18)}`),
        ),
      ).length,
    nothings: () => ticks().filter((prices) => prices.length === 0).length,
    async settle() {
      for (let looks = 0; looks < 60; looks += 1) {
        await advanceLane(process())
        const open = await store.intents.open(id)
        if (open.length === 0 && (await lane())?.inFlight.length === 0) return
        clock.pass(3_000)
      }
      throw new Error(`the lane is stuck: ${String((await lane())?.inFlight.length)} in flight`)
    },
  }
}

export function idOf(round: number): string {
  return `push-prices:perps:round-${round}`
}
