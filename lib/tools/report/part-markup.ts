import { html, type Markup } from './markup.ts'
import type { Cell, Chart, Figure, Part, Table } from './parts.ts'

/** One part as HTML. `number` is that of its first chart in the page. */
export function partMarkup(part: Part, number: number): Markup {
  switch (part.kind) {
    case 'figures':
      return html`<dl class="figures">${part.figures.map(figureMarkup)}</dl>`
    case 'table':
      return tableMarkup(part.table)
    case 'chart':
      return chartMarkup(part.chart, number)
    case 'charts':
      return html`<div class="charts-part">
        <h3>${part.title}</h3>
        <div class="small-charts">
          ${part.charts.map((chart, at) => chartMarkup(chart, number + at))}
        </div>
        ${underMarkup(part.note)}
      </div>`
    case 'words':
      return html`<p class="under">${part.text}</p>`
  }
}

/** In the order of their numbers. */
export function chartsOf(part: Part): readonly Chart[] {
  switch (part.kind) {
    case 'chart':
      return [part.chart]
    case 'charts':
      return part.charts
    case 'figures':
    case 'table':
    case 'words':
      return []
  }
}

function figureMarkup({ name, value, note, tone }: Figure): Markup {
  const rest = note === undefined ? undefined : html`<dd class="note">${note}</dd>`
  return html`<div data-state="${tone ?? ''}">
    <dt>${name}</dt>
    <dd>${value}</dd>
    ${rest}
  </div>`
}

function chartMarkup({ title, summary, drawn, note }: Chart, number: number): Markup {
  return html`<figure class="chart-part" data-kind="${drawn.kind}">
    <figcaption>${title}</figcaption>
    <div
      class="canvas"
      data-chart="${number}"
      role="img"
      tabindex="0"
      aria-label="${`${title}: ${summary}`}"
    ></div>
    <p class="summary">${summary}</p>
    ${underMarkup(note)}
  </figure>`
}

function tableMarkup({ title, columns, rows, note, folded = false }: Table): Markup {
  const heads = columns.map(
    ({ name, numeric = false }) =>
      html`<th scope="col" ${numeric ? numberClass : undefined}>${name}</th>`,
  )
  const lines = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell, at) => cellMarkup(cell, at, columns[at]?.numeric))}
      </tr> `,
  )
  const table = html`<div class="scroll" role="region" aria-label="${title}" tabindex="0">
      <table>
        <caption class="unseen">
          ${title}
        </caption>
        <thead>
          <tr>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${lines}
        </tbody>
      </table>
    </div>
    ${underMarkup(note)}`
  return folded
    ? html`<details class="table-part">
        <summary>${title}</summary>
        ${table}
      </details>`
    : html`<div class="table-part">
        <h3>${title}</h3>
        ${table}
      </div>`
}

const numberClass = html` class="number"`

function cellMarkup(cell: Cell, at: number, numeric = false): Markup {
  const kind = numeric ? numberClass : undefined
  const content = cellContent(cell)
  const tone =
    typeof cell === 'string' || cell.tone === undefined
      ? undefined
      : html` data-tone="${cell.tone}"`
  return at === 0
    ? html`<th scope="row" ${kind}${tone}>${content}</th>`
    : html`<td${kind}${tone}>${content}</td>`
}

function cellContent(cell: Cell): Markup {
  if (typeof cell === 'string') return html`${cell}`
  const { text, from, to } = cell
  if (from === undefined || to === undefined) return html`${text}`
  return html`<button
    type="button"
    class="to-time"
    data-from="${from}"
    data-to="${to}"
    title="show this time in all charts"
  >
    ${text}
  </button>`
}

function underMarkup(note: string | undefined): Markup | undefined {
  return note === undefined ? undefined : html`<p class="under">${note}</p>`
}
