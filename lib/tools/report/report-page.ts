import { html, jsonMarkup, type Markup } from './markup.ts'
import { scripts, styles } from './page-code.ts'
import { chartsOf, partMarkup } from './part-markup.ts'
import type { Part, Report, Section } from './parts.ts'

/** A report as one HTML file that needs nothing else: no network, no other file. */
export function reportPage(report: Report): string {
  const { kind, name, about, sides, sections, from, to } = report
  const markets = [...new Set(sections.flatMap(({ market }) => market ?? []))]
  const numbered = numberedParts(sections)
  const charts = sections.flatMap(({ parts }) => parts.flatMap(chartsOf).map(({ drawn }) => drawn))
  const hasTime = charts.some((drawn) => drawn.kind === 'lanes' || drawn.x.kind === 'time')
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${`${kind}: ${name}`}</title>
        ${styles()}
      </head>
      <body class="report">
        <header class="top">
          <div class="brand">
            <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M8 0l2 6 6 2-6 2-2 6-2-6-6-2 6-2z" />
            </svg>
            <h1>${kind} <span>${name}</span></h1>
          </div>
          ${hasTime ? timeBar : undefined}
        </header>
        <main>
          <div class="about">
            ${about.map((text) => html`<span>${text}</span>`)}${sides.map(({ badge, name: side }) => html`<span><b class="badge">${badge}</b> ${side}</span>`)}
          </div>
          ${markets.length > 1 ? marketChoice(markets) : undefined}
          ${sections.map((section) => sectionMarkup(section, sides.length > 1, numbered))}
        </main>
        <footer>
          ${hasTime ? 'Times are UTC. Drag in a chart to see less time, double-click to see all. ' : ''}Arrow
          keys move the cursor of a chart in focus. Choose a name below a chart to hide or show it.
        </footer>
        <script type="application/json" id="charts">
          ${jsonMarkup({ from, to, charts })}
        </script>
        ${scripts()}
      </body>
    </html> `.markup
}

const timeBar = html`<div class="time-bar" role="group" aria-label="Time shown">
  <output id="shown-time"></output>
  <button type="button" data-time="earlier" aria-label="earlier">◀</button>
  <button type="button" data-time="out" aria-label="more time">−</button>
  <button type="button" data-time="in" aria-label="less time">+</button>
  <button type="button" data-time="later" aria-label="later">▶</button>
  <button type="button" data-time="whole">all</button>
</div>`

function marketChoice(markets: readonly string[]): Markup {
  return html`<div class="nodes" role="group" aria-label="Market">
    ${[...markets, ''].map(
      (market) =>
        html`<button type="button" data-choose="${market}" aria-pressed="false">
          ${market === '' ? 'all markets' : market}
        </button>`,
    )}
  </div>`
}

function sectionMarkup(
  { key, title, market, note, parts }: Section,
  isPaired: boolean,
  numbers: ReadonlyMap<Part, number>,
): Markup {
  const of = market === undefined ? undefined : html` data-market="${market}"`
  const rows = isPaired ? pairs(parts) : parts.map((part) => [part])
  return html`<section class="report-section" id="${idOf(key)}" ${of}>
    <h2>${title}</h2>
    ${note === undefined ? undefined : html`<p class="under">${note}</p>`}
    ${rows.map((row) => rowMarkup(row, numbers))}
  </section> `
}

/** Parts of both sides with one key stand beside each other; what is of neither has the whole width. */
function pairs(parts: readonly Part[]): readonly (readonly Part[])[] {
  const keys = [...new Set(parts.map(({ key }) => key))]
  return keys.map((key) => parts.filter((part) => part.key === key))
}

function rowMarkup(row: readonly Part[], numbers: ReadonlyMap<Part, number>): Markup {
  const cells = row.map((part) => {
    const badge = part.side === undefined ? undefined : html`<b class="badge side">${part.side}</b>`
    const narrow = isNarrow(part) ? html` data-narrow` : undefined
    return html`<div class="part" data-part="${part.kind}" ${narrow}>
      ${badge}${partMarkup(part, numbers.get(part) ?? 0)}
    </div>`
  })
  return row.some(({ side }) => side !== undefined)
    ? html`<div class="pair">${cells}</div>`
    : html`${cells}`
}

/** It needs no more than half of the width. */
function isNarrow(part: Part): boolean {
  return part.kind === 'table' && part.table.columns.length <= 4
}

/** Each part with the number of its first chart in the page. */
function numberedParts(sections: readonly Section[]): ReadonlyMap<Part, number> {
  let next = 0
  return new Map(
    sections.flatMap(({ parts }) =>
      parts.map((part) => {
        const number = next
        next += chartsOf(part).length
        return [part, number] as const
      }),
    ),
  )
}

/** What may stand in an address. */
function idOf(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9-]+/g, '-')
}
