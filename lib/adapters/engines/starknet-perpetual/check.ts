import type { OracleKeys } from '../../../ports.ts'
import { shortString } from '../../starknet-felt.ts'
import { answered } from './answered.ts'
import { type Ownership, ownerSentences } from './check-owner.ts'
import type { Core, Listing } from './core.ts'
import { type Generation, generationAt } from './generation.ts'
import type { Registered } from './oracle-events.ts'
import { assetConfig, isOperator } from './views.ts'

/** starknet-specs: CONTRACT_NOT_FOUND. */
const unknownContract = 20

/** One sentence for each thing that the network file says and the contract denies. */
export async function checkCore(asked: {
  readonly core: Core
  readonly account: string
  readonly said: Generation | 'detect'
  readonly leastQuorum: number
  readonly oracles: readonly OracleKeys[]
  readonly registered: () => Promise<Registered>
  /** Whether the network file says how its interest and its time are kept. */
  readonly keepsInterest: boolean
  /** Undefined where no order is signed here. */
  readonly ownership: Ownership | undefined
}): Promise<readonly string[]> {
  const { core, account, said, leastQuorum, oracles, keepsInterest, ownership } = asked
  const { engine, address } = core
  const classRequest = generationAt(address)
  const [found] = await core.rpc.answers([classRequest])
  if (found.kind === 'error' && found.error.code === unknownContract)
    return [`${engine}: there is no contract at ${address}`]
  const generation = await answered(core, classRequest, found)
  if (generation === undefined)
    return [`${engine}: the contract at ${address} takes no price ticks`]
  const operates = await mayOperate(core, account)
  const wrongGeneration = said !== 'detect' && said !== generation
  const registered = await asked.registered()
  const markets = await marketSentences({ core, generation, leastQuorum, oracles, registered })
  return [
    ...(wrongGeneration
      ? [`${engine}: its generation is ${generation}, the network file says ${said}`]
      : []),
    ...(keepsInterest && generation !== 'D'
      ? [
          `${engine}: \`interest\` is of generation D only, and its generation is ${generation}; take \`interest\` out`,
        ]
      : []),
    ...(operates ? [] : [`${engine}: account ${account} is not an operator of it`]),
    ...oracles.flatMap(({ node, stark }) =>
      stark === undefined ? [`${engine}: node ${node} has no STARK key to sign with`] : [],
    ),
    ...markets,
    ...(ownership ? await ownerSentences(core, ownership) : []),
  ]
}

/** Who only signs or watches sends nothing, and has no account. */
async function mayOperate(core: Core, account: string): Promise<boolean> {
  if (BigInt(account) === 0n) return true
  const request = isOperator(core.address, account)
  const [operator] = await core.rpc.answers([request])
  return (await answered(core, request, operator)) === true
}

async function marketSentences(asked: {
  readonly core: Core
  readonly generation: Generation
  readonly leastQuorum: number
  readonly oracles: readonly OracleKeys[]
  readonly registered: Registered
}): Promise<readonly string[]> {
  const { core, generation, leastQuorum, oracles, registered } = asked
  const requests = core.listings.map(({ assetId }) =>
    assetConfig({ contract: core.address, generation, assetId, at: 'latest' }),
  )
  const answers = await core.rpc.answers(requests)
  const configs = await Promise.all(
    requests.map(async (request, index) => answered(core, request, answers[index])),
  )
  return core.listings.flatMap((listing, index) => {
    const config = configs[index]
    const name = `${core.engine}: ${listing.market} (asset ${assetName(listing)})`
    if (config === undefined) return [`${name} does not exist`]
    const signers = registered.get(BigInt(listing.assetId)) ?? new Map<bigint, unknown>()
    const quorum = Math.max(config.quorum, leastQuorum)
    return [
      ...(config.status === 'inactive' ? [`${name} is deactivated`] : []),
      ...(config.resolutionFactor === listing.resolutionFactor
        ? []
        : [
            `${name} has resolution factor ${config.resolutionFactor}, the network file says ${listing.resolutionFactor}`,
          ]),
      ...(signers.size >= quorum
        ? []
        : [`${name} needs ${quorum} reports, and only ${signers.size} keys may sign them`]),
      ...oracles.flatMap(({ node, stark, next }) =>
        stark === undefined ||
        [next?.stark, stark].some((key) => key && signers.has(BigInt(key.publicKey)))
          ? []
          : [
              `${name} is not to be signed by ${node}: its key ${stark.publicKey} is not registered`,
            ],
      ),
    ]
  })
}

/** Asset ids are ASCII with zeros at the end, or whatever else was registered. */
function assetName({ assetId }: Listing): string {
  return shortString(BigInt(`0x${assetId.slice(2).replace(/(?:00)+$/, '')}`)) ?? assetId
}
