import * as z from 'zod'

import type { LocalNetwork } from '../../infra/local/local-network.ts'
import type { LedgerRow } from '../../lib/domain/pnl/ledger-row.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { World } from '../../lib/runtime/compose.ts'
import type { JobName } from '../../lib/runtime/network/job-names.ts'
import { runOnce } from '../../lib/runtime/run.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { type Balances, withoutNothing } from '../keepers/books/starkex-accounts.ts'

const amount = z.string().transform((text) => BigInt(text))
const Positions = z.record(
  z.string(),
  z.object({ collateral: amount, assets: z.record(z.string(), amount) }),
)

/** As the exchange itself has them. */
async function balances(admin: string): Promise<Balances> {
  const positions = Positions.parse(await (await fetch(`${admin}/positions`)).json())
  return withoutNothing(
    Object.fromEntries(
      Object.entries(positions).map(([id, { collateral, assets }]) => [
        id,
        { collateral, ...assets },
      ]),
    ),
  )
}

const market = ['publish-prices', 'push-prices', 'index-positions', 'liquidate'] as const

/** Lets prices fall until somebody on the StarkEx exchange was liquidated there, and books that. */
export async function crashAndBook({
  network: { places },
  world,
}: {
  readonly network: LocalNetwork
  readonly world: World
}): Promise<{
  readonly before: Balances
  readonly after: Balances
  readonly rows: readonly LedgerRow[]
}> {
  const { ledger, intents } = world.ports.store
  const [admin = '', venues = ''] = [places['starkex admin'], places['venues']]
  const before = await balances(admin)
  const crash = { kind: 'crash', by: 0.1, withinMs: 1_000 }
  await fetch(`${venues}/scenarios`, { method: 'POST', body: JSON.stringify(crash) })
  const until = wallClock.now() + 60_000
  const isTaken = async (): Promise<boolean> =>
    (await intents.recent('starkex/local-perps', 100)).some(
      ({ action, state }) => action.kind === 'liquidate' && state.kind === 'included',
    )
  while (!(await isTaken()) && wallClock.now() < until) await pass(world, market)
  // A batch counts once another one follows.
  const close = async () => fetch(`${admin}/batches`, { method: 'POST' })
  await close()
  await close()
  const rows = async () => ledger.between('starkex', timestamp(0), timestamp(wallClock.now()))
  while ((await rows()).length === 0 && wallClock.now() < until)
    await pass(world, ['deliver-outbox', 'keep-books'])
  return { before, after: await balances(admin), rows: await rows() }
}

/** One slot of each. */
async function pass(world: World, jobs: readonly JobName[]): Promise<void> {
  await wallClock.sleep(1_000 - (wallClock.now() % 1_000) + 50)
  await runOnce({ world, jobs, notify: () => undefined })
}
