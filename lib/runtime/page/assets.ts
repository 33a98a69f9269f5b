import { readFileSync } from 'node:fs'

/** One file that the page is made of. */
type Asset = { readonly type: string; readonly text: string }

/**
 * The page's files by their names under `assets/`, and the page itself.
 *
 * In a Lambda bundle this module's value stands in its place, so that no file is read there (infra/cloud/page-assets.ts).
 */
export const assets: Readonly<Record<string, Asset>> = {
  'page.html': own('page.html', 'text/html'),
  'page.css': own('page.css', 'text/css'),
  'page.js': own('page.js', 'text/javascript'),
  'live.js': own('live.js', 'text/javascript'),
  'dom.js': own('dom.js', 'text/javascript'),
  'format.js': own('format.js', 'text/javascript'),
  'header.js': own('header.js', 'text/javascript'),
  'market.js': own('market.js', 'text/javascript'),
  'sources.js': own('sources.js', 'text/javascript'),
  'posted.js': own('posted.js', 'text/javascript'),
  'price-history.js': own('price-history.js', 'text/javascript'),
  'chart.js': own('chart.js', 'text/javascript'),
  'legs.js': own('legs.js', 'text/javascript'),
  'chains.js': own('chains.js', 'text/javascript'),
  'watched.js': own('watched.js', 'text/javascript'),
  'watched-progress.js': own('watched-progress.js', 'text/javascript'),
  'watched-deadlines.js': own('watched-deadlines.js', 'text/javascript'),
  'bars.js': own('bars.js', 'text/javascript'),
  'finality.js': own('finality.js', 'text/javascript'),
  'calendar.js': own('calendar.js', 'text/javascript'),
  'published-marks.js': own('published-marks.js', 'text/javascript'),
  'exchange-card.js': own('exchange-card.js', 'text/javascript'),
  'figures.js': own('figures.js', 'text/javascript'),
  'funding.js': own('funding.js', 'text/javascript'),
  'positions.js': own('positions.js', 'text/javascript'),
  'liquidation.js': own('liquidation.js', 'text/javascript'),
  'attempts.js': own('attempts.js', 'text/javascript'),
  'deleverage.js': own('deleverage.js', 'text/javascript'),
  'money.js': own('money.js', 'text/javascript'),
  'batches.js': own('batches.js', 'text/javascript'),
  'transactions.js': own('transactions.js', 'text/javascript'),
  'lane-costs.js': own('lane-costs.js', 'text/javascript'),
  'lane-troubles.js': own('lane-troubles.js', 'text/javascript'),
  'incidents.js': own('incidents.js', 'text/javascript'),
  'jobs.js': own('jobs.js', 'text/javascript'),
  'studio-data.js': own('studio-data.js', 'text/javascript'),
  'parameters.js': own('parameters.js', 'text/javascript'),
  'phases.js': own('phases.js', 'text/javascript'),
  'parameter-changes.js': own('parameter-changes.js', 'text/javascript'),
  'parameter-list.js': own('parameter-list.js', 'text/javascript'),
  'parameter-values.js': own('parameter-values.js', 'text/javascript'),
  'parameter-steps.js': own('parameter-steps.js', 'text/javascript'),
  'step-form.js': own('step-form.js', 'text/javascript'),
  'compared.js': own('compared.js', 'text/javascript'),
  'shadow-chart.js': own('shadow-chart.js', 'text/javascript'),
  'kept.js': own('kept.js', 'text/javascript'),
  'kept-slot.js': own('kept-slot.js', 'text/javascript'),
  'uplot.js': read(import.meta.resolve('uplot/dist/uPlot.iife.min.js'), 'text/javascript'),
  'uplot.css': read(import.meta.resolve('uplot/dist/uPlot.min.css'), 'text/css'),
}

function own(name: string, type: string): Asset {
  return read(new URL(`client/${name}`, import.meta.url).href, type)
}

function read(url: string, type: string): Asset {
  return { type: `${type}; charset=utf-8`, text: readFileSync(new URL(url), 'utf8') }
}
