import { describe, expect, test } from 'vitest'

import type { ShadowReport } from '../../../lib/domain/parameters/shadow-report.ts'
import { shadowReportLines } from '../../../lib/tools/report/shadow-lines.ts'
import { shadowReportPage } from '../../../lib/tools/report/shadow-page.ts'
import { aShadowReport } from './a-shadow-report.ts'

const hostile = `</script><img src=x onerror="document.title='taken'">`

describe('a report of a candidate in shadow', () => {
  test('says in a terminal what would have been otherwise, in numbers and by the first differences', () => {
    const lines = shadowReportLines(aShadowReport()).map((line) => line.trim().split(/\s{2,}/))
    const said = lines.map((cells) => cells.join('|'))
    expect(said).toContain('proposed by anna: fewer pushes while markets are calm')
    expect(said).toContain('markets.BTC-USD.push.deviationBps: 25 → 100 bps')
    expect(said).toContain(
      '66 slots of 720 differ; the candidate could not decide 0 slots; it took 610 ms (11 % of the active set’s time)',
    )
    expect(said).toContain('pushes|48|20')
    expect(said).toContain('slots: refused too few sources|12|0')
    expect(said).toContain('BTC-USD|33 of 240|0 bps|300 bps|2023-03-11 00:13:20')
    expect(said).toContain(
      '2023-03-11 00:10:00|publish-prices BTC-USD: refused: too few sources → 20600',
    )
  })

  test('says so where both sets are alike', () => {
    const { slots, markets, ...rest } = aShadowReport()
    const same = {
      ...rest,
      slots: { ...slots, differ: 0 },
      markets: markets.map((market) => ({ ...market, medianBps: null, worst: null })),
      differences: [],
    }
    expect(shadowReportLines(same)).toContain('BTC-USD  33 of 240       -         -   -')
    expect(shadowReportPage(same)).toContain('Both sets decided the same in every slot.')
  })

  test('is a page that needs nothing from elsewhere and takes every name for text', () => {
    const spoilt = JSON.parse(
      JSON.stringify(aShadowReport()).replaceAll(
        /anna|ETH-USD|0xbbbb|too-few-sources|waits: unchanged|local/g,
        JSON.stringify(hostile).slice(1, -1),
      ),
    ) as ShadowReport
    const page = shadowReportPage(spoilt)
    expect(page).not.toMatch(/\b(?:src|href)\s*=\s*["']/)
    expect(page).toContain('&lt;img')
    expect(page).not.toContain('<img')
  })

  test('is a page with the same numbers as the lines', () => {
    const page = shadowReportPage(aShadowReport())
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
    expect(page).toContain('Slots that differ 66 of 720 compared')
    expect(page).toContain('cost of pushes 0.1824 USD 0.076 USD')
    expect(page).toContain('0xbbbb no yes')
    expect(page).toContain('median 0 bps, furthest 300 bps at 2023-03-11 00:13:20')
  })
})
