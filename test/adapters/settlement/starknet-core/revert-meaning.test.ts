import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { buildProgramOutput } from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import type { CoreViews } from '../../../../lib/adapters/settlement/starknet-core/read-core-state.ts'
import {
  coreRevertMeaning,
  type ToldUpdate,
} from '../../../../lib/adapters/settlement/starknet-core/revert-meaning.ts'
import {
  coreFact,
  provedProgram,
} from '../../../../lib/adapters/settlement/starknet-core/state-transition-fact.ts'
import type { PublishedData } from '../../../../lib/adapters/settlement/starknet-core/state-update-call.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'
import { anOutput, felt } from './an-output.ts'
import { type RecordedUpdate, recordedUpdates } from './recorded-updates.ts'

const noProof = 'NO_STATE_TRANSITION_PROOF'
const programs = fc.record({
  programHash: felt,
  aggregatorProgramHash: felt,
})

/** An update that agrees with the core in everything, and the core. */
const agreeing = fc.tuple(anOutput, programs, fc.boolean()).map(([output, hashes, joins]) => {
  const header = { ...output.header, osProgramHash: joins ? hashes.programHash : 0n }
  const programOutput = buildProgramOutput({ ...output, header })
  const data: PublishedData =
    output.data.kind === 'blobs'
      ? { kind: 'blobs', proofs: [] }
      : { kind: 'calldata', hash: 0n, size: 0n }
  const views: CoreViews = {
    ...hashes,
    blockNumber: header.prevBlockNumber,
    root: header.prevRoot,
    blockHash: header.prevBlockHash,
    configHash: header.configHash,
  }
  const told: ToldUpdate = {
    programOutput,
    data,
    programHash: provedProgram(programOutput, views),
    fact: coreFact({ programOutput, data }, views),
  }
  return { told, views }
})

describe('a fact that the registry does not have', () => {
  test('is waited for where everything else agrees', () => {
    fc.assert(
      fc.property(agreeing, ({ told, views }) => {
        expect(coreRevertMeaning(noProof, told, views).meaning).toBe('wait')
      }),
    )
  })

  test.for([
    ['blockNumber', 're-read'],
    ['root', 're-read'],
    ['blockHash', 're-read'],
    ['configHash', 'page'],
  ] as const)('is not waited for where the core has another %s', ([name, meaning]) => {
    fc.assert(
      fc.property(agreeing, felt, ({ told, views }, other) => {
        fc.pre(other !== views[name])
        expect(coreRevertMeaning(noProof, told, { ...views, [name]: other }).meaning).toBe(meaning)
      }),
    )
  })

  test('is not waited for where the core has another program, joined or proved', () => {
    fc.assert(
      fc.property(agreeing, felt, ({ told, views }, other) => {
        const joined = told.programOutput[6] !== 0n
        const names = joined
          ? (['programHash', 'aggregatorProgramHash'] as const)
          : (['programHash'] as const)
        for (const name of names) {
          fc.pre(other !== views[name])
          expect(coreRevertMeaning(noProof, told, { ...views, [name]: other }).meaning).toBe('page')
        }
      }),
    )
  })

  test('is not waited for where it is not the one that the core asks for', () => {
    fc.assert(
      fc.property(agreeing, felt, ({ told, views }, other) => {
        const fact = `0x${other.toString(16).padStart(64, '0')}` as const
        expect(coreRevertMeaning(noProof, { ...told, fact }, views).meaning).toBe('stop')
      }),
    )
  })

  test('is waited for in no other case: the meaning is wait exactly where the core, asked again, would only lack the fact', () => {
    const oneChanged = fc.constantFrom<readonly (keyof CoreViews)[]>(
      [],
      ['blockNumber'],
      ['root', 'configHash'],
      ['programHash'],
      ['blockHash', 'aggregatorProgramHash'],
    )
    fc.assert(
      fc.property(agreeing, oneChanged, felt, ({ told, views }, names, other) => {
        const now = { ...views, ...Object.fromEntries(names.map((name) => [name, other])) }
        const { meaning } = coreRevertMeaning(noProof, told, now)
        expect(meaning === 'wait').toBe(wouldPass(told, now))
      }),
    )
  })
})

/** The core's own checks around the fact, from the reference, written once more. */
function wouldPass({ programOutput, data, programHash, fact }: ToldUpdate, views: CoreViews) {
  const [root, , number, , hash, , joined = 0n, config] = programOutput
  const minusOne = 2n ** 251n + 17n * 2n ** 192n
  const proved = joined === 0n ? views.programHash : views.aggregatorProgramHash
  return (
    number === (views.blockNumber === -1n ? minusOne : views.blockNumber) &&
    root === views.root &&
    hash === views.blockHash &&
    config === views.configHash &&
    (joined === 0n || joined === views.programHash) &&
    programHash === proved &&
    fact === coreFact({ programOutput, data }, views)
  )
}

