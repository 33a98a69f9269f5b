import { writeFile } from 'node:fs/promises'
import process from 'node:process'

import { venues } from '../adapters/venues/index.ts'
import { activeAt, type Governance } from '../domain/parameters/governance.ts'
import { exactJson } from '../keepers/exact-json.ts'
import { compose } from '../runtime/compose.ts'
import { openKeys } from '../runtime/keys.ts'
import { knownParameters } from '../runtime/parameters/check-parameters.ts'
import { governanceDesk, type GovernanceDesk } from '../runtime/parameters/desk.ts'
import { setsInUse } from '../runtime/parameters/sets-in-use.ts'
import { shadowReportOf } from '../runtime/parameters/shadow-report-of.ts'
import { parseReference } from '../runtime/reference.ts'
import { openSecrets } from '../runtime/secrets.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { governanceLines, parameterLines, stepLine } from './govern-lines.ts'
import type {
  ActivateOptions,
  ApproveOptions,
  EmergencyOptions,
  GovernOptions,
  ParametersOptions,
  ProposeOptions,
  ReportOptions,
  StepOptions,
} from './govern.ts'
import { readNetwork } from './read-network.ts'
import { shadowReportLines } from './report/shadow-lines.ts'
import { shadowReportPage } from './report/shadow-page.ts'
import { fromStore } from './silent-store.ts'

/** Whoever decides needs no secret but his own. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

/** Prints where the parameters stand, and answers the exit code. */
export async function showGovernance(options: GovernOptions): Promise<number> {
  return await atDesk(options, async (desk) => {
    const [standing, against] = await Promise.all([desk.standing(), desk.against()])
    const { values: _values, ...shown } = standing
    print(options, { ...shown, against }, governanceLines(standing, against, wallClock.now()))
  })
}

/** Prints every parameter of the active set. */
export async function showParameters(options: ParametersOptions): Promise<number> {
  const { match = '' } = options
  return await inWorld(options, async ({ network, store }) => {
    const stands = await store.governance.read()
    const set = stands && activeAt(stands, wallClock.now())
    const under = await setsInUse(network, store).under(set)
    const found = knownParameters(under.network).filter(({ path }) => path.includes(match))
    if (found.length === 0) throw new NoSuchParameterError(match)
    print(options, { set, parameters: found }, parameterLines(found))
  })
}

/** Prints what the proposal would have done otherwise. */
export async function showReport(options: ReportOptions): Promise<number> {
  return await inWorld(options, async ({ network, store }) => {
    const report = await shadowReportOf(network, store, wallClock.now())
    if (!report) throw new NothingInShadowError()
    if (options.out !== undefined) await writeFile(options.out, shadowReportPage(report))
    print(options, report, [
      ...shadowReportLines(report),
      ...(options.out === undefined ? [] : [`with plots: ${options.out}`]),
    ])
  })
}

/** Prints the proposal. */
export async function showProposed(options: ProposeOptions): Promise<number> {
  return await atDesk(options, async (desk) => {
    const proposed = await desk.propose(options.set, options)
    printStep(options, options.shadow ? await desk.shadow(options) : proposed)
  })
}

/** Prints the step. */
export async function showStep(
  name: 'shadow' | 'withdraw' | 'roll-back',
  options: StepOptions,
): Promise<number> {
  return await atDesk(options, async (desk) => {
    switch (name) {
      case 'shadow':
        return printStep(options, await desk.shadow(options))
      case 'withdraw':
        return printStep(options, await desk.withdraw(options))
      case 'roll-back': {
        const { active } = await desk.standing()
        return printStep(options, await desk.rollBack({ ...options, of: active?.number ?? 0 }))
      }
    }
  })
}

/** Prints who approved what. */
export async function showApproved(options: ApproveOptions): Promise<number> {
  const reference = parseReference(options.key)
  if (!reference) throw new KeyOptionError()
  return await atDesk(options, async (desk) => {
    // Relative to where the command is run: it is the approver's own key, and none of the network's.
    const secrets = openSecrets({ directory: process.cwd(), region: undefined })
    const key = await openKeys({ secrets }).evm(reference)
    printStep(options, await desk.approve({ ...options, key }))
  })
}

/** Prints from when it holds. */
export async function showActivated(options: ActivateOptions): Promise<number> {
  const { in: inMs, force = false } = options
  return await atDesk(options, async (desk) => {
    printStep(options, await desk.activate({ ...options, inMs, isForced: force }))
  })
}

/** Prints until when it holds. */
export async function showEmergency(options: EmergencyOptions): Promise<number> {
  return await atDesk(options, async (desk) => {
    printStep(options, await desk.emergency(options.set, { ...options, forMs: options.for }))
  })
}

async function atDesk(
  options: GovernOptions,
  act: (desk: GovernanceDesk) => Promise<void>,
): Promise<number> {
  return await inWorld(options, async ({ network, store }) => {
    const known = { venueNames: venues.map(({ name }) => name) }
    await act(governanceDesk({ network, known, clock: wallClock, store }))
  })
}

type Places = Pick<Awaited<ReturnType<typeof compose>>, 'network'> & {
  readonly store: Awaited<ReturnType<typeof compose>>['ports']['store']
}

async function inWorld(
  { network: file }: GovernOptions,
  act: (places: Places) => Promise<void>,
): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    await fromStore(world, file, async () => act({ network, store: world.ports.store }))
    return 0
  } finally {
    await world.close()
  }
}

function printStep(options: GovernOptions, stands: Governance): void {
  print(options, stands, [stepLine(stands.event)])
}

function print({ json }: GovernOptions, value: unknown, lines: readonly string[]): void {
  process.stdout.write(`${json ? exactJson(value) : lines.join('\n')}\n`)
}

/** There is nothing to report of. */
class NothingInShadowError extends Error {
  override readonly name = 'NothingInShadowError'

  constructor() {
    super('nothing is in shadow; `starkeep govern propose … --shadow` begins a shadow run')
  }
}

/** No place in the network file has that in it. */
class NoSuchParameterError extends Error {
  override readonly name = 'NoSuchParameterError'

  constructor(match: string) {
    super(`--match: no parameter has ${match} in its place; without --match all are listed`)
  }
}

/** The option names no key. */
class KeyOptionError extends Error {
  override readonly name = 'KeyOptionError'

  constructor() {
    super(
      '--key: expected file:<path>, secretsmanager:<name> or kms:<key ARN>, and never the key itself',
    )
  }
}
