import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { ChangeSight } from '../../../domain/watch/system-sight.ts'
import type { ChainRow } from '../remembered.ts'
import { tookEffect } from '../took-effect.ts'

type Settings = Readonly<Record<string, string | undefined>>

/** How long an announced implementation may be taken once its time has come (StarkWare's replaceability component). */
const usableMs = 1_209_600_000

/** What was and will be changed of the exchange, from all that is remembered of it. */
export function coreChanges(
  rows: readonly ChainRow[],
  {
    now,
    upgradeDelaySeconds,
    settings,
  }: {
    readonly now: Timestamp
    readonly upgradeDelaySeconds: number | undefined
    readonly settings: Settings
  },
): readonly ChangeSight[] {
  const changes = new Map<string, ChangeSight>()
  for (const row of rows) apply(changes, row, { upgradeDelaySeconds, settings })
  return [...changes.values()].map((change) => expired(change, now))
}

function apply(
  changes: Map<string, ChangeSight>,
  { name, at, values }: ChainRow,
  {
    upgradeDelaySeconds,
    settings,
  }: { readonly upgradeDelaySeconds: number | undefined; readonly settings: Settings },
): void {
  const [what = '', second = '', third = ''] = values
  const transaction = values.at(-1) ?? ''
  const add = (change: Omit<ChangeSight, 'announcedAt' | 'state'>) =>
    changes.set(change.id, { ...change, announcedAt: at, effectiveAt: at, state: 'done' })
  const of = (part: string) => ({
    kind: 'parameters' as const,
    touches: [part, `market:${what}`],
    announces: {},
  })
  switch (name) {
    case 'ImplementationAdded':
      changes.set(`implementation:${what}:${second}`, {
        id: `implementation:${what}:${second}`,
        kind: 'upgrade',
        title: `the exchange may become the class ${what}`,
        announcedAt: at,
        ...(upgradeDelaySeconds !== undefined && {
          effectiveAt: timestamp(at + upgradeDelaySeconds * 1000),
        }),
        state: 'announced',
        touches: ['implementation'],
        announces: { classHash: what },
      })
      break
    case 'ImplementationRemoved':
      settle(changes, `implementation:${what}:`, (one) => ({ ...one, state: 'dropped' }))
      break
    case 'ImplementationReplaced':
      settle(changes, `implementation:${what}:`, (one) => tookEffect(one, at, settings))
      break
    case 'ImplementationFinalized':
      add({
        id: `finalized:${what}`,
        kind: 'upgrade',
        title: `${what} is the exchange's last class`,
        touches: ['implementation'],
        announces: {},
      })
      break
    case 'ExternalComponentImplRegistered':
      changes.set(`component:${what}:${second}`, {
        id: `component:${what}:${second}`,
        kind: 'upgrade',
        title: `${what} of the exchange may become the class ${second}`,
        announcedAt: at,
        effectiveAt: timestamp(Number(third) * 1000),
        state: 'announced',
        touches: ['implementation', what.toLowerCase()],
        announces: { [`component:${what}`]: second },
      })
      break
    case 'ExternalComponentImplActivated':
      settle(changes, `component:${what}:${second}`, (one) => tookEffect(one, at, settings))
      break
    case 'RoleGranted':
      add({
        id: `role:${what}:${second}:granted:${transaction}`,
        kind: 'roles',
        title: `${second} is ${what}`,
        touches: ['roles'],
        announces: {},
      })
      break
    case 'RoleRevoked':
      add({
        id: `role:${what}:${second}:revoked:${transaction}`,
        kind: 'roles',
        title: `${second} is no longer ${what}`,
        touches: ['roles'],
        announces: {},
      })
      break
    case 'RiskFactorRequest':
      changes.set(`tiers:${what}:${second}`, {
        id: `tiers:${what}:${second}`,
        title: `the risk factors of ${what} may become ${second}`,
        announcedAt: at,
        state: 'announced',
        ...of('margin'),
        announces: { [`tiers:${what}`]: second },
      })
      break
    case 'AssetChanged':
    case 'SyntheticChanged':
      settle(changes, `tiers:${what}:${second}`, (one) => tookEffect(one, at, settings))
      add({
        id: `changed:${what}:${transaction}`,
        title: `the risk factors of ${what} are ${second}`,
        ...of('margin'),
      })
      break
    case 'SyntheticAdded':
    case 'SpotAssetAdded':
      add({ id: `added:${what}:${transaction}`, title: `${what} was added`, ...of('margin') })
      break
    case 'AssetActivated':
      add({
        id: `active:${what}:${transaction}`,
        title: `${what} has its first price`,
        ...of('margin'),
        // Whoever added it announced that it would.
        announces: activeAs(settings[`asset:${what}`], `asset:${what}`),
      })
      break
    case 'SyntheticAssetDeactivated':
      add({
        id: `inactive:${what}:${transaction}`,
        title: `${what} was deactivated`,
        ...of('margin'),
      })
      break
    case 'AssetQuorumUpdated':
      add({
        id: `quorum:${what}:${transaction}`,
        title: `a price of ${what} needs ${second} oracles, before ${third}`,
        ...of('oracle'),
      })
      break
    case 'OracleAdded':
      add({
        id: `oracle:${what}:${second}:added:${transaction}`,
        title: `the oracle ${second} may sign prices of ${what}`,
        ...of('oracle'),
      })
      break
    case 'OracleRemoved':
      add({
        id: `oracle:${what}:${second}:removed:${transaction}`,
        title: `the oracle ${second} may no longer sign prices of ${what}`,
        ...of('oracle'),
      })
  }
}

function activeAs(now: string | undefined, name: string): Readonly<Record<string, string>> {
  return now === undefined ? {} : { [name]: now }
}

function settle(
  changes: Map<string, ChangeSight>,
  prefix: string,
  become: (change: ChangeSight) => ChangeSight,
): void {
  for (const [id, change] of changes)
    if (id.startsWith(prefix) && change.state === 'announced') changes.set(id, become(change))
}

/** Two weeks after its time an announcement of an implementation is worth nothing. */
function expired(change: ChangeSight, now: Timestamp): ChangeSight {
  const { id, state, effectiveAt } = change
  const isOver =
    id.startsWith('implementation:') &&
    state === 'announced' &&
    effectiveAt !== undefined &&
    now > effectiveAt + usableMs
  return isOver ? { ...change, state: 'dropped' } : change
}
