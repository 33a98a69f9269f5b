import {
  usualEngineRules,
  usualMarketRules,
} from '../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { Decimal } from '../../domain/decimal.ts'

/** One number of the world that a network is tried in: no parameter of the network, but told and swept like one. */
type Setting = {
  readonly unit: string
  readonly usual: number | string
  readonly least: number
  readonly most: number
  readonly isWhole: boolean
  readonly reason: string
  /** Where not every kind of exchange has it. */
  readonly of?: readonly PlayedKind[]
}

/** The kinds of exchanges whose rules are played. */
export type PlayedKind = 'evm-engine' | 'starknet-perpetual' | 'starkex'

const setting = (
  unit: string,
  usual: number | string,
  [least, most]: readonly [number, number],
  reason: string,
  of?: readonly PlayedKind[],
): Setting => ({
  unit,
  usual,
  least,
  most,
  isWhole: typeof usual === 'number',
  reason,
  ...(of && { of }),
})

const evm: readonly PlayedKind[] = ['evm-engine']
const core: readonly PlayedKind[] = ['starknet-perpetual']
const onChain: readonly PlayedKind[] = [...evm, ...core]

/** By name, as `backtest.<name>`. */
export const worldSettings = {
  everySeconds: setting('s', 10, [1, 86_400], 'From one round to the next.'),
  pushLatencyMs: setting('ms', 2_000, [0, 3_600_000], 'From a round until its price is posted.'),
  liquidationDelayMs: setting(
    'ms',
    5_000,
    [0, 86_400_000],
    'From an account’s fall until it can be liquidated: a look, a block, a reader.',
  ),
  gasPerTransaction: setting('gas', 60_000, [0, 1e9], 'Of a push itself.'),
  gasPerPrice: setting(
    'gas',
    45_000,
    [0, 1e9],
    'Of each price in it: three signatures and a slot.',
  ),
  usdPerGas: setting('USD', '0.0000003', [0, 1], '0.1 gwei at 3,000 USD an ether.'),
  wrongBps: setting(
    'bps',
    50,
    [0, 10_000],
    'A posted price this far outside of the consensus is wrong.',
  ),
  slackBps: setting('bps', 20, [0, 1_000], 'How far apart sound sources may be.'),
  accounts: setting('accounts', 1_000, [0, 1_000_000], 'How many are made.'),
  insuranceFundUsd: setting('USD', '1000000', [0, 1e12], 'What it has at the beginning.', onChain),
  initialMarginBps: setting(
    'bps',
    usualMarketRules.initialMarginBps,
    [1, 10_000],
    'Of every market.',
  ),
  maintenanceMarginBps: setting(
    'bps',
    usualMarketRules.maintenanceMarginBps,
    [1, 10_000],
    'Of every market.',
  ),
  tiers: setting(
    'tiers',
    1,
    [1, 100],
    'Of risk: in the first one maintenanceMarginBps are asked of a holding.',
    core,
  ),
  tierStepBps: setting('bps', 10, [0, 1_000], 'How much more each next tier asks.', core),
  firstTierUsd: setting(
    'USD',
    '100000',
    [0, 1e12],
    'A holding below it is of the first tier.',
    core,
  ),
  tierUsd: setting('USD', '100000', [0, 1e12], 'From one tier to the next.', core),
  penaltyBps: setting(
    'bps',
    usualMarketRules.penaltyBps,
    [0, 10_000],
    'Of what is taken over.',
    evm,
  ),
  maxFundingRate: setting('fraction', '0.01', [0, 1], 'Of notional, for one epoch.', onChain),
  maxPriceAgeSeconds: setting(
    's',
    usualMarketRules.maxPriceAgeSeconds,
    [1, 86_400],
    'By an older posted price the exchange decides nothing.',
  ),
  liquidatorShareBps: setting(
    'bps',
    usualEngineRules.liquidatorShareBps,
    [0, 10_000],
    'Of the penalty; the rest is the insurance fund’s.',
    evm,
  ),
  closeFactorBps: setting(
    'bps',
    usualEngineRules.closeFactorBps,
    [1, 10_000],
    'How much of a position one liquidation may take.',
    evm,
  ),
  smallPositionUsd: setting(
    'USD',
    '100',
    [0, 1e9],
    'A position of at most this is taken whole.',
    evm,
  ),
} as const satisfies Readonly<Record<string, Setting>>

export type WorldName = keyof typeof worldSettings

/** All of them, as decimal text. */
export type WorldValues = Readonly<Record<WorldName, string>>

const prefix = 'backtest.'

/** Decimals of USD, as everywhere. */
const mostPlaces = 18

/** The setting that a path names; undefined where it is none of these. */
export function worldNameOf(path: string): WorldName | undefined {
  const name = path.slice(prefix.length)
  return path.startsWith(prefix) && isWorldName(name) ? name : undefined
}

export function isWorldPath(path: string): boolean {
  return path.startsWith(prefix)
}

/** The kinds of exchanges that alone have the setting which a path names; undefined where all do. */
export function kindsOf(path: string): readonly PlayedKind[] | undefined {
  const name = worldNameOf(path)
  const found: Setting | undefined = name && worldSettings[name]
  return found?.of
}

function isWorldName(name: string): name is WorldName {
  return Object.hasOwn(worldSettings, name)
}

export function usualWorld(): WorldValues {
  const all = Object.entries(worldSettings).map(([name, { usual }]) => [name, String(usual)])
  return Object.fromEntries(all) as WorldValues
}

/** The world with one value otherwise. Throws where it has no such setting, or not such a value. */
export function withWorld(world: WorldValues, path: string, text: string): WorldValues {
  const name = worldNameOf(path)
  if (!name)
    throw new WorldSettingError(
      `${path} is no setting of a backtest; there are ${Object.keys(worldSettings)
        .map((one) => prefix + one)
        .join(', ')}`,
    )
  const { least, most, isWhole, unit }: Setting = worldSettings[name]
  const isNumber = /^\d+(\.\d+)?(e-?\d{1,2})?$/i.test(text)
  const value = isNumber ? new Decimal(text) : undefined
  const places = isWhole ? 0 : mostPlaces
  if (!value || value.dp() > places || value.lt(least) || value.gt(most))
    throw new WorldSettingError(
      `${path} is "${text}"; expected ${isWhole ? 'a whole number' : 'a number'} from ${least} to ${most} (${unit})`,
    )
  return { ...world, [name]: value.toFixed() }
}

/** A setting of the backtest that there is not, or a value that it cannot have. */
export class WorldSettingError extends Error {
  override readonly name = 'WorldSettingError'
}
