import { Command } from 'commander'

export type DoctorOptions = {
  readonly network: string
  readonly testMessage?: true
  readonly json?: true
}

const help = `
Looks, in this order, at: keys and secrets; chains, exchanges and contracts, as every start does; each node of each chain,
and those of watched systems; this machine's clock; the money for fees; the store, by a row that it takes and gives back,
and the queue; and who is told of alerts. It sends no transaction, and no message without --test-message.
With a store in AWS it uses your rights there: those of the functions are in serverless.yml.

Exit code: 1 where something is wrong, otherwise 0. A warning is for a person to judge.

Examples:
  starkeep doctor --network .starkeep/network.yml
  starkeep doctor --network infra/networks/mainnet.yml --json
  starkeep doctor --network node.yml --test-message
`

export function doctorCommand(end: (code: number) => void): Command {
  return new Command('doctor')
    .description(
      'Check that everything a network file names is there and fits, and say how to mend it.',
    )
    .requiredOption('--network <file>', 'the network file')
    .option('--test-message', 'send a message to every alert channel, and say that it is over')
    .option('--json', 'all findings, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (options: DoctorOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { runDoctor } = await import('./doctor/run-doctor.ts')
      end(await runDoctor(options))
    })
}
