import { timestamp } from '../../domain/time.ts'
import type { DeadlineSight, LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { OpenPlaces, RpcPlace } from '../rpc.ts'
import { feltHex } from '../starknet-felt.ts'
import { agreedSettings } from './agreed-settings.ts'
import { type ContractPast, eventsPast } from './contract-past.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import { agreedClocks } from './perpetual-core/agreed-clocks.ts'
import { coreChanges } from './perpetual-core/core-changes.ts'
import { assetsIn, coreRows, coreSelectors, priceTick } from './perpetual-core/core-events.ts'
import { coreLevels } from './perpetual-core/core-levels.ts'
import type { CoreReaders, Generation } from './perpetual-core/core-readers.ts'
import {
  type CoreClocks,
  type CoreTold,
  readCoreClocks,
  readCoreSettings,
} from './perpetual-core/read-core.ts'
import { liquidationParts, recentLiquidations } from './perpetual-core/recent-liquidations.ts'
import { eventsPage } from './scan-events.ts'
import { type SeenChain, seenChain } from './seen-chain.ts'
import { starknetBlocks } from './seen-heads.ts'
import { stepsOf } from './steps-of.ts'

export type PerpetualCoreWatchOptions = {
  readonly name: string
  readonly l2: OpenPlaces
  readonly core: `0x${string}`
  /** Assets that are there from the beginning; those that events tell of are found. */
  readonly assets: readonly bigint[]
  /** Accounts of which it is shown what roles they have. */
  readonly accounts: readonly `0x${string}`[]
  readonly windowMs: number
  readonly clock: Clock
  readonly readers: CoreReaders
}

const mostChanges = 200

/** Interest is refused where the exchange's own time was not moved for so long (block time, inclusive). */
const exchangeTimeMs = 86_400_000

/** Where assets are missing, the newest prices are looked through for them. */
const blocksOfPrices = 500

/** An exchange on Starknet (starknet-perpetual), by what its own contract will refuse next, is configured as, and tells of changes. */
export function perpetualCoreWatch(options: PerpetualCoreWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  options: PerpetualCoreWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const l2 = seenChain('l2', options.l2(signal), { questions: starknetBlocks, before, clock })
  const told = shared(l2.told(async (rpc) => readCoreSettings(rpc, options)))
  const past = shared(l2.places.then(async (places) => readPast(places, options, before)))
  const clocks = shared(
    past
      .catch(() => undefined)
      .then(async (known) => readClocks(l2, options, { before, past: known })),
  )
  return [
    l2.glance,
    {
      parts: ['settings'],
      see: async () => agreedSettings('l2', await told),
    },
    {
      parts: [
        'deadlines:funding',
        'deadlines:prices',
        'deadlines:exchange-time',
        'settings',
        'level:active-synthetics',
        'level:insurance-fund',
        'level:funding-index',
      ],
      see: async () => clocksSeen(await clocks),
    },
    {
      parts: liquidationParts,
      see: async () =>
        recentLiquidations(await l2.places, { core: options.core, before, now: clock.now() }),
    },
    {
      parts: ['progress:funding', 'changes'],
      see: async () => {
        const [known, some, all] = await Promise.all([
          past,
          told.catch(() => []),
          clocks.catch(() => undefined),
        ])
        return pastSeen(known, options, { told: some[0]?.value, clocks: all })
      },
    },
  ]
}

/** Events, and the assets that they tell of. */
type CorePast = ContractPast & { readonly found: readonly bigint[] }

async function readPast(
  places: readonly RpcPlace[],
  { core, windowMs }: PerpetualCoreWatchOptions,
  before: LookedBefore,
): Promise<CorePast> {
  const found = new Set<bigint>()
  const past = await eventsPast(places, {
    address: core,
    selectors: coreSelectors,
    rowsOf(events) {
      for (const id of assetsIn(events)) found.add(id)
      return coreRows(events)
    },
    most: (name) => (name === 'FundingTick' ? 0 : mostChanges),
    windowMs,
    before,
  })
  return { ...past, found: [...found] }
}

const classKey = 'class'
const assetsKey = 'assets'

/** The exchange's clocks, with all assets that are known, or can be found: of one block, as all nodes that go on tell it alike. */
async function readClocks(
  l2: SeenChain,
  { core, assets, readers }: PerpetualCoreWatchOptions,
  { before, past }: { readonly before: LookedBefore; readonly past: CorePast | undefined },
): Promise<CoreClocks> {
  const remembered = (before.cursor[assetsKey] ?? '').split(' ').filter((id) => id.startsWith('0x'))
  const named = [...assets, ...remembered.map(BigInt), ...(past?.found ?? [])]
  const [classHash, generation] = before.cursor[classKey]?.split(' ') ?? []
  const known =
    classHash !== undefined && isGeneration(generation) ? { classHash, generation } : undefined
  const heads = (await l2.current).map(({ answer }) => answer.number)
  // One that all of them have.
  const block = heads.length > 0 ? Math.min(...heads) : undefined
  const told = await l2.told(async (rpc) => {
    const read = async (ids: readonly bigint[]) =>
      readCoreClocks(rpc, {
        core,
        assets: [...new Set(ids)].toSorted(byId),
        readers,
        known,
        block,
      })
    const clocks = await read(named)
    if (missingAssets(clocks) === 0) return clocks
    const range = { low: Math.max(0, clocks.block - blocksOfPrices), high: clocks.block }
    const [page] = await rpc.values([eventsPage({ address: core, selectors: [priceTick] }, range)])
    return read([...named, ...assetsIn(page.rows)])
  })
  return agreedClocks('l2', told)
}

function byId(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function isGeneration(text: string | undefined): text is Generation {
  return text !== undefined && /^[A-D]$/.test(text)
}

/** How many active synthetic assets the exchange has that nobody named. */
function missingAssets({ activeSynthetics, assets }: CoreClocks): number {
  const found = assets.filter(({ isActive, isSynthetic }) => isActive && isSynthetic).length
  return Math.max(0, activeSynthetics - found)
}

function clocksSeen(clocks: CoreClocks): Seen {
  const missing = missingAssets(clocks)
  const { assets, classHash, generation, activeSynthetics } = clocks
  return {
    deadlines: deadlinesOf(clocks),
    settings: assetSettings(clocks),
    levels: coreLevels(clocks),
    unseen:
      missing === 0
        ? []
        : [
            {
              part: 'deadlines:prices',
              reason: `${missing} of ${activeSynthetics} active assets are not known: name them in \`assets\``,
            },
          ],
    cursor: {
      [classKey]: `${classHash} ${generation}`,
      [assetsKey]: assets.map(({ id }) => feltHex(id)).join(' '),
    },
  }
}

function assetSettings(clocks: CoreClocks | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (clocks?.assets ?? []).flatMap(({ settings }) => Object.entries(settings)),
  )
}

function deadlinesOf(clocks: CoreClocks): readonly DeadlineSight[] {
  const { lastFundingTick, maxFundingInterval, maxPriceInterval, exchangeTimeUpdated } = clocks
  const prices = clocks.assets.filter(({ isActive }) => isActive)
  return [
    {
      name: 'funding',
      from: timestamp(lastFundingTick * 1000),
      until: timestamp((lastFundingTick + maxFundingInterval) * 1000),
      text: 'funding must be settled, or trades, withdrawals and liquidations are refused (FUNDING_EXPIRED)',
    },
    ...prices.map(({ name, lastPriceUpdate }) => ({
      name: `prices:${name}`,
      from: timestamp(lastPriceUpdate * 1000),
      until: timestamp((lastPriceUpdate + maxPriceInterval) * 1000),
      text: `${name} must have a price, or trades, withdrawals, liquidations and funding are refused for all assets (SYNTHETIC_EXPIRED_PRICE)`,
    })),
    ...(exchangeTimeUpdated !== undefined && exchangeTimeUpdated > 0
      ? [
          {
            name: 'exchange-time',
            from: timestamp(exchangeTimeUpdated * 1000),
            until: timestamp(exchangeTimeUpdated * 1000 + exchangeTimeMs),
            text: "the exchange's own time must be moved, or all interest is refused (TIMESTAMP_TOO_OLD)",
          },
        ]
      : []),
  ]
}

function pastSeen(
  { scan, fresh, rows, cursorWith }: CorePast,
  { clock }: PerpetualCoreWatchOptions,
  {
    told,
    clocks,
  }: { readonly told: CoreTold | undefined; readonly clocks: CoreClocks | undefined },
): Seen {
  const components = Object.fromEntries(
    rows.flatMap(({ name, values: [component = '', hash = ''] }) =>
      name === 'ExternalComponentImplActivated' ? [[`component:${component}`, hash] as const] : [],
    ),
  )
  return {
    progress: stepsOf('FundingTick', fresh, scan.ranges, () => 'funding').map((one) => ({
      ...one,
      name: 'funding',
    })),
    changes: coreChanges(rows, {
      now: clock.now(),
      upgradeDelaySeconds: told?.upgradeDelaySeconds,
      settings: { ...told?.settings, ...assetSettings(clocks), ...components },
    }),
    settings: components,
    cursor: cursorWith(rows),
  }
}
