import { Argument, Command, InvalidArgumentError, Option } from 'commander'

import type { BatchAct } from './batch-by-hand.ts'
import { byOption, fewWords } from './by-whom.ts'

/** What every command about batches is told. */
export type BatchOptions = {
  readonly network: string
  readonly lane?: string
  readonly json?: true
  readonly by: string
  readonly reason?: string
}

const batchesHelp = `
Without a word it reads the store only: those on the way first, the oldest first, then those that ended last.

hold    begins and settles nothing more in the lane until it is released; what is under way is followed
release lets it go on

Both are kept in the store with who and why. Work goes on in the next slot of prove-batches.

Examples:
  starkeep batches --network .starkeep/network.yml
  starkeep batches hold --network infra/networks/sepolia.yml --lane appchain --reason 'the verifier is upgraded'
`

/** `starkeep batches`: how all batches are, and holding a whole lane. */
export function batchesCommand(end: (code: number) => void): Command {
  const command = new Command('batches')
    .description('Show batches on their way to a settled proof; hold or release a lane.')
    .addArgument(new Argument('[act]', 'what to do with the lane').choices(['hold', 'release']))
    .addOption(
      new Option('--limit <count>', 'how many are shown of each lane').argParser(count).default(40),
    )
  return shared(command, batchesHelp).action(
    async (act: 'hold' | 'release' | undefined, options: BatchOptions & { limit: number }) => {
      const { showBatches, actOnLane } = await import('./show-batches.ts')
      if (act === undefined) return end(await showBatches(options))
      end(await actOnLane(act, { ...options, reason: reasonIn(command, options) }))
    },
  )
}

const batchHelp = `
Without a word after the number it reads the store only: all of the batch, each step of its way, and why it waits.

retry   goes on from where it waits for a human, with as many tries as at first; --anew: with a new proof
hold    begins and settles nothing more for it until it is released; what is under way is followed
release lets it go on

What is done is kept in the batch's own history with who and why. Work goes on in the next slot of prove-batches.

Examples:
  starkeep batch 12 --network .starkeep/network.yml
  starkeep batch 12 retry --anew --network infra/networks/sepolia.yml --reason 'the prover lost it'
`

/** `starkeep batch <n>`: all of one batch, and what a human decides about it. */
export function batchCommand(end: (code: number) => void): Command {
  const command = new Command('batch')
    .description('Show one batch and its way; retry, hold or release it.')
    .addArgument(new Argument('<number>', 'its number in its lane').argParser(count))
    .addArgument(new Argument('[act]', 'what to do with it').choices(['retry', 'hold', 'release']))
    .option('--anew', 'with retry: prove it once more, whatever there is of a proof')
  return shared(command, batchHelp).action(
    async (
      number: number,
      act: BatchAct['kind'] | undefined,
      options: BatchOptions & { anew?: true },
    ) => {
      if (options.anew && act !== 'retry') command.error('error: --anew goes with retry')
      const { showBatch, actOnBatch } = await import('./show-batches.ts')
      if (act === undefined) return end(await showBatch(number, options))
      const reason = reasonIn(command, options)
      const anew = options.anew === true
      end(await actOnBatch(number, { kind: act, anew }, { ...options, reason }))
    },
  )
}

function shared(command: Command, help: string): Command {
  return command
    .requiredOption('--network <file>', 'the network file')
    .option('--lane <name>', 'the proving lane, where there is more than one')
    .addOption(byOption())
    .addOption(new Option('--reason <text>', 'why, for whoever reads it later').argParser(fewWords))
    .option('--json', 'everything, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
}

function reasonIn(command: Command, { reason }: BatchOptions): string {
  return reason ?? command.error('error: --reason is required: say why, for whoever reads it later')
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected 1, 2, 3, …')
  return Number(text)
}
