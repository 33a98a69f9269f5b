import { encodeFunctionData, type Hex, hexToBigInt, size, sliceHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import {
  deployGps,
  type GpsAddresses,
  standInBootloader,
} from '../../../../infra/contracts/l1/deploy-gps.ts'
import { gpsStatement, type GpsTask } from '../../../../infra/contracts/l1/gps-statement.ts'
import { registerFact } from '../../../../infra/contracts/l1/register-fact.ts'
import { L1DeploymentError } from '../../../../infra/contracts/l1/sender.ts'
import { localRpc } from '../../../../infra/local/local-rpc.ts'
import {
  mainAndData,
  onchainDataHash,
  onePage,
} from '../../../../lib/adapters/settlement/facts/output-tree.ts'
import { keccakOfWords } from '../../../../lib/adapters/settlement/facts/words.ts'
import { anvilSecret } from '../../../adapters/chains/keys.ts'
import {
  type L1Case,
  l1Cases,
  l1Recording,
  titledL1,
  Words,
} from '../../../adapters/settlement/l1-vectors.ts'
import { gpsCalldata, withOurMainPage } from './gps-replay.ts'
import { isValidCall, recordedAnswer, type Replay, shown, startReplay } from './replay.ts'

let replay: Replay
let addresses: GpsAddresses

beforeAll(async () => {
  replay = await startReplay('1800000000')
  addresses = await deployGps({ rpcUrl: replay.node.url, key: anvilSecret })
})
afterAll(async () => replay.node.stop())

const isRegistered = async (at: Hex, fact: Hex) =>
  BigInt(await replay.ask(at, isValidCall(fact))) === 1n

describe.skipIf(l1Recording === undefined)(titledL1('the statement verifier as recorded'), () => {
  const roles: Readonly<Record<string, Hex>> = l1Recording?.roles['gps'] ?? {}
  const cases = l1Cases('gps.').filter(({ kind }) => kind === 'tx' || kind === 'view')

  test('stands where the real one stood', () => {
    expect(addresses).toEqual({
      bootloaderProgram: roles['bootloaderProgram'],
      memoryPages: roles['memoryPages'],
      starkCheck: roles['cairoVerifierStandin'],
      gps: roles['gps'],
    })
  })

  // In the order of the recording: facts stay registered from one to the next.
  const views = cases.filter(({ kind }) => kind === 'view')
  const before = views.filter(({ id }) => id.endsWith('.before'))
  test.for(before.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    expect(await answerTo(one)).toBe(one.result?.data)
  })

  const transactions = cases.filter(({ kind }) => kind === 'tx')
  test.for(transactions.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    const isValidBefore = await factsOf(one)
    const outcome = await replay.send({
      from: role(one.call?.from),
      to: role(one.call?.target),
      data: gpsCalldata(one),
      timestamp: one.chain?.timestamp,
    })
    const recorded = recordedAnswer(one)
    const logs = withOurMainPage(recorded.logs, one)
    expect(shown(outcome, roles)).toEqual({ ...recorded, logs })
    const returned = Array.isArray(one.result?.returned) ? one.result.returned : undefined
    expect(returned === undefined || wordsIn(outcome.output)).toEqual(
      returned === undefined || Words.parse(returned),
    )
    const now = {
      isValidBefore,
      isValid: one.ours?.['facts'] === undefined ? (await factsOf(one))[0] : await factsOf(one),
      outputRootIsNoFact: await isAnyRootAFact(one),
    }
    expect(now).toMatchObject(one.post ?? {})
  })

  const after = views.filter(({ id }) => !id.endsWith('.before'))
  test.for(after.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    expect(await answerTo(one)).toBe(one.result?.data)
  })

  const role = (name = ''): Hex => roles[name] ?? '0x'

  async function answerTo({ call }: L1Case): Promise<Hex> {
    return replay.ask(role(call?.target), call?.data ?? '0x')
  }
})

const Word = z.templateLiteral(['0x', z.string()])
const Facts = z.array(z.object({ outputRoot: Word, sharpFact: Word }))
const Page = z.object({ fact: Word })

async function factsOf({ ours }: L1Case): Promise<readonly boolean[]> {
  const page = Page.safeParse(ours)
  if (page.success) return [await isRegistered(addresses.memoryPages, page.data.fact)]
  const facts = Facts.parse(ours?.['facts'] ?? [])
  return Promise.all(facts.map(async ({ sharpFact }) => isRegistered(addresses.gps, sharpFact)))
}

