import { writeFileSync } from 'node:fs'
import process from 'node:process'

import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import type { CoreTerms } from '../domain/liquidation/plan-core-liquidations.ts'
import { accountsOf } from '../domain/positions/book.ts'
import { coreStressed } from '../domain/stress/core-stress.ts'
import { evmStressed } from '../domain/stress/evm-stress.ts'
import {
  type Sizing,
  sizing,
  stressAll,
  type StressedExchange,
  type StressResult,
} from '../domain/stress/stress.ts'
import { exactJson } from '../keepers/exact-json.ts'
import { compose, type World } from '../runtime/compose.ts'
import type { Network } from '../runtime/network/schema.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { liquidationSettings } from '../runtime/world/liquidation-settings.ts'
import { liquidatedEngines } from '../runtime/world/schedules.ts'
import { readNetwork } from './read-network.ts'
import { fromStore } from './silent-store.ts'
import { stressLines } from './stress-lines.ts'
import { stressPage } from './stress-page.ts'
import type { StressOptions } from './stress.ts'

/** Whoever only looks needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

export type EngineStress = {
  readonly engine: string
  /** Of the marks, and of the accounts. */
  readonly block: number
  readonly accountsBlock: number
  readonly accounts: number
  readonly decimals: number
  readonly insuranceFund: bigint
  readonly markets: Readonly<Record<string, string>>
  readonly results: readonly StressResult[]
  /** Of the jump of all markets that leaves most unpaid. */
  readonly worst: StressResult['shock']
  readonly sizing: readonly Sizing[]
}

/** Prints what jumps of prices would do, and answers the exit code. */
export async function showStress({ network: file, json, html }: StressOptions): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    const { engines, left } = stressedIn(network)
    const all = await fromStore(world, file, async () =>
      Promise.all(engines.map(async (engine) => stressOf(world, engine))),
    )
    if (html !== undefined) writeFileSync(html, stressPage(all))
    const text = json
      ? exactJson(all)
      : html === undefined
        ? [...stressLines(all), ...left].join('\n')
        : `wrote ${html}`
    process.stdout.write(`${text}\n`)
    return 0
  } finally {
    await world.close()
  }
}

/** The exchanges that can be stressed, and a line for each other one. Throws where there is none of the former. */
export function stressedIn(network: Pick<Network, 'engines'>): {
  readonly engines: readonly string[]
  readonly left: readonly string[]
} {
  const all = liquidatedEngines(network)
  const engines = all.filter((name) => network.engines[name]?.kind !== 'starkex')
  const others = all.filter((name) => !engines.includes(name))
  const [first] = others
  if (first !== undefined && engines.length === 0) throw new NoStressError(first)
  return { engines, left: others.map((name) => new NoStressError(name).message) }
}

const triedBps = [25n, 50n, 100n, 150n, 200n, 300n]

async function stressOf({ ports, network }: World, engine: string): Promise<EngineStress> {
  const { terms } = liquidationSettings(network)[engine] ?? {}
  const liquidation = ports.engines[engine]?.liquidation
  const [look, kept] = await Promise.all([liquidation?.look(), ports.positions.read(engine)])
  if (!look || !kept?.book) throw new NoAccountsError(engine)
  const accounts = [...accountsOf(kept.book)].filter(({ holdings }) => holdings.length > 0)
  const exchange = exchangeOf(look, terms)
  if (!exchange || look.kind === 'starkex') throw new NoStressError(engine)
  const { insuranceFund, dollar } = look
  const stressed = { accounts, exchange, insuranceFund }
  const results = stressAll(stressed)
  const [first, ...others] = results.filter(({ shock }) => shock.asset === undefined)
  if (!first) throw new NoAccountsError(engine)
  const worst = others.reduce((most, one) => (lacks(one) > lacks(most) ? one : most), first)
  const need = lacks(worst)
  const funds = [0n, insuranceFund / 2n, insuranceFund, insuranceFund * 2n, need]
  return {
    engine,
    block: look.block.number,
    accountsBlock: kept.book.block.number,
    accounts: accounts.length,
    decimals: dollar.toString().length - 1,
    insuranceFund,
    markets: look.markets,
    results,
    worst: worst.shock,
    sizing: sizing(stressed, worst.shock, {
      penaltyBps: triedBps,
      funds: [...new Set(funds)].toSorted((one, other) => (one < other ? -1 : 1)),
    }),
  }
}

/** Undefined where an exchange of its kind cannot be stressed. */
function exchangeOf(
  look: LiquidationLook,
  terms: CoreTerms | undefined,
): StressedExchange | undefined {
  if (look.kind === 'evm-engine') return evmStressed(look.book, look.rules)
  return look.kind === 'starknet-perpetual' && terms ? coreStressed(look, terms) : undefined
}

/** All that is paid for the bankrupt, by the fund and by others. */
function lacks({ fundOut, shortfall }: StressResult): bigint {
  return fundOut + shortfall
}

/** There is nothing to stress yet. */
export class NoAccountsError extends Error {
  override readonly name = 'NoAccountsError'
  readonly engine: string

  constructor(engine: string) {
    super(`the accounts of ${engine} are not indexed yet; run index-positions first`)
    this.engine = engine
  }
}

/** What a StarkEx exchange would do in a crash is not reckoned here. */
export class NoStressError extends Error {
  override readonly name = 'NoStressError'
  readonly engine: string

  constructor(engine: string) {
    super(`${engine} cannot be stressed: only evm-engine and starknet-perpetual can`)
    this.engine = engine
  }
}
