/** A page of infra/runbooks as a terminal shows it: wrapped anew, without marks; links name the rule that they lead to. */
export function terminalPage(
  markdown: string,
  { width, bold }: { readonly width: number; readonly bold: boolean },
): string {
  const blocks = markdown.trim().split(/\n{2,}/)
  return blocks
    .map((block) =>
      itemsOf(block)
        .map((item) => wrapped(item, width))
        .join('\n'),
    )
    .map((text) => shown(text, bold))
    .join('\n\n')
}

type Item = { readonly mark: string; readonly text: string }

/** The items of a list, or the paragraph itself. */
function itemsOf(block: string): readonly Item[] {
  return block.split(/\n(?=- |\d+\. )/).map((lines) => {
    const [, mark = '', text = ''] = /^(- |\d+\. |)([^]*)$/.exec(lines) ?? []
    return { mark, text: plainLinks(text.replaceAll(/\s+/g, ' ')) }
  })
}

function plainLinks(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
}

function wrapped({ mark, text }: Item, width: number): string {
  const indent = ' '.repeat(mark.length)
  const lines: string[] = []
  let line = mark
  for (const word of text.split(' ')) {
    const next = line.trim() === mark.trim() ? `${line}${word}` : `${line} ${word}`
    if (next.length > width && line.trim() !== mark.trim()) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = next
  }
  return [...lines, line].join('\n')
}

function shown(text: string, bold: boolean): string {
  const strong = bold ? '\u001B[1m$1\u001B[22m' : '$1'
  return text.replace(/^# (.+)$/, strong).replaceAll(/\*\*([^*]+)\*\*/g, strong)
}
