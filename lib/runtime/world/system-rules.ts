import type { SystemRules } from '../../domain/watch/system-rules.ts'
import type { Network, NetworkWatched } from '../network/schema.ts'

/** What the network file says of each system that is only watched, as the rules take it. */
export function systemRules({
  watched,
  watch,
  jobs,
}: Network): Readonly<Record<string, SystemRules>> {
  const job = jobs['watch-systems']
  // Where nobody here looks, nothing is judged.
  if (!job) return {}
  return Object.fromEntries(
    Object.entries(watched).map(([name, { expect, chains, stalledSeconds, floors, ceilings }]) => [
      name,
      {
        ownChains: chains,
        mostMs: inMs(stalledSeconds),
        floors,
        ceilings,
        expect,
        lookMs: job.everySeconds * 1000,
        numbers: watch,
      },
    ]),
  )
}

/** The system's chains by what they are called in what is found of it: by ours where one is ours, else by a name of its own. */
export function chainsOf(
  name: string,
  { chains }: Pick<NetworkWatched, 'chains'>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    parts.map((part) => [
      part,
      Object.hasOwn(chains, part) ? (chains[part] ?? '') : `${name}:${part}`,
    ]),
  )
}

/** The contract that its state is told to; undefined where that is none of ours. */
export function contractOf(system: NetworkWatched): string | undefined {
  if ('core' in system) return system.core
  return 'perpetual' in system ? system.perpetual : undefined
}

/** What watched systems call their chains; none has all of them. */
const parts = ['l2', 'l1', 'chain', 'indexer']

function inMs(seconds: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, value * 1000]))
}
