import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  piltoverSettlement,
  type PiltoverSettlementOptions,
} from '../../../../lib/adapters/settlement/piltover-settlement.ts'
import { appchainEventOf } from '../../../../lib/adapters/settlement/piltover/appchain-events.ts'
import { feltHex } from '../../../../lib/adapters/starknet-felt.ts'
import type { BatchContent } from '../../../../lib/domain/proving/batch.ts'
import type { SettlementOutput } from '../../../../lib/domain/proving/settlement-output.ts'
import { placeOf } from '../../../../lib/domain/proving/settlement-place.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import type { Settlement } from '../../../../lib/ports.ts'
import {
  appchainStart,
  type CairoNode,
  deployedOnDevnet,
  devnetAbsent,
  hostedOnBox,
} from '../../../infra/contracts/cairo-node.ts'
import {
  aBridge,
  anOutput,
  factOf,
  felt,
  type Point,
  programs,
} from '../../../infra/contracts/piltover/appchain-output.ts'

const config = {
  layout: 'recursive',
  hasher: 'keccak_160_lsb',
  stoneVersion: 'stone6',
  memoryVerification: 'relaxed',
}
const configWords = Object.values(config).map(felt)

function contentOf(from: Point, to: Point): BatchContent {
  return {
    name: `blocks ${from.number + 1n}-${to.number}`,
    previous: { number: Number(from.number), hash: feltHex(from.hash) },
    last: { number: Number(to.number), hash: feltHex(to.hash) },
    previousRoot: feltHex(from.root),
    newRoot: feltHex(to.root),
    size: 1,
    closedAt: timestamp(0),
    closedBy: 'count',
  }
}

const next: Point = { root: 0x701n, number: 43n, hash: 0x4003n }
const content = contentOf(appchainStart, next)
const programOutput = anOutput({ from: appchainStart, to: next })
const run = { programHash: feltHex(programs.snos), output: { programOutput } }
const fact = feltHex(factOf(aBridge(programOutput)))

function told(output: Partial<SettlementOutput>) {
  return { ...run, output: { ...run.output, ...output } }
}

