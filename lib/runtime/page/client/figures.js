import { h, keep, mark, say } from './dom.js'

/** @typedef {{ name: string, value: string, note?: string, state?: 'ok' | 'warning' | 'critical' }} Figure */

/** @param {string} label */
export function figureList(label) {
  return h('dl', { class: 'figures', 'aria-label': label })
}

/**
 * A row of numbers, each with its name and what else there is to say of it.
 *
 * @param {Element} list
 * @param {readonly Figure[]} figures
 */
export function showFigures(list, figures) {
  keep(list, figures, {
    key: ({ name }) => name,
    create: ({ name }) => h('div', {}, h('dt', {}, name), h('dd'), h('dd', { class: 'note' })),
    update(element, { value, note = '', state }) {
      const [, shown, said] = element.children
      if (!shown || !said) return
      mark(element, 'data-state', state)
      say(shown, value)
      say(said, note)
    },
  })
}
