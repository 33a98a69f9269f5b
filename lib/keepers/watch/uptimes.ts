import type { Finding } from '../../domain/incident.ts'
import { isOfChain } from '../../domain/watch/causes.ts'
import { type Uptime, uptimeAfter } from '../../domain/watch/uptime.ts'
import type { WatchRules, WatchView } from './watch-view.ts'

/** The word on each of our chains, by all that was found of it, whatever that was explained by. */
export function chainUptimes(
  { uptimes, now }: WatchView,
  { chains, links, numbers }: WatchRules,
  found: readonly Finding[],
): readonly Uptime[] {
  return Object.keys(chains).map((chain) =>
    uptimeAfter(
      uptimes.find((one) => one.chain === chain),
      {
        chain,
        found: found.filter((finding) => isOfChain(finding, chain, links)),
        now,
        numbers,
      },
    ),
  )
}

/** For the log of whoever is outside: how far each chain was seen, and how much is wrong. */
export function signOfLife({ chains, systems, now }: WatchView, found: readonly Finding[]): string {
  const own = Object.entries(chains).flatMap(([name, head]) =>
    head.kind === 'seen' ? `${name} ${head.value.number}` : [],
  )
  const watched = systems.flatMap(({ system, chains: parts }) =>
    Object.entries(parts).flatMap(([part, { newest }]) =>
      newest ? `${system}:${part} ${newest.number}` : [],
    ),
  )
  const heads = [...own, ...watched].join(', ')
  return `${new Date(now).toISOString()}: ${found.length} found; ${heads}`
}
