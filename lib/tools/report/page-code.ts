import { readFileSync } from 'node:fs'

import { html, jsonMarkup, type Markup, verbatim } from './markup.ts'

/** The page's own scripts, the first last: each with all that it imports. */
const modules = [
  'client/report.js',
  'client/lines.js',
  'client/lines-drawing.js',
  'client/lanes.js',
  'client/legend.js',
  'client/overlays.js',
  'client/plot.js',
  'client/range.js',
  'client/axes.js',
  'client/colours.js',
  'client/shown-time.js',
  'client/unpack.js',
  'client/visible.js',
  '../../runtime/page/client/dom.js',
  '../../runtime/page/client/format.js',
]

/** Styles of the charts' library, of the live page, and what only reports have. */
export function styles(): Markup {
  const texts = [
    library('uPlot.min.css'),
    own('../../runtime/page/client/page.css'),
    own('client/report.css'),
  ]
  return html`<style>
    ${verbatim(texts.join('\n'))}
  </style>`
}

/**
 * The scripts as they are, in the page: a file has nowhere to import from, so that each module is a `data:` address under
 * its name.
 */
export function scripts(): Markup {
  const imports = Object.fromEntries(
    modules.map((path) => [
      nameOf(path),
      `data:text/javascript,${encodeURIComponent(named(own(path)))}`,
    ]),
  )
  return html`<script type="importmap">
      ${jsonMarkup({ imports })}
    </script>
    <script>
      ${plotLibrary()}
    </script>
    <script type="module">
      import 'report.js'
    </script>`
}

/** The charts' library, which then is `uPlot`. */
function plotLibrary(): Markup {
  return verbatim(library('uPlot.iife.min.js'))
}

/** Imports by name alone, whatever folder they are from. */
function named(script: string): string {
  return script.replaceAll(/from '([^']+\/)([^'/]+)'/g, "from '$2'")
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function own(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

function library(name: string): string {
  return readFileSync(new URL(import.meta.resolve(`uplot/dist/${name}`)), 'utf8')
}
