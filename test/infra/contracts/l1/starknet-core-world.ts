import { type Abi, encodeAbiParameters, encodeFunctionData, encodePacked, keccak256 } from 'viem'
import { z } from 'zod'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import {
  placeStarknetCore,
  type StarknetCoreSetUp,
  starknetCoreInitializer,
} from '../../../../infra/contracts/l1/deploy-starknet-core.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { anvil } from '../../../adapters/chains/anvil.ts'
import { anvilSecret } from '../../../adapters/chains/keys.ts'
import { warmKzg } from '../../../adapters/settlement/warm-kzg.ts'

type Hex = `0x${string}`
export type Sent = {
  readonly from: Hex
  readonly to: Hex
  readonly data: Hex
  readonly value?: bigint
  readonly blobHashes?: readonly Hex[]
}

/** As recorded. */
const gasOffered = 16_000_000n
export const coreAbi = compiledL1Contract('starknet-core', 'Core').abi
export const proxyAbi = compiledL1Contract('proxy', 'Proxy').abi
const factsAbi = compiledL1Contract('starknet-core', 'ToldFacts').abi

const Hex = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]*$/)])
const Quantity = Hex.transform((text) => BigInt(text))
const Receipt = z.object({
  transactionHash: Hex,
  status: Hex,
  gasUsed: Quantity,
  logs: z.array(z.object({ address: Hex, topics: z.array(Hex), data: Hex })),
})
type Frame = {
  readonly to?: string | undefined
  readonly input: Hex
  readonly output?: Hex | undefined
  readonly calls?: readonly Frame[] | undefined
}
const Frame: z.ZodType<Frame> = z.lazy(() =>
  z.object({
    to: z.string().optional(),
    input: Hex,
    output: Hex.optional(),
    calls: z.array(Frame).optional(),
  }),
)

export type CoreWorld = Awaited<ReturnType<typeof startCoreWorld>>
export type SettledBlock = {
  readonly blockNumber: bigint
  readonly root: bigint
  readonly blockHash: bigint
  readonly messageWords?: readonly bigint[]
}
/** The states that cases begin from. */
export type Stage = (typeof stages)[number]
const stages = ['placed', 'started', 'operated', 'settled'] as const

