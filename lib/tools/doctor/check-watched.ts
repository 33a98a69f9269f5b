import { timestamp } from '../../domain/time.ts'
import { lookedBefore } from '../../domain/watch/system-memory.ts'
import type { HeadSight, SystemSight } from '../../domain/watch/system-sight.ts'
import type { World } from '../../runtime/compose.ts'
import type { Diagnosis } from './diagnosis.ts'

/** So long one look may take. */
const lookMs = 20_000

/** One look at each watched system: who of its places answers, and whether they see the same. */
export async function checkWatched({ network, ports }: World): Promise<readonly Diagnosis[]> {
  const { watched, clock } = ports
  const looks = Object.entries(watched).map(async ([name, system]) => {
    const sight = await system.look(lookedBefore(undefined), timestamp(clock.now() + lookMs))
    return [...placesOf(name, sight, network.watch.apartBlocks), ...unseenOf(name, sight)]
  })
  return (await Promise.all(looks)).flat()
}

function placesOf(name: string, { heads }: SystemSight, mostApart: number): readonly Diagnosis[] {
  return [...Map.groupBy(heads, ({ chain }) => chain)].flatMap(([chain, some]) =>
    chainOf(`watched.${name}`, { chain, heads: some, mostApart }),
  )
}

function chainOf(
  subject: string,
  {
    chain,
    heads,
    mostApart,
  }: {
    readonly chain: string
    readonly heads: readonly HeadSight[]
    readonly mostApart: number
  },
) {
  const at = { area: 'watched', subject } as const
  const silent = heads.flatMap(({ place, answer }) =>
    answer.kind === 'trouble' ? [{ place, reason: answer.reason }] : [],
  )
  const numbers = heads.flatMap(({ answer }) => (answer.kind === 'head' ? [answer.number] : []))
  const state = numbers.length === 0 ? ('fault' as const) : ('warning' as const)
  const apart = numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers)
  const found: Diagnosis[] = silent.map(({ place, reason }) => ({
    ...at,
    state,
    says: `${place} does not tell its newest block of ${chain}: ${reason}`,
    fix: 'see that the address is right, and what its provider allows',
  }))
  if (apart > mostApart)
    found.push({
      ...at,
      state: 'warning',
      says: `its places are ${apart} blocks of ${chain} apart`,
      fix: 'starkeep runbook nodes-disagree',
    })
  if (found.length > 0) return found
  const places = `${numbers.length} ${numbers.length === 1 ? 'place tells' : 'places tell'}`
  const span = numbers.length < 2 ? '' : `, ${apart} blocks apart`
  return [
    {
      ...at,
      state: 'ok',
      says: `${places} of ${chain}, up to block ${Math.max(...numbers)}${span}`,
    },
  ] satisfies Diagnosis[]
}

/** What one reason hides is told once. */
function unseenOf(name: string, { unseen }: SystemSight): readonly Diagnosis[] {
  const parts = unseen.filter(({ part }) => part !== 'heads')
  return [...Map.groupBy(parts, ({ reason }) => reason)].map(([reason, hidden]) => ({
    area: 'watched',
    subject: `watched.${name}`,
    state: 'warning',
    says: `${[...new Set(hidden.map(({ part }) => part))].join(', ')} cannot be seen: ${reason}`,
    fix: 'starkeep runbook watch-blind',
  }))
}
