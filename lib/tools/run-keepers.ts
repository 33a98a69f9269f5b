import { kzgThread } from '../adapters/kzg/kzg-thread.ts'
import { checkLiquidators } from '../runtime/check-liquidators.ts'
import { checkWorld } from '../runtime/check-world.ts'
import { compose, type World } from '../runtime/compose.ts'
import type { ServedApp } from '../runtime/http/serve-app.ts'
import { jobsAskedFor } from '../runtime/jobs-asked-for.ts'
import type { JobName } from '../runtime/network/job-names.ts'
import { runOnce } from '../runtime/run.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import type { Account } from './account.ts'
import { accountOnStdout } from './output.ts'
import { readNetwork } from './read-network.ts'
import { runUntil } from './run-until.ts'
import type { RunOptions } from './run.ts'
import { fromStore } from './silent-store.ts'
import { stopSignals } from './stop-signals.ts'
import type { Summary } from './summary.ts'
import { UnfitWorldError } from './unfit-world.ts'
import { watchRun } from './watched-run.ts'

/** Runs keepers of a network file, once or until stopped, and answers the exit code. */
export async function runKeepers(
  asked: readonly JobName[] | 'all',
  options: RunOptions,
): Promise<number> {
  const { network: file, once = false, dryRun = false, json = false, verbose = false } = options
  const account = accountOnStdout({ json, verbose, everything: once || verbose })
  const { network, directory } = await readNetwork(file)
  const jobs = jobsAskedFor(network, asked)
  const stops = stopSignals()
  const world = await compose({
    network,
    directory,
    clock: wallClock,
    dryRun,
    cutOff: stops.cutOff,
    kzg: kzgThread(),
    write: account.alert,
  })
  try {
    const problems = await problemsOf(world, asked)
    stops.signal.throwIfAborted()
    if (problems.length > 0) throw new UnfitWorldError(file, problems)
    await fromStore(world, file, () => world.ports.store.incidents.open())
    await using ending = new AsyncDisposableStack()
    const served = await servedReports(world, options)
    if (served) ending.defer(async () => served.close())
    const page = await servedPage(world, options)
    if (page) ending.defer(async () => page.close())
    if (served ?? page)
      account.ready({
        ...(page && { page: page.url }),
        ...(served && { reports: `${served.url}/reports` }),
      })
    const sends = !dryRun
    const summary = once
      ? await onePass({ world, jobs, account, sends, signal: stops.signal })
      : await runUntil({
          world,
          jobs,
          account,
          sends,
          signal: stops.signal,
          forMs: options.for,
        })
    account.summary(summary)
    return summary.ok ? 0 : 1
  } finally {
    await world.close()
    stops.release()
  }
}

/** An operator's exchange goes without its liquidations for a while; who wants to liquidate alone wants to know why not. */
async function problemsOf(
  world: World,
  asked: readonly JobName[] | 'all',
): Promise<readonly string[]> {
  const problems = await checkWorld(world)
  return problems.length === 0 && asked.includes('liquidate')
    ? await checkLiquidators(world)
    : problems
}

/** For peers on this machine, or behind a proxy of its own that speaks HTTPS to all others. */
async function servedReports(
  { network, ports }: World,
  { reportsPort: port }: RunOptions,
): Promise<ServedApp | undefined> {
  if (port === undefined) return undefined
  // Loaded where it is needed only.
  const [{ serveApp }, { reportsApp }, { reportsData }] = await Promise.all([
    import('../runtime/http/serve-app.ts'),
    import('../runtime/reports/reports-app.ts'),
    import('../runtime/reports/reports-data.ts'),
  ])
  const app = reportsApp(reportsData({ network, ...ports }))
  const named = { what: 'the reports', option: '--reports-port' }
  return await serveApp({ app, port, host: '127.0.0.1', named })
}

async function servedPage(
  world: World,
  { pagePort: port }: RunOptions,
): Promise<ServedApp | undefined> {
  if (port === undefined) return undefined
  // Loaded where it is needed only.
  const { servePage } = await import('./serve-page.ts')
  return await servePage(world, { port, host: '127.0.0.1', option: '--page-port' })
}

/** One pass is done when everything that it began is. */
async function onePass(pass: {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly account: Account
  readonly sends: boolean
  readonly signal: AbortSignal
}): Promise<Summary> {
  const { notify, summary } = watchRun(pass.world, pass)
  const { ok } = await runOnce({ ...pass, notify })
  const told = await summary()
  if (ok || !told.ok) return told
  return { ...told, ok, broken: ['not everything that was to do is done yet'] }
}
