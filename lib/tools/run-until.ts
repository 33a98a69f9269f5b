import { setTimeout as sleep } from 'node:timers/promises'

import type { World } from '../runtime/compose.ts'
import type { JobName } from '../runtime/network/jobs.ts'
import type { Network } from '../runtime/network/schema.ts'
import { runNetwork } from '../runtime/run.ts'
import type { Account } from './account.ts'
import { startTally, type Summary } from './summary.ts'

/** Runs the keepers until `signal` aborts or `forMs` is over, tells what happens, and sums it up. */
export async function runUntil(options: {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly account: Account
  readonly signal: AbortSignal
  readonly forMs: number | undefined
  readonly sends: boolean
}): Promise<Summary> {
  const { world, jobs, account, signal, forMs, sends } = options
  const { network, ports } = world
  const tally = startTally({
    begunAt: ports.clock.now(),
    slotAt: slotTimes(network),
    chainOf: enginesChains(network),
    sends,
  })
  const run = runNetwork({
    world,
    jobs,
    notify(notice) {
      tally.add(notice)
      account.notice(notice)
    },
  })
  await ended(signal, forMs)
  const at = ports.clock.now()
  account.progress(
    signal.aborted ? 'Stopping; what is under way is finished first.' : 'Time is up.',
  )
  await run.stop()
  return tally.summary({ at, ...(await whatIsOpen(world)) })
}

/** Resolves at the end of the time or when asked to stop, whichever is first. */
async function ended(signal: AbortSignal, forMs: number | undefined): Promise<void> {
  // The longest that a timer can wait, 24 days, again and again.
  const longestMs = 2 ** 31 - 1
  const until = forMs === undefined ? Infinity : performance.now() + forMs
  while (!signal.aborted) {
    const leftMs = until - performance.now()
    if (leftMs <= 0) return
    await sleep(Math.min(leftMs, longestMs), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

async function whatIsOpen({ network, ports }: World) {
  const { store } = ports
  const lanes = Object.entries(network.chains).flatMap(([name, { account }]) =>
    account ? [`${name}/${account.address}`] : [],
  )
  const intents = await Promise.all(lanes.map(async (lane) => await store.intents.open(lane)))
  return { openIntents: intents.flat(), openIncidents: await store.incidents.open() }
}

function slotTimes({ jobs }: Network): (job: { job: string; slot: number }) => number {
  const cadence = new Map(Object.entries(jobs))
  return ({ job, slot }) => {
    const { everySeconds = 1, offsetMs = 0 } = cadence.get(job) ?? {}
    return slot * everySeconds * 1000 + offsetMs
  }
}

/** Of the engines that list a market: the others are told nothing. */
function enginesChains({ markets, engines }: Network): Readonly<Record<string, string>> {
  const listing = new Set(Object.values(markets).flatMap((market) => Object.keys(market.engines)))
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, { chain }]) =>
      listing.has(name) ? [[name, chain]] : [],
    ),
  )
}
