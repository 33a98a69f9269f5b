/**
 * The code of a TypeScript file with everything blanked that only looks like code: comments, and what is between the
 * quotes of strings, templates and regular expressions. Every offset and line stays what it was.
 */
export function codeOnly(text: string): string {
  let code = ''
  // One for each template that is open: how many braces are open inside its `${`.
  const templates: number[] = []
  while (code.length < text.length) {
    const piece = pieceAt(text, code, templates)
    code += piece.isCode ? piece.text : blank(piece.text)
  }
  return code
}

type Piece = { readonly text: string; readonly isCode: boolean }

const comment = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y
const quoted = /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/y
const regExp = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y
/** From the opening quote, or the brace that ends an expression, to the closing quote or the next expression. */
const template = /[`}](?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y

function pieceAt(text: string, code: string, templates: number[]): Piece {
  const at = code.length
  const dead = matched(comment, text, at) ?? matched(quoted, text, at)
  if (dead !== undefined) return { text: dead, isCode: false }
  const here = text.charAt(at)
  if (here === '/' && beginsRegExp(code)) {
    const pattern = matched(regExp, text, at)
    if (pattern !== undefined) return { text: pattern, isCode: false }
  }
  const open = templates.pop()
  if (here === '`' || (here === '}' && open === 0)) {
    if (here === '`' && open !== undefined) templates.push(open)
    const part = matched(template, text, at) ?? here
    if (part.endsWith('${')) templates.push(0)
    return { text: part, isCode: false }
  }
  if (open !== undefined) templates.push(open + (here === '{' ? 1 : here === '}' ? -1 : 0))
  return { text: here, isCode: true }
}

function matched(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** A slash divides only after a value. */
function beginsRegExp(code: string): boolean {
  const before = code.slice(-40).trimEnd()
  return (
    before === '' ||
    /[=(,:;!&|?{}[+\-*%<>~^]$/.test(before) ||
    /(?:^|[^\w$.])(?:return|typeof|case|in|of|void|await|throw|else)$/.test(before)
  )
}

/** Keeps the first and the last character of what is quoted, so that it can be seen that something stood there. */
function blank(text: string): string {
  const inside = text.replaceAll(/[^\n]/g, ' ')
  const isComment = /^\/[/*]/.test(text)
  if (isComment || text.length < 2) return inside
  return `${text.charAt(0)}${inside.slice(1, -1)}${text.charAt(text.length - 1)}`
}
