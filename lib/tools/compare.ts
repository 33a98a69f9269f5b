import { Command } from 'commander'

export type CompareOptions = { readonly out: string }

const help = `
Takes the folders that starkeep backtest wrote, or their result.json. Names what was changed between the two and what it did to each
number, and puts every chart of both side by side on the same axes. The page needs nothing else: no network, no other file.

Example:
  starkeep compare narrow wide --out compared.html
`

export function compareCommand(end: (code: number) => void): Command {
  return new Command('compare')
    .description('Compare two backtests: what was changed, and what it did, as one page.')
    .argument('<one>', 'the folder of a backtest, or its result.json')
    .argument('<other>', 'the other one')
    .requiredOption('--out <file>', 'where the page goes')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (one: string, other: string, options: CompareOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showComparison } = await import('./show-comparison.ts')
      end(showComparison(one, other, options))
    })
}