async function isAnyRootAFact({ ours }: L1Case): Promise<boolean> {
  const facts = Facts.parse(ours?.['facts'] ?? [])
  const known = await Promise.all(
    facts.map(async ({ outputRoot }) => isRegistered(addresses.gps, outputRoot)),
  )
  return known.some(Boolean)
}

function wordsIn(data: Hex): readonly bigint[] {
  return Array.from({ length: size(data) / 32 }, (_, at) =>
    hexToBigInt(sliceHex(data, at * 32, at * 32 + 32)),
  )
}

describe('a fact that is registered as a prover does it', () => {
  const program = 0x1234n

  test.for<readonly [string, GpsTask]>([
    [
      'of one page',
      { programHash: program, output: { pages: [words(5, 1n)], structure: onePage } },
    ],
    [
      'of a main page and one of data',
      {
        programHash: program,
        output: { pages: [words(3, 7n), words(40, 9n)], structure: mainAndData },
      },
    ],
    [
      'of data in two pages',
      {
        programHash: program,
        output: {
          pages: [words(3, 8n), words(20, 9n), words(4, 100n)],
          structure: [
            { pages: 3, nodes: 2 },
            { pages: 0, nodes: 2 },
          ],
        },
      },
    ],
  ])('is known to the verifier: one %s', async ([, task]) => {
    const { fact, root } = await registerFact({
      rpcUrl: replay.node.url,
      key: anvilSecret,
      gps: addresses,
      task,
    })
    expect(await isRegistered(addresses.gps, fact)).toBe(true)
    expect(await isRegistered(addresses.gps, root)).toBe(false)
    expect(fact).toBe(keccakOfWords([program, BigInt(root)]))
  })

  test('has its pages of data registered before it', async () => {
    const output = { pages: [[1n], [2n, 3n]], structure: mainAndData }
    const task = { programHash: 99n, output }
    const statement = gpsStatement([task], standInBootloader)
    const [page] = statement.dataPages.slice(1)
    await registerFact({ rpcUrl: replay.node.url, key: anvilSecret, gps: addresses, task })
    expect(page?.values).toEqual([2n, 3n])
    expect(onchainDataHash({ pages: [[2n, 3n]], structure: onePage }, 1)).toBe(
      keccakOfWords(page?.values ?? []),
    )
  })

  test('is waited for no longer than asked, though no block comes', async () => {
    const ask = localRpc(replay.node.url)
    await ask('evm_setAutomine', false)
    const over = new AbortController()
    const reason = new Error('nobody waits any more')
    const registering = registerFact({
      rpcUrl: replay.node.url,
      key: anvilSecret,
      gps: addresses,
      task: { programHash: program, output: { pages: [[78n]], structure: onePage } },
      signal: over.signal,
    })
    const hasPending = async () =>
      (await ask('eth_getBlockTransactionCountByNumber', 'pending')) !== '0x0'
    await expect.poll(hasPending, { timeout: 10_000 }).toBe(true)
    over.abort(reason)
    await expect(registering).rejects.toThrow(/abort|nobody waits/i)
    await ask('evm_setAutomine', true)
    await ask('evm_mine')
  })

  test('is not registered where the proof does not hold', async () => {
    const { abi } = compiledL1Contract('gps', 'ToldStarkCheck')
    const told = (refuses: boolean) => ({
      from: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266' as const,
      to: addresses.starkCheck,
      data: encodeFunctionData({ abi, functionName: 'tell', args: [refuses] }),
    })
    await replay.must(told(true))
    const output = { pages: [[77n]], structure: onePage }
    const task = { programHash: program, output }
    const registering = registerFact({
      rpcUrl: replay.node.url,
      key: anvilSecret,
      gps: addresses,
      task,
    })
    await expect(registering).rejects.toThrow(L1DeploymentError)
    await replay.must(told(false))
    const { facts } = gpsStatement([task], standInBootloader)
    expect(await isRegistered(addresses.gps, facts[0]?.fact ?? '0x')).toBe(false)
  })
})

function words(count: number, seed: bigint): readonly bigint[] {
  return Array.from({ length: count }, (_, at) => seed + BigInt(at))
}
