import { watchNumbers } from '../../domain/watch/parameters.ts'
import type { SystemRules } from '../../domain/watch/system-rules.ts'
import type { Network, NetworkWatched } from '../network/schema.ts'

/** What the network file says of each system that is only watched, as the rules take it. */
export function systemRules({ watched, jobs }: Network): Readonly<Record<string, SystemRules>> {
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
        numbers: watchNumbers,
      },
    ]),
  )
}

/** The system's chains by what they are called in what is found of it: by ours where one is ours, else by a name of its own. */
export function chainsOf(
  name: string,
  { kind, chains }: Pick<NetworkWatched, 'kind' | 'chains'>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    partsOf[kind].map((part) => [
      part,
      Object.hasOwn(chains, part) ? (chains[part] ?? '') : `${name}:${part}`,
    ]),
  )
}

/** The chains that each kind of system shows the heads of. */
const partsOf: Readonly<Record<NetworkWatched['kind'], readonly string[]>> = {
  starknet: ['l2', 'l1'],
}

function inMs(seconds: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, value * 1000]))
}
