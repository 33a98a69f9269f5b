import { onePlace } from '../../adapters/chains/one-place.ts'
import { generationAt } from '../../adapters/engines/starknet-perpetual/generation.ts'
import { messageOf } from '../../keepers/message-of.ts'
import { checkLiquidators } from '../../runtime/check-liquidators.ts'
import { checkWorld } from '../../runtime/check-world.ts'
import type { World } from '../../runtime/compose.ts'
import { entry } from '../../runtime/network/entry.ts'
import type { Network } from '../../runtime/network/schema.ts'
import type { Secrets } from '../../runtime/secrets.ts'
import { feedsToTell } from '../../runtime/world/uptime-feeds.ts'
import { type Diagnosis, fromSentence } from './diagnosis.ts'

type Options = {
  readonly secrets: Secrets
  /** Whether this process has all keys; without one of them, nobody's roles are asked about. */
  readonly signs: boolean
}

/** Whether chains, exchanges and contracts are what the network file says: what every start asks first. */
export async function checkWorldParts(
  world: World,
  options: Options,
): Promise<readonly Diagnosis[]> {
  const { network } = world
  const sentences = await checkWorld(world)
  const poor = sentences.length === 0 && network.jobs.liquidate ? await checkLiquidators(world) : []
  const faults = [...sentences, ...poor].map(diagnosed)
  const wrong = new Set(faults.map(({ subject }) => subject))
  const silent = await silentChains(world)
  const rest = partsOf(world)
    .filter(({ subject }) => !wrong.has(subject))
    .map(async ({ subject, chain }): Promise<Diagnosis> => {
      const at = { area: 'world', subject } as const
      if (silent.has(chain))
        return { ...at, state: 'skipped', says: `nothing is known of it: ${chain} does not answer` }
      const generation = await generationOf(subject, network, options.secrets)
      const but = options.signs ? '' : '; roles and keys there were not looked at for want of keys'
      return { ...at, state: 'ok', says: `as the network file says${generation}${but}` }
    })
  return [...faults, ...(await Promise.all(rest))]
}

type Part = { readonly subject: string; readonly chain: string }

function partsOf({ network, ports }: World): readonly Part[] {
  const { chains, engines, proving } = ports
  return [
    ...Object.keys(chains).map((name) => ({ subject: `chains.${name}`, chain: name })),
    ...Object.entries(engines).map(([name, { chain }]) => ({ subject: `engines.${name}`, chain })),
    ...Object.entries(proving).map(([name, { settlement }]) => ({
      subject: `proving.${name}`,
      chain: settlement.chain,
    })),
    ...feedsToTell(network, ports).map(({ name, chain }) => ({
      subject: `uptimeFeeds.${name}`,
      chain,
    })),
  ]
}

/** Of what is there nothing was found wrong, since nothing was found. */
async function silentChains({ ports: { chains } }: World): Promise<ReadonlySet<string>> {
  const heads = Object.entries(chains).map(async ([name, chain]) =>
    chain.head().then(
      () => [],
      () => [name],
    ),
  )
  return new Set((await Promise.all(heads)).flat())
}

const fixes: Readonly<Record<string, string>> = {
  chains: 'correct what the network file says of this chain',
  engines:
    'have the exchange’s governor give the role or register the key, or correct what the network file says of it',
  proving:
    'have the contract’s governor give the role, or correct what the network file says of it',
  uptimeFeeds: 'correct what the network file says of this feed',
}

/** `chains.l1.rpc: …` is about `chains.l1`. */
function diagnosed(sentence: string): Diagnosis {
  const [, area = '', name = '', text = ''] =
    /^(chains|engines|proving|uptimeFeeds)\.([^.:\s]+)[^:\s]*: ([^]*)$/.exec(sentence) ?? []
  const subject = area === '' ? 'the network' : `${area}.${name}`
  const at = { area: 'world', subject, state: 'fault' } as const
  const says = text === '' ? sentence : text
  const otherwise = says.includes(' did not answer ')
    ? 'see which of its nodes answer; starkeep runbook chain-unreachable'
    : (fixes[area] ?? 'correct the network file')
  return fromSentence(at, says, otherwise)
}

/** Of a starknet-perpetual exchange, what its contract shows. */
async function generationOf(
  subject: string,
  { engines, chains }: Network,
  secrets: Secrets,
): Promise<string> {
  const [area, name = ''] = subject.split('.')
  const engine = area === 'engines' ? entry(engines, name) : undefined
  if (engine?.kind !== 'starknet-perpetual') return ''
  const chain = entry(chains, engine.chain)
  const [node] = chain?.kind === 'starknet' ? chain.rpc : []
  if (!node) return ''
  try {
    const url = (await secrets.text(node)).reveal().trim()
    const [generation] = await onePlace({ chain: engine.chain, url }).rpc.values([
      generationAt(engine.address),
    ])
    return `; its ABI is of generation ${generation ?? 'none that is known'}`
  } catch (error) {
    return `; its ABI generation was not told: ${messageOf(error)}`
  }
}
