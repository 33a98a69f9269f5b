import { Argument, Command } from 'commander'

export type WatchOptions = {
  readonly once?: true
  readonly json?: true
  readonly verbose?: true
}

const help = `
Needs no key: a watcher's network file has only watched, jobs, alerts and store, such as infra/networks/watcher.yml.
Where somebody looks at these systems already and keeps what was seen in the file's store, that is shown. Where not, this
process looks itself, as often as jobs say, beginning with what the store remembers; it keeps what it sees in memory, writes
nothing and tells no channel: that is what "starkeep run all" is for.

In a terminal the table is drawn anew in its place, until Ctrl-C; elsewhere each look is a line.

Exit code of --once: 1 where a critical alert about a watched system is open, otherwise 0.

Examples:
  starkeep watch watcher/network.yml
  starkeep watch watcher/network.yml --once
  starkeep watch watcher/network.yml --json
`

export function watchCommand(end: (code: number) => void): Command {
  const command = new Command('watch')
    .description(
      'Show systems that are only watched: blocks, progress, deadlines, changes, alerts.',
    )
    .addArgument(new Argument('[file]', 'the network file'))
    .option('--network <file>', 'the same, as other commands take it')
    .option('--once', 'one look at each, then the end')
    .option('--json', 'one JSON object per look, settings included')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
  return command.action(
    async (named: string | undefined, options: WatchOptions & { readonly network?: string }) => {
      const file = named ?? options.network ?? command.error('error: name a network file')
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showWatch } = await import('./show-watch.ts')
      end(await showWatch(file, options))
    },
  )
}
