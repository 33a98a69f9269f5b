/**
 * A new element. Children that are strings become text, never markup: names and details come from venues and nodes.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | undefined>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/**
 * The element of the page with that id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no element ${id}`)
  return element
}

/**
 * Sets an element's text where it differs, so that selections and screen readers are left in peace.
 *
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | undefined} value
 */
export function mark(element, name, value) {
  if (value === undefined) element.removeAttribute(name)
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/**
 * Makes `parent`'s children those of `items`, in their order. What is there already stays the same element.
 *
 * @template Item
 * @template {Element} Made
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, create: (item: Item) => Made, update: (element: Made, item: Item) => void }} how
 */
export function keep(parent, items, { key, create, update }) {
  const before = new Map(
    [...parent.children].map((child) => [child.getAttribute('data-key'), child]),
  )
  let place = parent.firstElementChild
  for (const item of items) {
    const name = key(item)
    const found = /** @type {Made | undefined} */ (before.get(name))
    const element = found ?? create(item)
    before.delete(name)
    mark(element, 'data-key', name)
    update(element, item)
    if (element === place) place = place.nextElementSibling
    else parent.insertBefore(element, place)
  }
  for (const gone of before.values()) gone.remove()
}

/**
 * A table that scrolls sideways where it must, with its body to fill.
 *
 * @param {{ label: string, columns: readonly { name: string, numeric?: boolean }[] }} table
 * @returns {{ element: HTMLElement, body: HTMLTableSectionElement }}
 */
export function table({ label, columns }) {
  const body = h('tbody')
  const heads = columns.map(({ name, numeric }) =>
    h('th', { scope: 'col', class: numeric ? 'number' : undefined }, name),
  )
  const element = h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': label, tabindex: '0' },
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, label),
      h('thead', {}, h('tr', {}, ...heads)),
      body,
    ),
  )
  return { element, body }
}

/**
 * A row with as many cells as `columns`; the first one heads the row.
 *
 * @param {readonly { name: string, numeric?: boolean }[]} columns
 * @returns {HTMLTableRowElement}
 */
export function row(columns) {
  const cells = columns.map(({ numeric }, place) =>
    place === 0 ? h('th', { scope: 'row' }) : h('td', { class: numeric ? 'number' : undefined }),
  )
  return h('tr', {}, ...cells)
}

/**
 * Fills a row's cells with text.
 *
 * @param {Element} line
 * @param {readonly (string | undefined)[]} texts undefined leaves the cell as it is
 */
export function fill(line, texts) {
  for (const [place, text] of texts.entries()) {
    const cell = line.children[place]
    if (cell && text !== undefined) say(cell, text)
  }
}

/**
 * Two lines of a cell: what matters, and what else there is to say of it.
 *
 * @param {Element | undefined} cell
 * @param {string} main
 * @param {string} rest
 */
export function sayBoth(cell, main, rest) {
  const [one, other] = cell?.children ?? []
  if (one) say(one, main)
  if (other) say(other, rest)
}
