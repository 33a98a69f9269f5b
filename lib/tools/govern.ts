import { Command, InvalidArgumentError, Option } from 'commander'

import { byOption, fewWords } from './by-whom.ts'
import { durationArgument } from './for-option.ts'

export type GovernOptions = { readonly network: string; readonly json?: true }

export type StepOptions = GovernOptions & { readonly by: string; readonly why: string }

export type ProposeOptions = StepOptions & {
  readonly set: Readonly<Record<string, unknown>>
  readonly shadow?: true
}

export type ActivateOptions = StepOptions & { readonly in: number; readonly force?: true }

export type EmergencyOptions = StepOptions & {
  readonly set: Readonly<Record<string, unknown>>
  readonly for: number
}

export type ApproveOptions = StepOptions & { readonly key: string }

export type ReportOptions = GovernOptions & { readonly out?: string }

export type ParametersOptions = GovernOptions & { readonly match?: string }

/** `starkeep govern`: parameters change in phases. */
export function governCommand(end: (code: number) => void): Command {
  return new Command('govern')
    .description(
      'Change parameters in phases: propose, shadow, approve, activate, probation, roll back.',
    )
    .addHelpText(
      'after',
      `
A proposal first decides beside the active set and does nothing (shadow). What it would have done otherwise is in the
report. It becomes active at a moment in the future, for every worker at the same slot, and is on probation then: guards
take it back by themselves where its numbers turn bad.

Examples:
  starkeep govern status --network .starkeep/network.yml
  starkeep govern propose --network .starkeep/network.yml --set markets.BTC-USD.push.deviationBps=25 --why "fewer pushes" --shadow
  starkeep govern activate --network .starkeep/network.yml --why "an hour in shadow, no difference in price" --in 60s
  starkeep govern roll-back --network .starkeep/network.yml --why "too few pushes"
`,
    )
    .addCommand(statusCommand(end), { isDefault: true })
    .addCommand(parametersCommand(end))
    .addCommand(proposeCommand(end))
    .addCommand(plainStep('shadow', 'Let the proposal decide beside the active set.', end))
    .addCommand(reportCommand(end))
    .addCommand(approveCommand(end))
    .addCommand(activateCommand(end))
    .addCommand(
      plainStep('withdraw', 'Take back a proposal, or an activation that has not come yet.', end),
    )
    .addCommand(
      plainStep(
        'roll-back',
        'Take back the active set: the one before holds within a second.',
        end,
      ),
    )
    .addCommand(emergencyCommand(end))
}

function statusCommand(end: (code: number) => void): Command {
  return shared(
    new Command('status').description('Show which set holds, what is proposed, and every step.'),
  ).action(async (options: GovernOptions) => {
    const { showGovernance } = await import('./show-govern.ts')
    end(await showGovernance(options))
  })
}

function parametersCommand(end: (code: number) => void): Command {
  return shared(
    new Command('parameters')
      .description('Show every parameter with its value, bounds, unit and reason.')
      .option('--match <text>', 'only those whose place has this in it, such as BTC-USD or push'),
  ).action(async (options: ParametersOptions) => {
    const { showParameters } = await import('./show-govern.ts')
    end(await showParameters(options))
  })
}

function proposeCommand(end: (code: number) => void): Command {
  return step(
    new Command('propose')
      .description('Propose other values. All else stays as it is in the active set.')
      .addOption(setOption())
      .option('--shadow', 'begin its shadow run at once'),
  ).action(async (options: ProposeOptions) => {
    const { showProposed } = await import('./show-govern.ts')
    end(await showProposed(options))
  })
}

function reportCommand(end: (code: number) => void): Command {
  return shared(
    new Command('report')
      .description('Show what the proposal would have done otherwise while it was in shadow.')
      .option('--out <file>', 'write a page with plots there'),
  ).action(async (options: ReportOptions) => {
    const { showReport } = await import('./show-govern.ts')
    end(await showReport(options))
  })
}

function approveCommand(end: (code: number) => void): Command {
  return step(
    new Command('approve')
      .description('Sign the proposal as one of the approvers that the network file names.')
      .requiredOption('--key <reference>', 'your key: file:<path>, secretsmanager:… or kms:…'),
  ).action(async (options: ApproveOptions) => {
    const { showApproved } = await import('./show-govern.ts')
    end(await showApproved(options))
  })
}

function activateCommand(end: (code: number) => void): Command {
  return step(
    new Command('activate')
      .description('Make the proposal active at a moment in the future.')
      .addOption(
        new Option('--in <duration>', 'how far ahead: 60s, 5m, 2h')
          .argParser(durationArgument)
          .default(60_000, '60s'),
      )
      .option('--force', 'although its shadow run speaks against it; the step says so'),
  ).action(async (options: ActivateOptions) => {
    const { showActivated } = await import('./show-govern.ts')
    end(await showActivated(options))
  })
}

function emergencyCommand(end: (code: number) => void): Command {
  return step(
    new Command('emergency')
      .description('More careful values at once, for a while, without shadow and approvals.')
      .addOption(setOption())
      .addOption(
        new Option('--for <duration>', 'for so long: 30m, 4h')
          .argParser(durationArgument)
          .default(3_600_000, '1h'),
      ),
  ).action(async (options: EmergencyOptions) => {
    const { showEmergency } = await import('./show-govern.ts')
    end(await showEmergency(options))
  })
}

function plainStep(
  name: 'shadow' | 'withdraw' | 'roll-back',
  description: string,
  end: (code: number) => void,
): Command {
  return step(new Command(name).description(description)).action(async (options: StepOptions) => {
    const { showStep } = await import('./show-govern.ts')
    end(await showStep(name, options))
  })
}

function setOption(): Option {
  return new Option('--set <place=value...>', 'a place in the network file, and its value')
    .argParser(assignment)
    .makeOptionMandatory()
}

/** `markets.BTC-USD.push.deviationBps=25`; a value is as in YAML: a number, a text, or a list in brackets. */
export function assignment(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const at = text.indexOf('=')
  const [path, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (at < 1 || value === '')
    throw new InvalidArgumentError('expected place=value, such as markets.BTC-USD.minSources=7')
  if (Object.hasOwn(before, path)) throw new InvalidArgumentError(`${path} is there twice`)
  return { ...before, [path]: valueOf(value) }
}

function valueOf(text: string): unknown {
  const list = /^\[(.*)\]$/s.exec(text)?.[1]
  if (list !== undefined)
    return list
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function step(command: Command): Command {
  return shared(command)
    .addOption(byOption())
    .addOption(
      new Option('--why <text>', 'the reason, kept for ever')
        .argParser(fewWords)
        .makeOptionMandatory(),
    )
}

function shared(command: Command): Command {
  return command
    .requiredOption('--network <file>', 'the network file')
    .option('--json', 'print JSON')
}
