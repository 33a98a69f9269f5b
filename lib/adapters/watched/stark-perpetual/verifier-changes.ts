import { timestamp } from '../../../domain/time.ts'
import type { ChangeSight } from '../../../domain/watch/system-sight.ts'
import type { ChainRow } from '../remembered.ts'
import { tookEffect } from '../took-effect.ts'

type Settings = Readonly<Record<string, string | undefined>>

/** StarkEx's `VERIFIER_REMOVAL_DELAY`. */
const removalDelayMs = 28 * 86_400_000

/** The settings that an address may have: batches need the word of each such verifier. The events do not say of which kind it is. */
const kinds = ['verifier', 'availability-verifier'] as const

/** Of those that are registered. */
export function verifierSettings(
  kind: (typeof kinds)[number],
  addresses: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(addresses.map((who) => [`${kind}:${who}`, 'registered']))
}

/** Of those that were removed and are not registered now. */
export function leftVerifiers(
  rows: readonly ChainRow[],
  settings: Settings,
): Readonly<Record<string, string>> {
  const left = rows.flatMap(({ name, values: [who = ''] }) =>
    name === 'verifier-removed' && !kinds.some((kind) => `${kind}:${who}` in settings) ? [who] : [],
  )
  return Object.fromEntries(
    left.flatMap((who) => kinds.map((kind) => [`${kind}:${who}`, 'removed'])),
  )
}

/** Who must confirm a batch: added at once, removed four weeks after that was announced. */
export function verifierChanges(
  rows: readonly ChainRow[],
  settings: Settings,
): readonly ChangeSight[] {
  const changes = new Map<string, ChangeSight>()
  for (const { name, at, values } of rows) {
    const [who = '', transaction = ''] = values
    const removal = `verifier-removal:${who}`
    switch (name) {
      case 'verifier-added': {
        const id = `verifier:${who}:${transaction}`
        changes.set(id, {
          id,
          kind: 'upgrade',
          title: `batches need the word of ${who} too`,
          announcedAt: at,
          effectiveAt: at,
          state: 'done',
          touches: ['verifiers'],
          announces: {},
        })
        break
      }
      case 'verifier-leaving':
        changes.set(removal, {
          id: removal,
          kind: 'upgrade',
          title: `batches may no longer need the word of ${who}`,
          announcedAt: at,
          effectiveAt: timestamp(at + removalDelayMs),
          state: 'announced',
          touches: ['verifiers'],
          announces: leaving(who, settings),
        })
        break
      case 'verifier-removed': {
        const known = changes.get(removal)
        if (known) changes.set(removal, tookEffect(known, at, settings))
      }
    }
  }
  return [...changes.values()]
}

/** The settings as they are to be: of the kind that it is of. */
function leaving(who: string, settings: Settings): Readonly<Record<string, string>> {
  return Object.fromEntries(
    kinds.flatMap((kind) => (`${kind}:${who}` in settings ? [[`${kind}:${who}`, 'removed']] : [])),
  )
}
