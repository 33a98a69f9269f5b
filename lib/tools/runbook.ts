import { Argument, Command } from 'commander'

const help = `
Each alert has a rule, the first word of its message. Without one all rules are listed.

Examples:
  starkeep runbook
  starkeep runbook chain-stalled
`

export function runbookCommand(end: (code: number) => void): Command {
  return new Command('runbook')
    .description('Show what an alert means, what is lost, where to look and what to do.')
    .addArgument(new Argument('[rule]', 'the rule of the alert'))
    .addHelpText('after', help)
    .action(async (rule: string | undefined) => {
      const { showRunbook } = await import('./show-runbook.ts')
      end(await showRunbook(rule))
    })
}
