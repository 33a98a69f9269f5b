import type { WatchParameters } from './parameters.ts'

/** What the network file says of one watched system. */
export type SystemRules = {
  /** By chain of the system: its name among our own chains, where it is one of them. */
  readonly ownChains: Readonly<Record<string, string>>
  /** By kind of progress: after how long without a step somebody is woken, whatever is usual. */
  readonly mostMs: Readonly<Record<string, number>>
  /** By level: told below or above it, in place of what whoever looks says. */
  readonly floors: Readonly<Record<string, number>>
  readonly ceilings: Readonly<Record<string, number>>
  /** What settings must be. */
  readonly expect: Readonly<Record<string, string>>
  /** How often it is looked at. */
  readonly lookMs: number
  readonly numbers: WatchParameters
}

/** Names a part of a watched system among all that can be the subject of an incident. */
export function partOf(system: string, part: string): string {
  return `${system}:${part}`
}