/** A node with the core on it, in stages to return to; the block time of the first transactions is `genesis`. */
export async function startCoreWorld({
  setUp,
  genesis,
  governor,
  operator,
  first,
}: {
  readonly setUp: StarknetCoreSetUp
  /** The update of the last stage. */
  readonly first: SettledBlock
  readonly genesis: bigint
  readonly governor: Hex
  readonly operator: Hex
}) {
  const node = await anvil([
    '--hardfork',
    'osaka',
    '--auto-impersonate',
    '--gas-price',
    '0',
    '--base-fee',
    '0',
    '--timestamp',
    String(genesis),
  ])
  await node.rpc('anvil_setBlockTimestampInterval', 0)
  const snapshots = new Map<Stage, string>()
  const keep = async (stage: Stage) =>
    void snapshots.set(stage, String(await node.rpc('evm_snapshot')))
  await warmKzg(node)
  const addresses = await placeStarknetCore(await l1Sender(node.url, anvilSecret))
  const { core, implementation, registry } = addresses
  await keep('placed')

  async function send({ value = 0n, blobHashes, ...call }: Sent) {
    const receipt = Receipt.parse(
      await node.mined({
        ...call,
        value: `0x${value.toString(16)}`,
        gas: `0x${gasOffered.toString(16)}`,
        ...(blobHashes
          ? { blobVersionedHashes: blobHashes, maxFeePerBlobGas: '0x1' }
          : { gasPrice: '0x0' }),
      }),
    )
    return receipt
  }

  /** One of the steps that lead to where a case begins: it must pass. */
  async function step(from: Hex, abi: Abi, name: string, args: readonly unknown[], value = 0n) {
    const to = abi === factsAbi ? registry : core
    const data = encodeFunctionData({ abi, functionName: name, args })
    const { status } = await send({ from, to, data, value })
    if (status !== '0x1') throw new Error(`${name} was refused on the way to a case`)
  }

  async function govern(name: string, args: readonly unknown[] = []) {
    await step(governor, coreAbi, name, args)
  }

  async function view(name: string, args: readonly unknown[] = []): Promise<Hex> {
    const data = encodeFunctionData({ abi: coreAbi, functionName: name, args })
    return Hex.parse(await node.rpc('eth_call', { to: core, data }, 'latest'))
  }

  const tell = async (fact: Hex, answer: boolean) =>
    step(governor, factsAbi, 'tell', [fact, answer])

  /** An update to there, whatever it takes. */
  async function settle({ blockNumber, root, blockHash, messageWords = [0n, 0n] }: SettledBlock) {
    const [before, number, hash, config, program] = await Promise.all(
      ['stateRoot', 'stateBlockNumber', 'stateBlockHash', 'configHash', 'programHash'].map(
        async (name) => BigInt(await view(name)),
      ),
    )
    const previous = number === 2n ** 256n - 1n ? fieldPrime - 1n : number
    const words = [before, root, previous, blockNumber, hash, blockHash, 0n, config, 0n, 0n]
    const output = [...words.map((word) => word ?? 0n), ...messageWords]
    await tell(sharpFactOf(program ?? 0n, output), true)
    await step(operator, coreAbi, 'updateState', [output, 0n, 0n])
  }

  /** What is returned to is gone afterwards, and so is all that was kept later: that is done again where it is wanted. */
  async function returnTo(stage: Stage): Promise<void> {
    const kept = snapshots.get(stage)
    if (kept === undefined) {
      await returnTo(stages[stages.indexOf(stage) - 1] ?? 'placed')
      if (stage === 'started') await start()
      if (stage === 'operated') await govern('registerOperator', [operator])
      if (stage === 'settled') await settle(first)
    } else {
      await node.rpc('evm_revert', kept)
      for (const later of stages.slice(stages.indexOf(stage))) snapshots.delete(later)
    }
    await keep(stage)
  }

  async function start() {
    const args = [implementation, starknetCoreInitializer(setUp, registry), false]
    await step(governor, proxyAbi, 'addImplementation', args)
    await step(governor, proxyAbi, 'upgradeTo', args)
  }

  return {
    addresses,
    send,
    step,
    govern,
    view,
    tell,
    gasOffered,
    call: async (to: Hex, data: Hex) =>
      Hex.parse(await node.rpc('eth_call', { to, data }, 'latest')),
    stop: async () => node.stop(),
    balance: async (who: Hex) => Quantity.parse(await node.rpc('eth_getBalance', who, 'latest')),
    setCode: async (where: Hex, code: Hex) => void (await node.rpc('anvil_setCode', where, code)),
    atTime: async (second: bigint) => {
      await node.rpc('evm_setNextBlockTimestamp', Number(second))
    },
    returnTo,
    /** What was asked and answered inside a transaction, and what it gave back. */
    async trace(hash: Hex) {
      const top = Frame.parse(
        await node.rpc('debug_traceTransaction', hash, { tracer: 'callTracer' }),
      )
      return { output: top.output ?? '0x', queries: factQueries(top) }
    },
    settle,
  }
}

const fieldPrime = 2n ** 251n + 17n * 2n ** 192n + 1n

/** Of an update without data pages, from the definition: an inner node over the output and an empty page. */
function sharpFactOf(programHash: bigint, words: readonly bigint[]): Hex {
  const size = BigInt(words.length)
  const node = keccak256(
    encodePacked(
      ['bytes32', 'uint256', 'uint256', 'uint256'],
      [keccak256(encodePacked(['uint256[]'], [words])), size, 0n, size],
    ),
  )
  return keccak256(
    encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'uint256' }],
      [programHash, BigInt(node) + 1n],
    ),
  )
}

/** `isValid(bytes32)`. */
const asks = '0x6a938567'

function factQueries({ to, input, output, calls = [] }: Frame): readonly FactQuery[] {
  const own = input.startsWith(asks)
    ? [
        {
          registry: to ?? '',
          fact: `0x${input.slice(10, 74)}`,
          answer: BigInt(output ?? '0x0') === 1n,
        },
      ]
    : []
  return [...own, ...calls.flatMap(factQueries)]
}
type FactQuery = { readonly registry: string; readonly fact: string; readonly answer: boolean }
