import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'

import { nearestNames } from './nearest-names.ts'
import { terminalPage } from './terminal-page.ts'

/** Beside this file wherever it is installed. */
const folder = new URL('../../infra/runbooks/', import.meta.url)

/** No line of a page is easier to read than one of so many characters. */
const widest = 100

/** Prints the page of a rule, or all rules with what they mean, and answers the exit code. */
export async function showRunbook(rule: string | undefined): Promise<number> {
  const rules = await rulesWithPages()
  if (rule === undefined) {
    const width = Math.max(...rules.map(({ length }) => length))
    const lines = rules.map(
      async (one) => `${one.padEnd(width)}  ${firstSentence(await pageOf(one))}`,
    )
    process.stdout.write(`${(await Promise.all(lines)).join('\n')}\n`)
    return 0
  }
  if (!rules.includes(rule)) throw new UnknownRuleError(rule, nearestNames(rule, rules))
  const { stdout, env } = process
  const { NO_COLOR: noColour = '' } = env
  const bold = stdout.isTTY && noColour === ''
  const width = stdout.isTTY ? Math.min(widest, stdout.columns) : widest
  process.stdout.write(`${terminalPage(await pageOf(rule), { width, bold })}\n`)
  return 0
}

async function rulesWithPages(): Promise<readonly string[]> {
  const files = await readdir(folder)
  return files
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.slice(0, -'.md'.length))
    .toSorted()
}

async function pageOf(rule: string): Promise<string> {
  return await readFile(new URL(`${rule}.md`, folder), 'utf8')
}

function firstSentence(page: string): string {
  const [, text = ''] = page.split('\n\n')
  const [sentence = ''] = text.replaceAll('\n', ' ').split(/(?<=[.:]) /)
  return sentence.replace(/:$/, '.')
}

/** No alert has such a rule. */
class UnknownRuleError extends Error {
  override readonly name = 'UnknownRuleError'

  constructor(rule: string, nearest: readonly string[]) {
    const meant = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`
    super(`there is no rule ${rule}.${meant} starkeep runbook lists all of them.`)
  }
}