function suite(name: string, absent: string, start: () => Promise<CairoNode>): void {
  describe.skipIf(absent !== '')(`${name}${absent}`, () => {
    let node: CairoNode
    let settlement: Settlement
    const settled = (other: Partial<PiltoverSettlementOptions> = {}): Settlement =>
      piltoverSettlement({
        name: 'appchain',
        chain: 'node',
        rpc: node.chain.rpc,
        finalityBlocks: 3,
        contract: node.appchain,
        registry: node.registry,
        account: feltHex(node.who.operator),
        programs: {
          bootloader: programs.bootloader,
          snosConfig: programs.config,
          snos: programs.snos,
          layoutBridge: programs.layoutBridge,
        },
        strength: { minSecurityBits: 96, configurations: [config], mayBeMocked: false },
        ...other,
      })
    const register = async (of: string, bits: bigint, to = node.registry) =>
      node.send('stranger', to, ['register_fact', ...configWords, BigInt(of), bits])
    const settle = async (output: readonly bigint[]) => {
      const call = settlement.call({ programOutput: output })
      if (call.kind !== 'starknet') throw new Error('a call of another chain')
      const { to, entrypoint, calldata } = call
      return node.send('operator', to, [entrypoint, ...calldata.map(BigInt)])
    }
    beforeAll(async () => {
      node = await start()
      settlement = settled()
    }, 240_000)
    afterAll(async () => node.stop())

    test('names each thing that the contract was told otherwise', async () => {
      expect(await settlement.check()).toEqual([
        expect.stringContaining('neither owner nor operator'),
        expect.stringContaining('asks the registry 0x0'),
        expect.stringContaining('has the bootloader 0x0, the network file says 0xb007'),
        expect.stringContaining('has the configuration 0x0'),
        expect.stringContaining('has the program 0x0'),
        expect.stringContaining('has the layout bridge 0x0'),
      ])
      const { bootloader, config: snosConfig, snos, layoutBridge } = programs
      const info = ['set_program_info', bootloader, snosConfig, snos, layoutBridge] as const
      await node.send('owner', node.appchain, info)
      await node.send('owner', node.appchain, ['set_facts_registry', BigInt(node.registry)])
      const operator = ['register_operator', BigInt(node.who.operator)] as const
      await node.send('owner', node.appchain, operator)
      const preset = [felt('recursive'), felt('keccak')]
      await node.send('owner', node.registry, ['register_verifier', ...preset, 7n])
      expect(await settlement.check()).toEqual([])
    })

    test('tells of a contract that is another one, by what it takes', async () => {
      expect(await settled({ contract: node.registry }).check()).toEqual([
        expect.stringContaining(`${node.registry} has no update_state; what is known here takes`),
      ])
    })

    test('does not pass a mocked registry, unless it may be one', async () => {
      const registry = node.mocked
      const strength = { minSecurityBits: 96, configurations: [config], mayBeMocked: true }
      const other = [`${node.appchain} asks the registry ${node.registry}, not ${registry}`]
      const mocked = [`the registry ${registry} is a mocked one: it takes facts that nobody proved`]
      expect(await settled({ registry }).check()).toEqual([...other, ...mocked])
      expect(await settled({ registry, strength }).check()).toEqual(other)
      await register(fact, 96n, registry)
      expect(await settled({ registry }).fact(fact)).toMatchObject({ kind: 'weak' })
      expect(await settled({ registry, strength }).fact(fact)).toEqual({ kind: 'strong' })
    })

    test('a batch is next, and waits for its fact', async () => {
      const sight = await settlement.sight()
      expect(sight.latest).toEqual({ number: 40, hash: '0x4000', root: '0x700' })
      expect(placeOf(content, sight)).toBe('next')
      expect(settlement.facts(content, run)).toEqual({
        fact,
        proverFacts: { integrity: fact },
      })
      expect(await settlement.fact(fact)).toEqual({ kind: 'absent' })
      const outcome = await settle(programOutput)
      expect(outcome).toEqual({ kind: 'reverted', reason: 'no fact registered' })
      expect(await settlement.meaningOf('no fact registered', run)).toEqual({ meaning: 'wait' })
    })

    test('what Starknet has no word for is refused before it is proved', () => {
      const wide = 2n ** 255n
      const data = { kind: 'calldata', hash: wide, size: 1n } as const
      expect(() => settlement.facts(content, told({ data }))).toThrow(
        'the hash of its data is no felt',
      )
      const longer = [...programOutput, wide]
      expect(() => settlement.facts(content, told({ programOutput: longer }))).toThrow(
        `word ${programOutput.length} of its output`,
      )
      const narrow = told({ data: { ...data, hash: 0x1234n } })
      expect(settlement.facts(content, narrow)).toMatchObject({ fact })
    })

    test('a fact that would do for the contract does not do for us', async () => {
      await register(fact, 60n)
      expect(await settlement.fact(fact)).toEqual({
        kind: 'weak',
        reason: 'recursive/keccak_160_lsb/stone6/relaxed: 60 bits instead of 96',
      })
      await register(fact, 96n)
      expect(await settlement.fact(fact)).toEqual({ kind: 'strong' })
    })

    test('a strong fact behind a first one that is too weak for the contract is not enough', async () => {
      await register('0x5ec0', 50n)
      await register('0x5ec0', 96n)
      expect(await settlement.fact('0x5ec0')).toEqual({
        kind: 'weak',
        reason: 'the contract looks at the first verification alone, and that has 50 bits',
      })
    })

    test('the call settles it, and the events say so; final it is so many blocks later, or when L1 has it', async () => {
      const outcome = await settle(programOutput)
      const events = outcome.kind === 'ok' ? outcome.events.map(appchainEventOf) : []
      expect(events).toMatchObject([
        { kind: 'state-transition-fact' },
        { kind: 'state-update', root: 0x701n, number: 43, hash: 0x4003n },
      ])
      expect(placeOf(content, await settlement.sight())).toBe('settled')
      for (const bits of [1n, 2n, 3n]) await register('0x1', bits)
      expect(placeOf(content, await settlement.sight())).toBe('final')
      const deep = settled({ finalityBlocks: 1_000 })
      expect(placeOf(content, await deep.sight())).toBe('settled')
      await node.acceptOnL1()
      expect(placeOf(content, await deep.sight())).toBe('final')
    })

    test('what was brought twice is re-read, and so is what others overtook while its fact is not there', async () => {
      const twice = await settle(programOutput)
      expect(twice).toEqual({ kind: 'reverted', reason: 'State: invalid block number' })
      expect(await settlement.meaningOf('State: invalid block number', run)).toEqual({
        meaning: 're-read',
      })
      expect(await settlement.meaningOf('no fact registered', run)).toEqual({ meaning: 're-read' })
    })

    test('what only a human can mend is told as what it is', async () => {
      const meanings = {
        INVALID_MESSAGE_TO_SEAL: 'unsettleable',
        'assertion failed: `*verifications.at(0).security_bits > 50`.': 'unsettleable',
        'snos: invalid output hash': 'bug',
        'Index out of bounds': 'bug',
        'Full output is not supported': 'bug',
        'Input too long for arguments': 'configuration',
        'Requested contract address 0x0404 is not deployed.': 'configuration',
      }
      for (const [reason, why] of Object.entries(meanings))
        expect(await settlement.meaningOf(reason, run)).toEqual({ meaning: 'human', why })
      const other = settled({ account: feltHex(node.who.stranger) })
      expect(await other.meaningOf('Config: not owner or operator', run)).toEqual({
        meaning: 'human',
        why: 'configuration',
      })
      const { bootloader, config: snosConfig, layoutBridge } = programs
      const changed = ['set_program_info', bootloader, snosConfig, 0xbadn, layoutBridge] as const
      await node.send('owner', node.appchain, changed)
      expect(await settlement.meaningOf('snos: invalid program hash', run)).toEqual({
        meaning: 'human',
        why: 'configuration',
      })
    })
  })
}

suite('an appchain settled on the box', '', hostedOnBox)
suite('an appchain settled on a real node', devnetAbsent, deployedOnDevnet)
