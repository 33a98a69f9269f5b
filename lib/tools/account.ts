import type { Notice } from '../keepers/notice.ts'
import { newsFilter } from './news.ts'
import { noticeJson } from './notice-json.ts'
import { noticeLine } from './notice-line.ts'
import { summaryLines } from './summary-lines.ts'
import type { Summary } from './summary.ts'

/** What a command tells on standard output: lines for a person, or one JSON object per line. */
export type Account = {
  /** What happens before the first tick, or after the last. */
  readonly progress: (message: string) => void
  /** Where things are, once all runs. */
  readonly ready: (places: Readonly<Record<string, string>>) => void
  readonly notice: (notice: Notice) => void
  /** What the terminal channel delivers. */
  readonly alert: (line: string) => void
  readonly summary: (summary: Summary) => void
}

type Output = { readonly isTTY?: boolean; write(text: string): unknown }

export type AccountOptions = {
  readonly output: Output
  readonly json: boolean
  readonly verbose: boolean
  /** Also what is no news: whoever asks for one pass wants to see what each job did. */
  readonly everything?: boolean
  /** `NO_COLOR` is set (https://no-color.org). */
  readonly noColour: boolean
}

export function openAccount(options: AccountOptions): Account {
  return options.json ? jsonAccount(options) : humanAccount(options)
}

function jsonAccount({ output }: AccountOptions): Account {
  const write = (value: object): void => void output.write(`${JSON.stringify(value)}\n`)
  return {
    progress: (message) => write({ kind: 'progress', message }),
    ready: (places) => write({ kind: 'ready', ...places }),
    notice: (notice) => write(noticeJson(notice)),
    alert: (message) => write({ kind: 'alert', message }),
    summary: write,
  }
}

function humanAccount({
  output,
  verbose,
  noColour,
  everything = verbose,
}: AccountOptions): Account {
  const colour = output.isTTY === true && !noColour
  const write = (line: string): void => void output.write(`${line}\n`)
  const isNews = newsFilter()
  return {
    progress: write,
    ready(places) {
      write('')
      for (const [name, place] of Object.entries(places)) write(`  ${name.padEnd(14)} ${place}`)
      write('')
    },
    notice(notice) {
      if (!isNews(notice) && !everything) return
      const line = noticeLine(notice, { colour, verbose })
      if (line !== undefined) write(line)
    },
    // The incident's own line stands there already.
    alert: (line) => (verbose ? write(line) : undefined),
    summary: (summary) => summaryLines(summary, { colour }).forEach(write),
  }
}
