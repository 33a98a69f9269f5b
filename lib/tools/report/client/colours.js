/**
 * @typedef {import('../parts.ts').Curve} Curve
 * @typedef {import('../parts.ts').LaneTone} LaneTone
 */

/** As many colours for sources as report.css has; beyond them lines are dashed. */
const others = 8

/** @type {Readonly<Record<Exclude<Curve['role'], 'other'> | LaneTone, string>>} */
const names = {
  main: '--accent',
  posted: '--posted',
  true: '--ink',
  good: '--ok',
  warning: '--warn',
  bad: '--bad',
  quiet: '--faint',
  other: '--info',
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {keyof typeof names} role
 */
export function colourOf(style, role) {
  return style.getPropertyValue(names[role]).trim()
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {Curve} curve
 * @param {number} place among the chart's other ones
 * @returns {{ stroke: string, dash: number[] }}
 */
export function inkOf(style, { role }, place) {
  if (role !== 'other')
    return { stroke: colourOf(style, role), dash: role === 'posted' ? [6, 3] : [] }
  const stroke = style.getPropertyValue(`--source-${place % others}`).trim()
  return { stroke, dash: place < others ? [] : [2, 2] }
}
