import { h, mark, say } from '../../../runtime/page/client/dom.js'

/**
 * @typedef {{ name: string, stroke: string, look: string, isDashed: boolean, letters: number, isShown: boolean }} Key
 * @typedef {{
 *   element: HTMLElement,
 *   tell: (texts: readonly string[]) => void,
 *   show: (place: number, isShown: boolean) => void,
 *   colour: (strokes: readonly string[]) => void
 * }} Legend
 */

/**
 * A button for each curve, which shows or hides it and says its value at the cursor.
 *
 * @param {readonly Key[]} keys
 * @param {(place: number) => void} onToggle
 * @returns {Legend}
 */
export function legend(keys, onToggle) {
  const items = keys.map(({ name, stroke, look, isDashed, letters, isShown }, place) => {
    const swatch = h('i', { 'data-look': isDashed ? 'dashed' : look, 'aria-hidden': 'true' })
    swatch.style.setProperty('--stroke', stroke)
    const value = h('span', { class: 'value' })
    // Its room is its own from the beginning: nothing is to move under the pointer.
    value.style.setProperty('min-width', `${letters}ch`)
    const button = h(
      'button',
      { type: 'button', 'aria-pressed': String(isShown), title: `show or hide ${name}` },
      swatch,
      h('span', { class: 'name' }, name),
      value,
    )
    button.addEventListener('click', () => onToggle(place))
    return { button, value, swatch }
  })
  const buttons = items.map(({ button }) => button)
  return {
    element: h('div', { class: 'keys', role: 'group', 'aria-label': 'Curves' }, ...buttons),
    tell(texts) {
      for (const [place, { value }] of items.entries()) say(value, texts[place] ?? '')
    },
    show(place, isShown) {
      const item = items[place]
      if (item) mark(item.button, 'aria-pressed', String(isShown))
    },
    colour(strokes) {
      for (const [place, { swatch }] of items.entries())
        swatch.style.setProperty('--stroke', strokes[place] ?? '')
    },
  }
}
