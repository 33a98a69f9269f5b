import { styleText } from 'node:util'

/** What it needs of a terminal. */
export type Terminal = {
  readonly columns: number
  readonly rows: number
  write(text: string): unknown
}

/** Lines that are drawn again and again in one place, beside what the terminal showed before. */
export type LiveScreen = {
  draw(lines: readonly string[]): void
  /** Gives the terminal back as it was. */
  close(): void
}

const toOther = '\u001B[?1049h\u001B[?25l'
const back = '\u001B[?25h\u001B[?1049l'
const home = '\u001B[H'
const restOfLine = '\u001B[K'
const restOfScreen = '\u001B[J'

export function liveScreen(
  terminal: Terminal,
  { colour }: { readonly colour: boolean },
): LiveScreen {
  terminal.write(toOther)
  return {
    draw(lines) {
      const fitting = cutToFit(lines, terminal)
      const drawn = fitting.map((line) => `${colour ? painted(line) : line}${restOfLine}`)
      terminal.write(`${home}${drawn.join('\r\n')}${restOfScreen}`)
    },
    close: () => void terminal.write(back),
  }
}

/** A line that wraps, or one too many, would move all others. */
function cutToFit(lines: readonly string[], { columns, rows }: Terminal): readonly string[] {
  const cut = lines.map((line) =>
    line.length <= columns ? line : `${line.slice(0, columns - 1)}…`,
  )
  if (cut.length <= rows) return cut
  const left = cut.length - (rows - 1)
  return [...cut.slice(0, rows - 1), `… ${left} more lines; a higher window shows them`]
}

function painted(line: string): string {
  const words = line.trimStart()
  if (words.startsWith('critical')) return paint('red', line)
  if (/^warning|\(late\)|out of bounds|^not seen|^setting /.test(words))
    return paint('yellow', line)
  return line.startsWith(' ') ? line : paint('bold', line)
}

function paint(style: 'red' | 'yellow' | 'bold', line: string): string {
  return styleText(style, line, { validateStream: false })
}
