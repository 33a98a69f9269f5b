import { cairoDeployer } from '../../../../infra/contracts/cairo/deploy-cairo.ts'
import { startDevnet } from '../../../../infra/local/devnet.ts'
import { feltHex, selectorOf } from '../../../../lib/adapters/starknet-felt.ts'
import { contractReason } from '../../../../lib/adapters/starknet-revert.ts'
import type { CoreDeleverage } from '../../../../lib/domain/margin/starknet-deleverage.ts'
import type { CoreSpotLiquidation } from '../../../../lib/domain/margin/starknet-liquidation.ts'
import { ask } from '../../../infra/local/starknet-box/box-rpc.ts'
import { coreRulesSource } from './core-rules-class.ts'
import {
  type Answer,
  type Change,
  changeWords,
  deleverageWords,
  liquidationWords,
  type Question,
  questionWords,
  readAll,
  readAnswer,
  type Reader,
  readerOf,
  readStanding,
  type SignedLiquidation,
  spotLiquidationWords,
  type Standing,
  type Words,
} from './words.ts'

/** Numbers left their types: Cairo's own word for it. */
export type Panic = { readonly kind: 'panic'; readonly reason: string }

/** The core's margin rules in Cairo on a real Starknet node, which answers each thing asked in its place. */
export type CoreRules = {
  standings(asked: readonly Question[]): Promise<readonly (Standing | Panic)[]>
  healthier(asked: readonly Change[]): Promise<readonly (boolean | Panic)[]>
  liquidations(asked: readonly SignedLiquidation[]): Promise<readonly (Answer | Panic)[]>
  spotLiquidations(
    asked: readonly SignedLiquidation<CoreSpotLiquidation>[],
  ): Promise<readonly (Answer | Panic)[]>
  deleverages(asked: readonly CoreDeleverage[]): Promise<readonly (Answer | Panic)[]>
  stop(): Promise<void>
}

/** Far below what the node takes in one call (80,000 still pass), so that a panic costs few questions a second time. */
const wordsPerCall = 6_000

export async function startCoreRules(): Promise<CoreRules> {
  const devnet = await startDevnet({ accounts: 1 })
  if ('reason' in devnet) throw new Error(devnet.reason)
  const { url, stop } = devnet
  const [account] = devnet.accounts
  if (!account) throw new Error('starknet-devnet has no accounts')
  const contract = await cairoDeployer({ rpcUrl: url, account }).deploy(coreRulesSource, [])

  async function each<Asked, Told>(
    asked: readonly Asked[],
    { entrypoint, words, read }: View<Asked, Told>,
  ): Promise<readonly (Told | Panic)[]> {
    const answers: (Told | Panic)[] = []
    const encoded = asked.map((one) => ({ one, words: words(one) }))
    for (const batch of batches(encoded)) answers.push(...(await batchOf(batch)))
    return answers

    /** One panic takes its whole call with it, so such a call is halved until the one is alone. */
    async function batchOf(batch: readonly Encoded<Asked>[]): Promise<readonly (Told | Panic)[]> {
      const calldata = [BigInt(batch.length), ...batch.flatMap((one) => one.words)]
      const answer = await callOf({ url, contract, entrypoint }, calldata)
      if ('panic' in answer) {
        if (batch.length === 1) return [{ kind: 'panic', reason: answer.panic }]
        const half = Math.floor(batch.length / 2)
        return [...(await batchOf(batch.slice(0, half))), ...(await batchOf(batch.slice(half)))]
      }
      const next = readerOf(answer.words)
      let at = 0
      return readAll(next, () => {
        const one = batch[at]?.one
        if (one === undefined) throw new Error(`${entrypoint} answers more than it was asked`)
        at += 1
        return read(next, one)
      })
    }
  }

  return {
    stop,
    standings: async (asked) =>
      each(asked, { entrypoint: 'standings', words: questionWords, read: readStanding }),
    healthier: async (asked) =>
      each(asked, { entrypoint: 'healthier', words: changeWords, read: (next) => next() === 1n }),
    liquidations: async (asked) =>
      each(asked, { entrypoint: 'liquidations', words: liquidationWords, read: answerTo }),
    spotLiquidations: async (asked) =>
      each(asked, { entrypoint: 'spot_liquidations', words: spotLiquidationWords, read: answerTo }),
    deleverages: async (asked) =>
      each(asked, {
        entrypoint: 'deleverages',
        words: deleverageWords,
        read: (next, { marks }) => readAnswer(next, marks),
      }),
  }
}

type View<Asked, Told> = {
  readonly entrypoint: string
  readonly words: (one: Asked) => Words
  readonly read: (next: Reader, one: Asked) => Told
}

type Encoded<Asked> = { readonly one: Asked; readonly words: Words }

function answerTo(next: Reader, { call }: SignedLiquidation): Answer {
  return readAnswer(next, call.marks)
}

function batches<Asked>(all: readonly Encoded<Asked>[]): readonly Encoded<Asked>[][] {
  const found: Encoded<Asked>[][] = []
  let room = 0
  for (const one of all) {
    const last = found.at(-1)
    if (last && one.words.length <= room) last.push(one)
    else {
      found.push([one])
      room = wordsPerCall
    }
    room -= one.words.length
  }
  return found
}

type Called = { readonly words: Words } | { readonly panic: string }

async function callOf(
  view: { readonly url: string; readonly contract: string; readonly entrypoint: string },
  calldata: Words,
): Promise<Called> {
  const request = {
    contract_address: view.contract,
    entry_point_selector: selectorOf(view.entrypoint),
    calldata: calldata.map(feltHex),
  }
  const { result, error } = await ask(view, 'starknet_call', { request, block_id: 'latest' })
  if (!error) return { words: (result as readonly string[]).map(BigInt) }
  const reason = contractReason({ ...error, data: error.data })
  if (reason === undefined) throw new Error(`${view.entrypoint}: ${JSON.stringify(error)}`)
  return { panic: reason }
}
