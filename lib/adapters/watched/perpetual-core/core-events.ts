import { feltHex, selectorOf, shortString } from '../../starknet-felt.ts'
import type { ChainRow } from '../remembered.ts'
import type { SeenEvent } from '../scan-events.ts'
import { assetName, tiersText } from './core-words.ts'

type Read = (event: SeenEvent) => readonly string[] | undefined

/** Of an asset's event: its name first. */
const ofAsset =
  (others: (data: readonly bigint[]) => readonly string[] = () => []): Read =>
  ({ keys: [, id], data }) =>
    id === undefined ? undefined : [assetName(id), ...others(data)]

/** A span of tiers, then the first boundary and the size of one. */
function tiersIn([count = 0n, ...rest]: readonly bigint[]): readonly string[] {
  const tiers = rest.slice(0, Number(count))
  const [firstTierBoundary = 0n, tierSize = 0n] = rest.slice(Number(count))
  return [tiersText({ tiers, firstTierBoundary, tierSize })]
}

const ofAssetTiers = ofAsset(tiersIn)

/** The implementation, and by what its announcement is known. */
const implementation: Read = ({ data }) => {
  const [next] = data
  return next === undefined ? undefined : [feltHex(next), selectorOf(data.join(' ')).slice(0, 18)]
}

const roleOf: Read = ({ data: [role, account] }) =>
  role === undefined || account === undefined
    ? undefined
    : [roleNames.get(feltHex(role)) ?? feltHex(role), feltHex(account)]

const componentOf = ({ keys: [, type] }: SeenEvent) =>
  type === undefined ? undefined : (shortString(type) ?? feltHex(type))

/** The exchange's events that are remembered, and what of each. */
const reads: Readonly<Record<string, Read>> = {
  SyntheticAdded: ofAssetTiers,
  SyntheticChanged: ofAssetTiers,
  AssetChanged: ofAssetTiers,
  RiskFactorRequest: ofAssetTiers,
  SpotAssetAdded: ofAsset(),
  AssetActivated: ofAsset(),
  SyntheticAssetDeactivated: ofAsset(),
  AssetQuorumUpdated: ofAsset(([next = 0n, before = 0n]) => [String(next), String(before)]),
  OracleAdded: ({ keys: [, id, key] }) =>
    id === undefined || key === undefined ? undefined : [assetName(id), feltHex(key)],
  OracleRemoved: ({ keys: [, id, key] }) =>
    id === undefined || key === undefined ? undefined : [assetName(id), feltHex(key)],
  RoleGranted: roleOf,
  RoleRevoked: roleOf,
  ImplementationAdded: implementation,
  ImplementationRemoved: implementation,
  ImplementationReplaced: implementation,
  ImplementationFinalized: implementation,
  ExternalComponentImplRegistered: (event) => {
    const [activation, next] = event.data
    const component = componentOf(event)
    return component === undefined || activation === undefined || next === undefined
      ? undefined
      : [component, feltHex(next), String(activation)]
  },
  ExternalComponentImplActivated: (event) => {
    const [next] = event.data
    const component = componentOf(event)
    return component === undefined || next === undefined ? undefined : [component, feltHex(next)]
  },
  FundingTick: ofAsset(),
}

/** StarkWare's roles, as its roles component names them. */
const roles = [
  'APP_GOVERNOR',
  'APP_ROLE_ADMIN',
  'GOVERNANCE_ADMIN',
  'OPERATOR',
  'SECURITY_ADMIN',
  'SECURITY_AGENT',
  'SECURITY_GOVERNOR',
  'TOKEN_ADMIN',
  'UPGRADE_AGENT',
  'UPGRADE_GOVERNOR',
] as const
const roleNames: ReadonlyMap<string, string> = new Map(
  roles.map((role) => [selectorOf(`ROLE_${role}`), role.toLowerCase().replaceAll('_', '-')]),
)

const names: ReadonlyMap<string, string> = new Map(
  Object.keys(reads).map((name) => [selectorOf(name), name]),
)

/** All that is read of the exchange's past: by selector, since its class does not list the events of its parts. */
export const coreSelectors: readonly `0x${string}`[] = Object.keys(reads).map(selectorOf)

/** What is remembered of the exchange's events: of a funding tick one row, however many assets it has. */
export function coreRows(events: readonly SeenEvent[]): readonly ChainRow[] {
  const ticked = new Set<string>()
  return events.flatMap((event) => {
    const { keys, block: position, index, at, transaction } = event
    const name = names.get(feltHex(keys[0] ?? 0n))
    const values = name === undefined ? undefined : reads[name]?.(event)
    if (name === undefined || values === undefined) return []
    if (name !== 'FundingTick')
      return { position, index, at, name, values: [...values, transaction] }
    if (ticked.has(transaction)) return []
    ticked.add(transaction)
    return { position, index, at, name, values: [transaction] }
  })
}

/** The assets that these events tell of, by id. */
export function assetsIn(
  events: readonly { readonly keys: readonly bigint[] }[],
): readonly bigint[] {
  const told = events.flatMap(({ keys: [selector, id] }) =>
    id !== undefined && assetEvents.has(feltHex(selector ?? 0n)) ? [id] : [],
  )
  return [...new Set(told)]
}

export const priceTick = selectorOf('PriceTick')
const assetEvents: ReadonlySet<string> = new Set([
  priceTick,
  ...[
    'SyntheticAdded',
    'SpotAssetAdded',
    'AssetActivated',
    'AssetChanged',
    'SyntheticChanged',
    'FundingTick',
  ].map(selectorOf),
])