describe('the core’s other reasons', () => {
  const [first] = fc.sample(agreeing, 1)
  if (!first) throw new Error('there is no sample')
  const { told, views } = first

  test.for([
    ['INVALID_PREV_BLOCK_NUMBER', 're-read'],
    ['INVALID_PREV_BLOCK_HASH', 're-read'],
    ['INVALID_PREVIOUS_ROOT', 're-read'],
    ['INVALID_MESSAGE_TO_CONSUME', 're-plan'],
    ['INVALID_NEW_BLOCK_NUMBER', 'page'],
    ['INVALID_CONFIG_HASH', 'page'],
    ['AGGREGATOR_MODE_INVALID_OS_PROGRAM_HASH', 'page'],
    ['ONLY_OPERATOR', 'page'],
    ['STARKNET_OUTPUT_TOO_SHORT', 'stop'],
    ['STARKNET_OUTPUT_TOO_LONG', 'stop'],
    ['INVALID_NUMBER_OF_KZG_PROOFS', 'stop'],
    ['UNEXPECTED_KZG_DA_FLAG', 'stop'],
    ['FULL_OUTPUT_NOT_SUPPORTED', 'stop'],
    ['PROGRAM_OUTPUT_VALUE_OUT_OF_RANGE', 'stop'],
    ['POINT_EVALUATION_PRECOMPILE_CALL_FAILED', 'stop'],
    ['Panic(50)', 'stop'],
    ['SOMETHING_NEW', 'page'],
  ] as const)('%s means %s', ([reason, meaning]) => {
    expect(coreRevertMeaning(reason, told, views).meaning).toBe(meaning)
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('recorded refusals'), () => {
  test('are all known', () => {
    const reasons = recordedUpdates.flatMap(({ one }) => one.result?.revert?.reason ?? [])
    const [update] = recordedUpdates.flatMap((one) => toldAndViews(one) ?? [])
    if (!update) throw new Error('no update was recorded')
    expect(new Set(reasons).size).toBeGreaterThan(15)
    for (const reason of new Set(reasons))
      expect(coreRevertMeaning(reason, update.told, update.views).why).not.toContain('none of its')
  })

  test.for([
    // An output built on another fork.
    ['starknet.update.genesis.no-fact-hides-a-wrong-hash', 're-read'],
    ['starknet.update.later.no-fact', 'wait'],
    ['starknet.update.kzg.no-fact', 'wait'],
    ['starknet.update.skew.program-hash-changed', 'page'],
  ] as const)('%s is told apart', ([id, meaning], { skip }) => {
    const update = recordedUpdates.find(({ one }) => one.id === id)
    const both = update && toldAndViews(update)
    if (!both) return skip('it is not among those recorded here')
    expect(coreRevertMeaning(noProof, both.told, both.views).meaning).toBe(meaning)
  })

  test('an update whose fact was made for other data is not waited for', () => {
    const update = recordedUpdates.find(({ one }) => one.id.endsWith('.fact-of-other-size'))
    const both = update && toldAndViews(update)
    if (!both) throw new Error('it was not recorded')
    const proved = { ...both.told, data: { kind: 'calldata', hash: 0n, size: 0n } } as const
    const fact = coreFact(proved, both.views)
    expect(coreRevertMeaning(noProof, { ...both.told, fact }, both.views).meaning).toBe('stop')
  })
})

const big = z.string().transform((text) => BigInt(text))
const Pre = z.object({ stateBlockNumber: big, stateRoot: big, stateBlockHash: big })

/** As the recorder told it, having proved it as the programs were before. */
function toldAndViews({ one, ours, programOutput, data }: RecordedUpdate) {
  const pre = Pre.safeParse(one.pre).data
  if (!pre || !ours) return undefined
  const before = {
    programHash: genesisView('programHash'),
    aggregatorProgramHash: genesisView('aggregatorProgramHash'),
  }
  const used = ours.programHashUsed
  const now = programOutput[6] === 0n ? { programHash: used } : { aggregatorProgramHash: used }
  const views: CoreViews = {
    ...before,
    ...now,
    blockNumber: pre.stateBlockNumber,
    root: pre.stateRoot,
    blockHash: pre.stateBlockHash,
    configHash: genesisView('configHash'),
  }
  const told: ToldUpdate = {
    programOutput,
    data,
    programHash: provedProgram(programOutput, before),
    fact: coreFact({ programOutput, data }, before),
  }
  return { told, views }
}

function genesisView(name: string): bigint {
  return BigInt(l1Cases(`starknet.view.genesis.${name}`, 'view').at(0)?.result?.data ?? 0)
}
