import type {
  FactVerification,
  VerifierConfiguration,
} from '../../../domain/proving/fact-strength.ts'
import type { Rpc, RpcAnswer, RpcRequest } from '../../rpc.ts'
import { feltHex, shortString } from '../../starknet-felt.ts'
import { type BlockId, view } from '../../starknet-read.ts'
import { contractReason } from '../../starknet-revert.ts'

/** A verification with the hash that it is stored under. */
export type ListedVerification = FactVerification & { readonly hash: bigint }

export type RegistryAt = {
  readonly registry: `0x${string}`
  /** Should name a block, so that all that is read is of one state. */
  readonly at: BlockId
}

/** All that a registry has of a fact, oldest first, and whether a verifier stands behind each. */
export async function readVerifications(
  rpc: Rpc,
  { fact, ...where }: RegistryAt & { readonly fact: bigint },
): Promise<readonly ListedVerification[]> {
  const [listed] = await rpc.values([verificationsOf(where, fact)])
  const presets = new Map(listed.map(({ preset }) => [keyOf(preset), preset]))
  const verifiers = new Map(
    await Promise.all(
      [...presets].map(
        async ([key, preset]) => [key, await askVerifier(rpc, where, preset)] as const,
      ),
    ),
  )
  return listed.map(({ preset, ...one }) => ({
    ...one,
    verifier: verifiers.get(keyOf(preset)) ?? 'unknown',
  }))
}

/** Who verifies proofs of that configuration: a mocked registry says that it is somebody at 0. */
export async function readVerifier(
  rpc: Rpc,
  { config, ...where }: RegistryAt & { readonly config: VerifierConfiguration },
): Promise<FactVerification['verifier']> {
  const { layout, hasher } = config
  return await askVerifier(rpc, where, { layout: word(layout), hasher: functionOf(hasher) })
}

/** Which verifier is asked: one per layout and hash function, however many bits of it are used. */
type Preset = { readonly layout: bigint; readonly hasher: bigint }

type Listed = Omit<ListedVerification, 'verifier'> & { readonly preset: Preset }

/** `hash, bits, layout, hasher, stone version, memory verification`. */
const wordsEach = 6

function verificationsOf(
  { registry, at }: RegistryAt,
  fact: bigint,
): RpcRequest<readonly Listed[]> {
  const entrypoint = 'get_all_verifications_for_fact_hash'
  const request = view({ contract: registry, entrypoint, calldata: [fact], at })
  return { ...request, read: (result) => listIn(request.read(result)) }
}

function listIn([count = 0n, ...words]: readonly bigint[]): readonly Listed[] {
  if (BigInt(words.length) !== count * BigInt(wordsEach))
    throw new RangeError(`${words.length} words are not ${count} verifications`)
  return Array.from({ length: Number(count) }, (_, at) => {
    const [hash = 0n, bits = 0n, ...config] = words.slice(at * wordsEach, (at + 1) * wordsEach)
    const [layout = 0n, hasher = 0n] = config
    return {
      hash,
      securityBits: Number(bits),
      config: configIn(config),
      preset: { layout, hasher: functionOf(textOf(hasher), hasher) },
    }
  })
}

function configIn(words: readonly bigint[]): VerifierConfiguration {
  const [layout = '', hasher = '', stoneVersion = '', memoryVerification = ''] = words.map(textOf)
  return { layout, hasher, stoneVersion, memoryVerification }
}

function textOf(felt: bigint): string {
  return shortString(felt) ?? feltHex(felt)
}

function functionOf(hasher: string, otherwise = word(hasher)): bigint {
  const name = /^(?<name>[a-z0-9]+)_\d+_lsb$/.exec(hasher)?.groups?.['name']
  return name === undefined ? otherwise : word(name)
}

function word(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex') || '0'}`)
}

function keyOf({ layout, hasher }: Preset): string {
  return `${layout} ${hasher}`
}

type Verifier = FactVerification['verifier']

async function askVerifier(
  rpc: Rpc,
  { registry, at }: RegistryAt,
  { layout, hasher }: Preset,
): Promise<Verifier> {
  const calldata = [layout, hasher]
  const asked = view({ contract: registry, entrypoint: 'get_verifier_address', calldata, at })
  const request: RpcRequest<Verifier> = {
    ...asked,
    read: (result) => (asked.read(result)[0] === 0n ? 'mock' : 'known'),
  }
  const [answer] = await rpc.answers([request])
  if (answer.kind === 'result') return answer.value
  if (namesNobody(answer)) return 'unknown'
  const [value] = await rpc.values([request])
  return value
}

/** It refuses to name one, or has no such view. Any other error is the node's: it is asked once more, and that thrown. */
function namesNobody({ error }: Extract<RpcAnswer, { readonly kind: 'error' }>): boolean {
  return error.code === noEntryPoint || contractReason(error) !== undefined
}

/** starknet-specs: ENTRYPOINT_NOT_FOUND. */
const noEntryPoint = 21
