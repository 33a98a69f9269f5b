import { onePlace } from '../../adapters/chains/one-place.ts'
import { generationAt } from '../../adapters/engines/starknet-perpetual/generation.ts'
import { messageOf } from '../../keepers/message-of.ts'
import { checkLiquidators } from '../../runtime/check-liquidators.ts'
import { checkWorld } from '../../runtime/check-world.ts'
import type { World } from '../../runtime/compose.ts'
import { entry } from '../../runtime/network/entry.ts'
import type { Network } from '../../runtime/network/schema.ts'
import type { Secrets } from '../../runtime/secrets.ts'
import { type Diagnosis, fromSentence } from './diagnosis.ts'

/** Whether chains, exchanges and contracts are what the network file says: what every start asks first. */
export async function checkWorldParts(
  world: World,
  secrets: Secrets,
): Promise<readonly Diagnosis[]> {
  const { network, ports } = world
  const sentences = await checkWorld(world)
  const poor = sentences.length === 0 && network.jobs.liquidate ? await checkLiquidators(world) : []
  const faults = [...sentences, ...poor].map(diagnosed)
  const parts = [
    ...Object.keys(ports.chains).map((name) => `chains.${name}`),
    ...Object.keys(ports.engines).map((name) => `engines.${name}`),
    ...Object.keys(ports.proving).map((name) => `proving.${name}`),
  ]
  const wrong = new Set(faults.map(({ subject }) => subject))
  const fine = parts
    .filter((part) => !wrong.has(part))
    .map(async (subject): Promise<Diagnosis> => {
      const more = await generationOf(subject, network, secrets)
      return { area: 'world', subject, state: 'ok', says: `as the network file says${more}` }
    })
  return [...faults, ...(await Promise.all(fine))]
}

const fixes: Readonly<Record<string, string>> = {
  chains: 'correct what the network file says of this chain',
  engines:
    'have the exchange’s governor give the role or register the key, or correct what the network file says of it',
  proving:
    'have the contract’s governor give the role, or correct what the network file says of it',
}

/** `chains.l1.rpc: …` is about `chains.l1`. */
function diagnosed(sentence: string): Diagnosis {
  const [, area = '', name = '', text = ''] =
    /^(chains|engines|proving)\.([^.:\s]+)[^:\s]*: ([^]*)$/.exec(sentence) ?? []
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
