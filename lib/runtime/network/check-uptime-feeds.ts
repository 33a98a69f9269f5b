import { accountFor } from './accounts.ts'
import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import { repeated } from './repeated.ts'
import type { Network } from './schema.ts'

/** What tell-uptime needs: a feed, a word to tell, chains of the right kind, an account that sends, names that nothing else has. */
export function checkUptimeFeeds(network: Network): readonly Finding[] {
  const { uptimeFeeds, jobs } = network
  const feeds = Object.entries(uptimeFeeds)
  const job = ['jobs', 'tell-uptime']
  const idle =
    jobs['tell-uptime'] && feeds.length === 0
      ? [{ path: job, text: 'expected a feed in `uptimeFeeds`, which is told' }]
      : []
  const wordless =
    jobs['tell-uptime'] && !jobs['watch-liveness']
      ? [{ path: job, text: 'expected watch-liveness beside it, whose word is told' }]
      : []
  return [
    ...idle,
    ...wordless,
    ...feeds.flatMap(([name, feed]) => checkFeed(network, name, feed)),
    ...repeated(
      feeds.map(([name, feed]) => ({ feed, path: ['uptimeFeeds', name, 'address'] })),
      ({ feed }) => `${feed.chain} ${feed.address}`,
      'expected a contract that is not named twice: it is about one chain',
    ),
  ]
}

function checkFeed(
  { chains, engines, proving, jobs }: Network,
  name: string,
  { chain: on, of }: Network['uptimeFeeds'][string],
): readonly Finding[] {
  const path = ['uptimeFeeds', name]
  const chain = entry(chains, on)
  const twice =
    entry(engines, name) || entry(proving, name)
      ? [{ path, text: 'expected a name that no engine and no proving lane has' }]
      : []
  const place =
    chain?.kind === 'evm'
      ? []
      : [{ path: [...path, 'chain'], text: 'expected a chain of this file of kind evm' }]
  const about =
    entry(chains, of) && of !== on
      ? []
      : [
          {
            path: [...path, 'of'],
            text: 'expected another chain of this file: one that is down cannot be told so',
          },
        ]
  const silent =
    jobs['tell-uptime'] && chain?.kind === 'evm' && !accountFor(chain, 'uptime')
      ? [
          {
            path: ['chains', on],
            text: `expected an account, since tell-uptime sends to ${name}`,
          },
        ]
      : []
  return [...twice, ...place, ...about, ...silent]
}
