/** Text that is HTML already. Whatever is a string is no markup: {@link html} escapes it. */
export type Markup = { readonly markup: string }

type Piece = string | number | Markup | undefined | readonly Piece[]

/** HTML with pieces put in: strings as text, whatever they hold, also inside quoted attributes. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const filled = parts.map((part, at) => part + (at < pieces.length ? textOf(pieces[at]) : ''))
  return { markup: filled.join('') }
}

function textOf(piece: Piece): string {
  if (piece === undefined) return ''
  if (typeof piece === 'string') return escaped(piece)
  if (typeof piece === 'number') return String(piece)
  return 'markup' in piece ? piece.markup : piece.map(textOf).join('')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A script's or a style's own text, which HTML does not unescape: throws where it would end its element. */
export function verbatim(text: string): Markup {
  const end = /<\/(?:script|style)|<!--/i.exec(text)
  if (end) throw new TypeError(`a script or style may not hold "${end[0]}"`)
  return { markup: text }
}

/** JSON for a script element: no text in it can end the element. */
export function jsonMarkup(value: unknown): Markup {
  return verbatim(JSON.stringify(value).replaceAll('<', String.raw`\u003c`))
}
