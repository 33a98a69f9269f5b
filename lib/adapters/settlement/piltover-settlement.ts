import { BatchInputError } from '../../domain/proving/batch-input-error.ts'
import type { FactSight } from '../../domain/proving/batch-sight.ts'
import type { BatchContent } from '../../domain/proving/batch.ts'
import { factStrength, type StrengthRules } from '../../domain/proving/fact-strength.ts'
import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'
import type { Settlement } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { feltHex } from '../starknet-felt.ts'
import { blockBy } from '../starknet-read.ts'
import { starkPrime } from './facts/stark-prime.ts'
import {
  type ListedVerification,
  readVerifications,
  readVerifier,
} from './integrity/read-verifications.ts'
import {
  appchainFact,
  type AppchainHeader,
  type AppchainPrograms,
  layoutBridgeOutput,
  readAppchainHeader,
} from './piltover/appchain-run.ts'
import { type AppchainViews, readAppchain, readFinalStanding } from './piltover/read-appchain.ts'
import { appchainRevertMeaning } from './piltover/revert-meaning.ts'
import { type AppchainUpdate, updateStateCall } from './piltover/update-state-call.ts'
import { knownInputs, updateStateInputs } from './piltover/update-state-inputs.ts'

type Hex = `0x${string}`

export type PiltoverSettlementOptions = {
  /** The proving lane. */
  readonly name: string
  /** The Starknet chain that the contract is on, and how deep a block is final there where a node does not tell. */
  readonly chain: string
  readonly rpc: Rpc
  readonly finalityBlocks: number
  readonly contract: Hex
  /** The fact registry that the contract asks. */
  readonly registry: Hex
  /** Who brings updates. */
  readonly account: Hex
  readonly programs: AppchainPrograms
  /** How strong a fact must be before it is used; the contract itself asks for less. */
  readonly strength: StrengthRules
}

/**
 * An appchain's contract on Starknet, which asks Integrity for facts. Its call and its checks are those of Piltover where
 * `update_state` takes hash and size of the data beside both outputs (keep-starknet-strange/piltover at a7dc414). At ce5e895 it
 * takes the outputs alone, compares the bridge's bootloader too, and asks for 50 bits of any verification; cartridge-gg/piltover
 * at 8591a97 takes one `PiltoverInput`, which may be a TEE's. Such a contract does not take this call: the check tells of it, and
 * where that was not asked, a batch waits for a human before anything is sent.
 */
export function piltoverSettlement(options: PiltoverSettlementOptions): Settlement {
  const { name, chain, rpc, finalityBlocks, contract, registry, account, programs, strength } =
    options
  const read = async () => readAppchain(rpc, { contract, account })

  return {
    name,
    chain,
    account,

    async check() {
      const other = await otherPiltover(options)
      if (other !== undefined) return [other]
      return [
        ...problemsOf(options, await read()),
        ...(strength.mayBeMocked ? [] : await mockedProblems(options)),
      ]
    },

    async sight() {
      const { standing, block } = await read()
      const finalized = await readFinalStanding(rpc, { contract, head: block, finalityBlocks })
      return { latest: standing, block, finalized, time: block.time }
    },

    facts(content, { programHash, output }) {
      const header = readAppchainHeader(output.programOutput)
      if (!header) throw new BatchInputError(content.name, 'its output ends within its header')
      const other = difference(content, header, { programHash: BigInt(programHash), programs })
      if (other !== undefined) throw new BatchInputError(content.name, other)
      const { bridgeOutput } = updateOf(output, programs, content.name)
      if (!isSame(bridgeOutput, layoutBridgeOutput(output.programOutput, programs)))
        throw new BatchInputError(content.name, 'its layout bridge verified something else')
      const fact = feltHex(appchainFact(bridgeOutput, programs))
      return { fact, proverFacts: { integrity: fact } }
    },

    async fact(fact) {
      const [block] = await rpc.values([blockBy('latest')])
      const at = { block_hash: block.hash }
      return sightOf(await readVerifications(rpc, { registry, fact: BigInt(fact), at }), strength)
    },

    call: (output) => updateStateCall(contract, updateOf(output, programs, name)),

    async meaningOf(reason, { output }) {
      const header = readAppchainHeader(output.programOutput)
      const told = { header, programs, registry: BigInt(registry) }
      return appchainRevertMeaning(reason, told, await read())
    },
  }
}

/** The contract takes a fact by its first verification alone: more bits than these, whatever else is registered. */
const contractBits = 50

