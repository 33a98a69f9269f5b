import { carried, type Intent, isFinal } from '../../lib/domain/intent.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import { type AccountFacts, accountsOf, disagreements, type FirstNonces } from './kept-network.ts'
import { starknetRounds, type ToldRound } from './starknet-rounds.ts'

/** What became of all work, counted. */
export type SettledCounts = {
  readonly intents: number
  readonly settled: number
  /** By why. */
  readonly failed: Readonly<Record<string, number>>
  readonly open: number
  /** Prices of one market and round that took effect. */
  readonly rounds: number
  readonly transactions: number
  /** Of those, how many told no price: a nonce used up for nothing, or a revert. */
  readonly withoutPrices: number
}

export type SettledReport = {
  readonly chains: Readonly<Record<string, SettledCounts>>
  /** Of all stores. */
  readonly intentIds: readonly string[]
  /** Sentences; empty where each intent took effect once, or is known never to. */
  readonly problems: readonly string[]
}

/** Holds the chains of a running network against the stores that `files` name: one or several deployments of the same accounts. */
export async function settledOnce(
  files: readonly string[],
  firstNonces: FirstNonces = {},
): Promise<SettledReport> {
  const [file = ''] = files
  const { network } = await readNetwork(file)
  const stores = await Promise.all(files.map(async (one) => await accountsOf(one, firstNonces)))
  const accounts = (stores[0] ?? []).map(({ chain, firstNonce, landed }): AccountFacts => {
    const ofChain = stores.flat().filter((facts) => facts.chain === chain)
    return { chain, firstNonce, landed, intents: ofChain.flatMap(({ intents }) => intents) }
  })
  const checked = await Promise.all(
    accounts.map(async (facts) => {
      const { kind, rpc, account } = network.chains[facts.chain] ?? {}
      const [at] = rpc ?? []
      const told =
        kind === 'starknet' && at?.kind === 'literal' && account
          ? await starknetRounds({ rpc: at.text, account: account.address, intents: facts.intents })
          : evmRounds(facts)
      return { facts, told }
    }),
  )
  return {
    chains: Object.fromEntries(
      checked.map(({ facts, told }) => [facts.chain, counts(facts, told)]),
    ),
    intentIds: accounts.flatMap(({ intents }) => intents.map(({ id }) => id)),
    problems: checked.flatMap(({ facts, told }) => [
      ...disagreements(facts),
      ...reverts(facts),
      ...toldTwice(facts, told),
      ...facts.intents.flatMap((intent) => misfortunes(facts, told, intent)),
    ]),
  }
}

/** The engine's event says the round itself. */
function evmRounds({ landed }: AccountFacts): readonly ToldRound[] {
  return landed
    .filter(({ reverted }) => !reverted)
    .flatMap(({ hash, prices }) => prices.map((round) => ({ hash, round })))
}

function counts({ intents, landed }: AccountFacts, told: readonly ToldRound[]): SettledCounts {
  const failed: Record<string, number> = {}
  for (const { state } of intents)
    if (state.kind === 'failed') failed[state.why] = (failed[state.why] ?? 0) + 1
  const telling = new Set(told.map(({ hash }) => BigInt(hash)))
  return {
    intents: intents.length,
    settled: intents.filter(({ state }) => state.kind === 'settled').length,
    failed,
    open: intents.filter(({ state }) => !isFinal(state)).length,
    rounds: told.length,
    transactions: landed.length,
    withoutPrices: landed.filter(({ hash }) => !telling.has(BigInt(hash))).length,
  }
}

function reverts({ chain, landed }: AccountFacts): readonly string[] {
  return landed
    .filter(({ reverted }) => reverted)
    .map(({ hash, nonce }) => `${chain}: ${hash}, nonce ${nonce}, was reverted`)
}

function toldTwice({ chain }: AccountFacts, told: readonly ToldRound[]): readonly string[] {
  const byRound = Map.groupBy(told, ({ round }) => round)
  return [...byRound].flatMap(([round, all]) =>
    all.length === 1
      ? []
      : [`${chain}: ${round} took effect in ${all.map(({ hash }) => hash).join(' and ')}`],
  )
}

/** What is not right with one intent, by the transactions that bear its hash. */
function misfortunes(
  { chain, landed }: AccountFacts,
  told: readonly ToldRound[],
  intent: Intent,
): readonly string[] {
  const { id, state } = intent
  if (!isFinal(state)) return [`${chain}: ${id} is still ${state.kind}`]
  const hash = 'hash' in state ? state.hash : undefined
  const ours = hash === undefined ? [] : told.filter((one) => BigInt(one.hash) === BigInt(hash))
  const here = ours.map(({ round }) => round).toSorted()
  if (state.kind === 'settled') {
    const { updates, round } = carried(intent)
    const wanted = updates.map(({ market }) => `${market}@${round}`).toSorted()
    return here.join() === wanted.join()
      ? []
      : [
          `${chain}: ${id} is settled with ${wanted.join()}, but its transaction told ${here.join()}`,
        ]
  }
  const isThere =
    hash !== undefined && landed.some((one) => !one.reverted && BigInt(one.hash) === BigInt(hash))
  return isThere ? [`${chain}: ${id} is failed, but ${hash} took effect`] : []
}
