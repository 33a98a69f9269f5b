import { localRpc } from '../../infra/local/local-rpc.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import type { Store } from '../../lib/ports.ts'
import { compose } from '../../lib/runtime/compose.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import { landedOn, type LandedTransaction } from './chain-truth.ts'

/** One sending account of a running network: what its store believes, and what its chain has. */
export type AccountFacts = {
  readonly chain: string
  /** What was sent below it set the chain up. */
  readonly firstNonce: number
  readonly intents: readonly Intent[]
  readonly landed: readonly LandedTransaction[]
}

const nothing = { oracles: false, senders: false, alerts: false, watched: false }

/** More than any test makes. */
const most = 5_000

/** Looks into the store of a running network. */
export async function lookInto<T>(
  file: string,
  look: (store: Store, network: Network) => Promise<T>,
): Promise<T> {
  const world = await compose({ ...(await readNetwork(file)), clock: wallClock, needs: nothing })
  try {
    return await look(world.ports.store, world.network)
  } finally {
    await world.close()
  }
}

/** By chain, the nonce of its account's first transaction that is the network's own; 0 where it is not named. */
export type FirstNonces = Readonly<Record<string, number>>

/** Where the accounts' nonces stand: on a chain that was set up by the same account, above zero. */
export async function noncesNow(file: string): Promise<FirstNonces> {
  const { network } = await readNetwork(file)
  const entries = sendersOf(network).map(async ({ chain, kind, rpc, account }) => {
    const ask = localRpc(rpc)
    const nonce =
      kind === 'evm'
        ? await ask('eth_getTransactionCount', account, 'latest')
        : await ask('starknet_getNonce', 'latest', account)
    return [chain, Number(nonce)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function sendersOf({ chains }: Network) {
  return Object.entries(chains).flatMap(
    ([
      chain,
      {
        kind,
        account,
        rpc: [at],
      },
    ]) =>
      account && kind !== 'starkex' && at?.kind === 'literal'
        ? [{ chain, kind, rpc: at.text, account: account.address }]
        : [],
  )
}

/** What became of all work, by account, of a network that runs. */
export async function accountsOf(
  file: string,
  firstNonces: FirstNonces = {},
): Promise<readonly AccountFacts[]> {
  return await lookInto(
    file,
    async (store, network) =>
      await Promise.all(
        sendersOf(network).map(async ({ chain, ...sender }): Promise<AccountFacts> => {
          const firstNonce = firstNonces[chain] ?? 0
          const intents = await store.intents.recent(`${chain}/${sender.account}`, most)
          const all = await landedOn(sender)
          const landed = all.filter(({ nonce }) => nonce >= firstNonce)
          return { chain, firstNonce, intents, landed }
        }),
      ),
  )
}

/** Every way in which store and chain do not agree, in words; empty where all work took effect once or never. */
export function disagreements({
  chain,
  firstNonce,
  intents,
  landed,
}: AccountFacts): readonly string[] {
  const effective = landed.filter(({ reverted }) => !reverted)
  const prices = effective.flatMap((one) => one.prices).filter((price) => price.includes('@'))
  return [
    ...landed
      .filter(({ nonce }, at) => nonce !== firstNonce + at)
      .map(({ hash, nonce }) => `${chain}: ${hash} has nonce ${nonce}, out of order`),
    ...repeated(prices).map((price) => `${chain}: ${price} took effect twice`),
    ...effective
      .filter(({ prices: told }) => told.length > 0)
      .flatMap(({ hash }) => {
        const owners = intents.filter(({ state }) => 'hash' in state && sameHash(state.hash, hash))
        return owners.length === 1 ? [] : [`${chain}: ${hash} belongs to ${owners.length} intents`]
      }),
    ...intents.flatMap(({ id, state }) => {
      if (state.kind !== 'included' && state.kind !== 'settled') return []
      return landed.some(({ hash }) => sameHash(hash, state.hash))
        ? []
        : [`${chain}: ${id} is ${state.kind}, but ${state.hash} is in no block`]
    }),
  ]
}

function sameHash(one: string | undefined, other: string): boolean {
  return one !== undefined && BigInt(one) === BigInt(other)
}

function repeated(all: readonly string[]): readonly string[] {
  return [...new Set(all.filter((one, at) => all.indexOf(one) !== at))]
}
