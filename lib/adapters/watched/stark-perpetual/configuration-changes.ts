import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { ChangeSight } from '../../../domain/watch/system-sight.ts'
import type { ChainRow } from '../remembered.ts'
import { tookEffect } from '../took-effect.ts'

/** What is configured of the exchange as a whole, and of one asset, by the name of its setting. */
export function configurationSetting(asset: string): string {
  return asset === '' ? 'globalConfigurationHash' : `configuration:${asset}`
}

/**
 * Configurations that a governor may apply, from their registration on. A registration is never used up: each one that is not
 * removed may be applied at once when its time has come, also again after others, so that all but the present one are told as
 * announced.
 */
export function configurationChanges(
  rows: readonly ChainRow[],
  {
    delaySeconds,
    settings,
  }: {
    readonly delaySeconds: number | undefined
    readonly settings: Readonly<Record<string, string | undefined>>
  },
): readonly ChangeSight[] {
  const registered = new Map<string, { readonly at: Timestamp; readonly isRemoved: boolean }>()
  const applied = new Map<string, { readonly hash: string; readonly at: Timestamp }>()
  const registrations = new Map<string, readonly [asset: string, hash: string]>()
  for (const { name, at, values } of rows) {
    const [asset = '', hash = ''] = values
    const id = `configuration:${asset === '' ? 'global' : asset}:${hash}`
    switch (name) {
      case 'configuration-registered':
        registered.set(id, { at, isRemoved: false })
        registrations.set(id, [asset, hash])
        break
      case 'configuration-applied':
        applied.set(asset, { hash, at })
        break
      case 'configuration-removed': {
        const known = registered.get(id)
        if (known) registered.set(id, { ...known, isRemoved: true })
      }
    }
  }
  return [...registrations].flatMap(([id, [asset, hash]]): readonly ChangeSight[] => {
    const known = registered.get(id)
    if (!known) return []
    const setting = configurationSetting(asset)
    const isPresent = (settings[setting] ?? applied.get(asset)?.hash) === hash
    const change: ChangeSight = {
      id,
      kind: 'parameters',
      title: `${asset === '' ? 'the global configuration' : `the configuration of ${asset}`} may become ${hash}`,
      announcedAt: known.at,
      ...(delaySeconds !== undefined && {
        effectiveAt: timestamp(known.at + delaySeconds * 1000),
      }),
      state: known.isRemoved ? 'dropped' : 'announced',
      touches: asset === '' ? globalTouches : ['margin', 'oracle', `asset:${asset}`],
      announces: { [setting]: hash },
    }
    return [isPresent ? tookEffect(change, applied.get(asset)?.at ?? known.at, settings) : change]
  })
}

/** What the global configuration holds: the clocks of prices and funding, the cap of funding, collateral and limits. */
const globalTouches = ['funding', 'oracle', 'margin']
