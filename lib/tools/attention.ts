import { Argument, Command, InvalidArgumentError, Option } from 'commander'

import { byOption, fewWords } from './by-whom.ts'
import { durationArgument } from './for-option.ts'

export type AttentionOptions = {
  readonly network: string
  readonly json?: true
}

export type SilenceOptions = AttentionOptions & {
  readonly rule?: string
  readonly subject?: string
  readonly for?: number
  readonly reason?: string
  readonly by: string
  readonly deadlines?: true
}

export type AckOptions = AttentionOptions & {
  readonly for: number
  readonly note: string
  readonly by: string
}

/** `starkeep incidents`: what is open, who was told and who has it in hand. */
export function incidentsCommand(end: (code: number) => void): Command {
  const command = new Command('incidents')
    .description('Show what is wrong, who was told, who has it in hand, and what is silenced.')
    .addOption(new Option('--limit <count>', 'how many at most').argParser(count).default(50))
  return shared(
    command,
    `
Reads the store only, the worst first.

Examples:
  starkeep incidents --network .starkeep/network.yml
  starkeep incidents --network infra/networks/mainnet.yml --json
`,
  ).action(async (options: AttentionOptions & { limit: number }) => {
    const { showIncidents } = await import('./show-attention.ts')
    end(await showIncidents(options))
  })
}

/** `starkeep ack`: somebody has it in hand. */
export function ackCommand(end: (code: number) => void): Command {
  const command = new Command('ack')
    .description('Take an open alert into your hands: chats are not reminded of it for a while.')
    .addArgument(new Argument('<rule>', 'the rule, such as price-late'))
    .addArgument(new Argument('<subject>', 'what it is about, such as core:BTC-USD'))
    .addOption(
      new Option('--for <duration>', 'for so long: 30m, 4h, 1d')
        .argParser(durationArgument)
        .default(4 * 3_600_000, '4h'),
    )
    .addOption(new Option('--note <text>', 'what is being done').argParser(fewWords).default(''))
    .addOption(byOption())
  return shared(
    command,
    `
Only this occurrence is meant: one that comes again is told again. That it worsens, and that it is over, is told all the same.

Examples:
  starkeep ack price-late core:BTC-USD --network infra/networks/mainnet.yml --note 'restarting the node'
  starkeep ack chain-stalled starknet --for 1d --network infra/networks/mainnet.yml
`,
  ).action(async (rule: string, subject: string, options: AckOptions) => {
    const { showAcknowledged } = await import('./show-attention.ts')
    end(await showAcknowledged(rule, subject, options))
  })
}

/** `starkeep silence`: nobody is told of something for a while. */
export function silenceCommand(end: (code: number) => void): Command {
  const command = new Command('silence')
    .description('Tell nobody of something for a while; without options, show what is silenced.')
    .addArgument(new Argument('[act]', 'end one before its time').choices(['end']))
    .addArgument(new Argument('[id]', 'of the silence that ends'))
    .option('--rule <pattern>', "of the rule's name: * is anything, ? one character")
    .option('--subject <pattern>', 'of what it is about, likewise')
    .addOption(
      new Option('--for <duration>', 'for so long: 30m, 4h, 1d').argParser(durationArgument),
    )
    .addOption(new Option('--reason <text>', 'why, for whoever reads it later').argParser(fewWords))
    .option('--deadlines', 'also rules that count down to a deadline on a chain')
    .addOption(byOption())
  return shared(
    command,
    `
What is open when a silence ends is told then. Who has heard of a beginning hears of its end also meanwhile.

Examples:
  starkeep silence --rule 'venue-*' --subject '*kraken*' --for 2h --reason 'their maintenance' --network infra/networks/mainnet.yml
  starkeep silence --network infra/networks/mainnet.yml
  starkeep silence end k3f9 --network infra/networks/mainnet.yml
`,
  ).action(async (act: 'end' | undefined, id: string | undefined, options: SilenceOptions) => {
    const { showSilences, showSilenced, showEnded } = await import('./show-attention.ts')
    if (act === 'end')
      return end(await showEnded(id ?? command.error('error: say which silence ends'), options))
    if (options.rule === undefined && options.subject === undefined)
      return end(await showSilences(options))
    const forMs = options.for ?? command.error('error: --for is required: say for how long')
    const reason =
      options.reason ??
      command.error('error: --reason is required: say why, for whoever reads it later')
    end(await showSilenced({ ...options, for: forMs, reason }))
  })
}

function shared(command: Command, help: string): Command {
  return command
    .requiredOption('--network <file>', 'the network file')
    .option('--json', 'everything, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('expected 1, 2, 3, …')
  return Number(text)
}
