/**
 * @typedef {import('./studio-data.js').KnownParameter} KnownParameter
 * @typedef {import('./studio-data.js').ParametersView['changes'][number]['from']} Value
 */

/**
 * A value as people write it.
 *
 * @param {Value} value
 */
export function valueText(value) {
  if (value === undefined) return 'none'
  return typeof value === 'object' ? value.join(', ') : String(value)
}

/**
 * A value with its unit. A number of things needs none.
 *
 * @param {Value} value
 * @param {string} unit
 */
export function sizeText(value, unit) {
  const text = valueText(value)
  return value === undefined || unit === 'count' || unit === 'sources' ? text : `${text} ${unit}`
}

/**
 * What is between, in words; empty where nothing says so.
 *
 * @param {{ least?: number, most?: number }} bounds
 */
export function boundsText({ least, most }) {
  if (least !== undefined && most !== undefined && most < Number.MAX_SAFE_INTEGER)
    return `${least} to ${most}`
  return least === undefined ? '' : `at least ${least}`
}

/**
 * The value that a text says, or what is wrong with it; the server looks at it again, and at what else depends on it.
 *
 * @param {KnownParameter} parameter
 * @param {string} text
 * @returns {{ value: string | number | readonly string[] } | { problem: string }}
 */
export function readValue({ value, least, most, unit }, text) {
  const said = text.trim()
  if (said === '') return { problem: 'expected a value' }
  if (typeof value === 'object') {
    const list = said
      .replace(/^\[(.*)\]$/s, '$1')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')
    return list.length === 0 ? { problem: 'expected names with commas between' } : { value: list }
  }
  if (!/^-?\d+(?:\.\d+)?$/.test(said)) return { problem: `expected a number of ${unit}` }
  const size = Number(said)
  if (least !== undefined && size < least) return { problem: `expected at least ${least}` }
  if (most !== undefined && size > most) return { problem: `expected at most ${most}` }
  if (said === String(value) || size === Number(value)) return { problem: 'it is that already' }
  return { value: typeof value === 'number' ? size : said }
}

/**
 * One argument of a shell, as it is typed.
 *
 * @param {string} text
 */
export function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