/** Strong enough for us, and nothing in the way of the contract. */
function sightOf(verifications: readonly ListedVerification[], rules: StrengthRules): FactSight {
  const sight = factStrength(verifications, rules)
  const first = verifications[0]?.securityBits ?? 0
  if (sight.kind !== 'strong' || first > contractBits) return sight
  const reason = `the contract looks at the first verification alone, and that has ${first} bits`
  return { kind: 'weak', reason }
}

function updateOf(
  { programOutput, bridgeOutput, data }: SettlementOutput,
  programs: AppchainPrograms,
  batch: string,
): AppchainUpdate {
  if (data?.kind === 'blobs')
    throw new BatchInputError(batch, 'a contract on Starknet takes no blobs')
  const { hash, size } = data ?? { hash: 0n, size: 0n }
  const at = [...programOutput, ...(bridgeOutput ?? []), hash].findIndex(
    (word) => word >= starkPrime,
  )
  if (at >= 0) {
    const what = hash >= starkPrime ? 'the hash of its data' : `word ${at} of its output`
    throw new BatchInputError(batch, `${what} is no felt, which is all that Starknet takes`)
  }
  return {
    programOutput,
    bridgeOutput: bridgeOutput ?? layoutBridgeOutput(programOutput, programs),
    data: { hash, size },
  }
}

/** In words, the first thing in which a run is not the batch's. */
function difference(
  { previous, last, previousRoot, newRoot }: BatchContent,
  header: AppchainHeader,
  { programHash, programs }: { readonly programHash: bigint; readonly programs: AppchainPrograms },
): string | undefined {
  const compared: readonly (readonly [string, bigint, bigint])[] = [
    ['previous block', BigInt(header.previousNumber), BigInt(previous.number)],
    ['last block', BigInt(header.newNumber), BigInt(last.number)],
    ['previous block hash', header.previousHash, BigInt(previous.hash)],
    ['last block hash', header.newHash, BigInt(last.hash)],
    ['previous root', header.previousRoot, BigInt(previousRoot)],
    ['new root', header.newRoot, BigInt(newRoot)],
    ['program', header.programHash, programHash],
    ['program', programHash, programs.snos],
    ['configuration', header.configHash, programs.snosConfig],
  ]
  const found = compared.find(([, one, other]) => one !== other)
  if (!found) return undefined
  const [what, one, other] = found
  return `its ${what} is ${feltHex(one < 0n ? 0n : one)}, not ${feltHex(other < 0n ? 0n : other)}`
}

function isSame(one: readonly bigint[], other: readonly bigint[]): boolean {
  return one.length === other.length && one.every((word, at) => word === other[at])
}

/** In words, that the contract is of another revision, or none at all. */
async function otherPiltover({
  contract,
  rpc,
}: PiltoverSettlementOptions): Promise<string | undefined> {
  const [inputs] = await rpc.values([updateStateInputs(contract)])
  if (inputs?.join() === knownInputs.join()) return undefined
  const taken = inputs ? `takes update_state(${inputs.join(', ')})` : 'has no update_state'
  return `${contract} ${taken}; what is known here takes (${knownInputs.join(', ')})`
}

function problemsOf(
  { contract, account, registry, programs }: PiltoverSettlementOptions,
  views: AppchainViews,
): readonly string[] {
  const names = {
    bootloader: 'bootloader',
    snosConfig: 'configuration',
    snos: 'program',
    layoutBridge: 'layout bridge',
  } as const
  const others = (Object.keys(names) as (keyof typeof names)[]).filter(
    (key) => views.programs[key] !== programs[key],
  )
  return [
    ...(views.mayUpdate ? [] : [`${account} is neither owner nor operator of ${contract}`]),
    ...(views.registry === BigInt(registry)
      ? []
      : [`${contract} asks the registry ${feltHex(views.registry)}, not ${registry}`]),
    ...others.map(
      (key) =>
        `${contract} has the ${names[key]} ${feltHex(views.programs[key])}, the network file says ${feltHex(programs[key])}`,
    ),
  ]
}

/** A registry with no verifier behind a configuration that is trusted. */
async function mockedProblems({
  rpc,
  registry,
  strength: { configurations },
}: PiltoverSettlementOptions): Promise<readonly string[]> {
  const verifiers = await Promise.all(
    configurations.map(async (config) => readVerifier(rpc, { registry, config, at: 'latest' })),
  )
  return verifiers.includes('mock')
    ? [`the registry ${registry} is a mocked one: it takes facts that nobody proved`]
    : []
}
