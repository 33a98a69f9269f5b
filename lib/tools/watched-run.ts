import { StoreUnavailableError } from '../adapters/store/unavailable.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Notify } from '../keepers/notice.ts'
import type { World } from '../runtime/compose.ts'
import { accountsOf } from '../runtime/network/accounts.ts'
import type { Network } from '../runtime/network/schema.ts'
import type { Account } from './account.ts'
import { type EndFacts, startTally, type Summary } from './summary.ts'

/** Tells and adds up what a run says while it goes, and asks the store at its end what is left. */
export type WatchedRun = {
  readonly notify: Notify
  /** `at`: when the run was to end; work that began before it and is not due yet is under way, not late. */
  readonly summary: (at?: Timestamp) => Promise<Summary>
}

export function watchRun(
  world: World,
  { account, sends }: { readonly account: Account; readonly sends: boolean },
): WatchedRun {
  const { network, ports } = world
  const tally = startTally({
    begunAt: ports.clock.now(),
    slotAt: slotTimes(network),
    chainOf: enginesChains(network),
    batched: Object.entries(network.engines).flatMap(([name, { kind }]) =>
      kind === 'starkex' ? [name] : [],
    ),
    sends,
  })
  return {
    notify(notice) {
      tally.add(notice)
      account.notice(notice)
    },
    summary: async (at = ports.clock.now()) => tally.summary({ at, ...(await whatIsLeft(world)) }),
  }
}

/** A store that is gone cannot be asked, and the run has an end all the same. */
async function whatIsLeft(world: World): Promise<Omit<EndFacts, 'at'>> {
  try {
    return await whatIsOpen(world)
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    return { openIntents: [], openIncidents: [], unread: error.message }
  }
}

async function whatIsOpen({ network, ports }: World) {
  const { store } = ports
  const lanes = Object.entries(network.chains).flatMap(([name, chain]) =>
    accountsOf(chain).map(({ account }) => `${name}/${account.address}`),
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
