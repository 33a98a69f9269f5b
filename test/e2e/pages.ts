import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as z from 'zod'

/** What a simulated receiver of alerts took. */
export type Page = { readonly pager: 'slack' | 'pagerduty'; readonly title: string }

const Taken = z.object({ pager: z.string(), body: z.string() })
const Slack = z.object({ text: z.string() })
const Pagerduty = z.object({ event_action: z.string(), dedup_key: z.string() })

/** Everything that the receivers took, by the first words: `RESOLVED chain-stalled evm`, `trigger chain-stalled:evm`. */
export function pagesOf(dataDir: string): readonly Page[] {
  const file = join(dataDir, 'pages.jsonl')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line): readonly Page[] => {
      const { pager, body } = Taken.parse(JSON.parse(line))
      switch (pager) {
        case 'slack':
          return [{ pager, title: Slack.parse(JSON.parse(body)).text.split(': ')[0] ?? '' }]
        case 'pagerduty': {
          const { event_action: action, dedup_key: key } = Pagerduty.parse(JSON.parse(body))
          return [{ pager, title: `${action} ${key.replace(/:\d+$/, '')}` }]
        }
        // The others are told the same in other words.
        default:
          return []
      }
    })
}
