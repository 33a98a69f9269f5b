import { hash } from 'starknet'
import { keccak256 } from 'viem/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { hashOfCairo, readCairoClass } from '../../../../infra/contracts/cairo/cairo-class.ts'
import { piltoverSource } from '../../../../infra/contracts/piltover/piltover-class.ts'
import {
  appchainStart as start,
  type CairoNode,
  deployedOnDevnet,
  devnetAbsent,
  hostedOnBox,
} from '../cairo-node.ts'
import { aBridge, anOutput, factOf, felt, poseidon, programs, selector } from './appchain-output.ts'

describe('the compiled appchain contract', () => {
  test('is what its source says, or its compile.ts must be run again', () => {
    expect(readCairoClass(piltoverSource).sourceHash).toBe(hashOfCairo(piltoverSource))
  })

  test('is the class whose hash stands beside it', () => {
    const { classHash, contract } = readCairoClass(piltoverSource)
    expect(hash.computeContractClassHash(contract)).toBe(classHash)
  })
})

const refused = (reason: string) => ({ kind: 'reverted', reason })
const span = (words: readonly bigint[]) => [BigInt(words.length), ...words]
const config = ['recursive', 'keccak_160_lsb', 'stone6', 'relaxed'].map(felt)
const programWords = [
  programs.bootloader,
  programs.config,
  programs.snos,
  programs.layoutBridge,
] as const

function little(word: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((word >> BigInt(8 * at)) & 255n))
}

function keccak(words: readonly bigint[]): bigint {
  return keccak256(Buffer.concat(words.map(little)), 'bytes').reduce(
    (sum, byte, at) => sum + (BigInt(byte) << BigInt(8 * at)),
    0n,
  )
}

/** The state transition fact, written out: words and digest with the least byte first. */
function transitionFact(bridge: readonly bigint[], data: { hash: bigint; size: bigint }): bigint {
  const length = BigInt(bridge.length)
  return keccak([keccak(bridge), length, data.hash, length + data.size]) + 1n
}

function suite(name: string, absent: string, begin: () => Promise<CairoNode>): void {
  describe.skipIf(absent !== '')(`${name}${absent}`, () => {
    let node: CairoNode
    const stands = { ...start }
    const first = { root: 0x701n, number: 43n, hash: 0x4003n }
    const data = { hash: 0xdadan, size: 7n }

    beforeAll(async () => {
      node = await begin()
      const preset = [felt('recursive'), felt('keccak')]
      await node.send('owner', node.registry, ['register_verifier', ...preset, 1n])
    }, 240_000)
    afterAll(async () => node.stop())

    const tell = async (
      by: 'owner' | 'operator' | 'stranger',
      call: readonly [string, ...bigint[]],
    ) => node.send(by, node.appchain, call)
    const update = async (
      output: readonly bigint[],
      {
        bridge = aBridge(output),
        by = 'operator',
        size = data.size,
      }: {
        readonly bridge?: readonly bigint[]
        readonly by?: 'operator' | 'stranger'
        readonly size?: bigint
      } = {},
    ) =>
      tell(by, [
        'update_state',
        ...span(output),
        ...span(bridge),
        data.hash,
        size & (2n ** 128n - 1n),
        size >> 128n,
      ])
    const register = async (output: readonly bigint[], bits: bigint) =>
      node.send('owner', node.registry, ['register_fact', ...config, factOf(aBridge(output)), bits])

    test('stands where it was deployed, and is its owner’s', async () => {
      expect(await node.ask(node.appchain, ['get_state'])).toEqual([
        start.root,
        start.number,
        start.hash,
      ])
      expect(await node.ask(node.appchain, ['owner'])).toEqual([BigInt(node.who.owner)])
    })

    test('is set up by its owner, and programs and registry by an operator too', async () => {
      const operator = BigInt(node.who.operator)
      const info = ['set_program_info', ...programWords] as const
      expect(await tell('operator', info)).toEqual(refused('Config: not owner or operator'))
      expect(await tell('operator', ['register_operator', operator])).toEqual(
        refused('Caller is not the owner'),
      )
      expect(await tell('owner', ['unregister_operator', operator])).toEqual(
        refused('Config: not operator'),
      )
      await tell('owner', ['register_operator', operator])
      expect(await tell('owner', ['register_operator', operator])).toEqual(
        refused('Config: already operator'),
      )
      expect(await node.ask(node.appchain, ['is_operator', operator])).toEqual([1n])
      expect(await tell('operator', info)).toEqual({
        kind: 'ok',
        events: [
          {
            keys: [selector('ProgramInfoChanged')],
            data: [operator, 0n, 0n, 0n, 0n, ...programWords],
          },
        ],
      })
      expect(await node.ask(node.appchain, ['get_program_info'])).toEqual([...programWords])
      await tell('operator', ['set_facts_registry', BigInt(node.registry)])
      expect(await node.ask(node.appchain, ['get_facts_registry'])).toEqual([BigInt(node.registry)])
    })

    test('refuses what is not what it reads, in the order in which it looks', async () => {
      const good = anOutput({ from: stands, to: first })
      const of = (other: object) => anOutput({ from: stands, to: first, ...other })
      const bridge = aBridge(good)
      const cases: readonly (readonly [string, Promise<unknown>])[] = [
        ['Config: not owner or operator', update([], { by: 'stranger' })],
        ['Index out of bounds', update([1n, 2n])],
        ['snos: invalid program hash', update(of({ snos: 5n }), { bridge: [] })],
        ['Index out of bounds', update(good, { bridge: bridge.slice(0, 2) })],
        ['lb: invalid program hash', update(good, { bridge: bridge.with(2, 5n) })],
        ['Index out of bounds', update(good, { bridge: bridge.slice(0, 4) })],
        ['snos: invalid output hash', update(good, { bridge: bridge.with(4, 5n) })],
        ['Index out of bounds', update(good.slice(0, 12))],
        ['Aggregator program is not supported yet', update(of({ osProgram: 1n, kzg: 1n }))],
        ['KZG DA is not supported yet', update(of({ kzg: 1n, full: 1n }))],
        ['Full output is not supported', update(of({ full: 1n }))],
        ['Option::unwrap failed.', update(good.slice(0, 13))],
        ['Invalid n_messages_to_l1', update([...good.slice(0, 13), 2n ** 32n])],
        ['Option::unwrap failed.', update([...good.slice(0, 13), 9n, 1n, 2n])],
        ['Invalid n_messages_to_l2', update([...good.slice(0, 14), 2n ** 32n])],
        ['Invalid payload size', update(of({ toStarknet: [2n ** 251n, 2n, 2n ** 32n] }))],
        ['Invalid from address', update(of({ toStarknet: [2n ** 251n, 2n ** 251n, 0n] }))],
        ['Invalid to address', update(of({ toAppchain: [1n, 2n ** 251n, 0n, 0n, 0n] }))],
        ['u256_add Overflow', update(of({ config: 5n }), { size: 2n ** 256n - 5n })],
        ['snos: invalid config hash', update(of({ config: 5n }))],
        ['no fact registered', update(good)],
      ]
      for (const [reason, outcome] of cases) expect(await outcome).toEqual(refused(reason))
    })

    test('takes a proved update: the state moves, and it tells of the fact and of the state', async () => {
      const output = anOutput({ from: stands, to: first })
      await register(output, 51n)
      const transition = transitionFact(aBridge(output), data)
      expect(await update(output)).toEqual({
        kind: 'ok',
        events: [
          {
            keys: [selector('LogStateTransitionFact')],
            data: [transition & (2n ** 128n - 1n), transition >> 128n],
          },
          { keys: [selector('LogStateUpdate')], data: [first.root, first.number, first.hash] },
        ],
      })
      Object.assign(stands, first)
      expect(await node.ask(node.appchain, ['get_state'])).toEqual([0x701n, 43n, 0x4003n])
      expect(await update(output)).toEqual(refused('State: invalid block number'))
    })

    test('looks at the first verification alone: a weak one before a strong one is in the way for good', async () => {
      const output = anOutput({ from: stands, to: { root: 1n, number: 44n, hash: 2n } })
      await register(output, 50n)
      await register(output, 96n)
      expect(await update(output)).toEqual(
        refused('assertion failed: `*verifications.at(0).security_bits > 50`.'),
      )
    })

    test('asks for the root before, and not for the hash', async () => {
      const to = { root: 0x702n, number: 44n, hash: 0x4004n }
      const other = anOutput({ from: { ...stands, root: 5n }, to })
      await register(other, 96n)
      expect(await update(other)).toEqual(refused('State: invalid previous root'))
      const hashless = anOutput({ from: { ...stands, hash: 5n }, to })
      await register(hashless, 96n)
      expect(await update(hashless)).toMatchObject({ kind: 'ok' })
      Object.assign(stands, to)
    })

    test('counts what the appchain sent, and seals once what it took', async () => {
      const [sender, target, handler] = [BigInt(node.who.stranger), 0x7a47n, 0x4a4dn]
      const sent = [sender, target, 0n, handler, 2n, 8n, 9n] as const
      const sentHash = poseidon(sent)
      const message = ['send_message_to_appchain', target, handler, 2n, 8n, 9n] as const
      const keys = [sentHash, sender, target]
      expect(await tell('stranger', message)).toEqual({
        kind: 'ok',
        events: [{ keys: [selector('MessageSent'), ...keys], data: [handler, 0n, 2n, 8n, 9n] }],
      })
      const status = async () => node.ask(node.appchain, ['sn_to_appchain_messages', sentHash])
      expect(await status()).toEqual([3n, 0n])
      const received = [0xaaan, 0xbbbn, 1n, 6n] as const
      const receivedHash = poseidon(received)
      const to = { root: 0x703n, number: 45n, hash: 0x4005n }
      const output = anOutput({
        from: stands,
        to,
        toStarknet: [...received, ...received],
        // Too short for a message: left.
        toAppchain: [...sent, 1n, 2n],
      })
      await register(output, 96n)
      const outcome = await update(output)
      expect(outcome.kind === 'ok' && outcome.events.slice(1, 4)).toEqual([
        ...[1, 2].map(() => ({
          keys: [selector('MessageToStarknetReceived'), receivedHash, 0xaaan, 0xbbbn],
          data: [1n, 6n],
        })),
        { keys: [selector('MessageToAppchainSealed'), ...keys], data: [handler, 0n, 2n, 8n, 9n] },
      ])
      Object.assign(stands, to)
      expect(await status()).toEqual([1n])
      expect(await node.ask(node.appchain, ['appchain_to_sn_messages', receivedHash])).toEqual([
        1n,
        2n,
      ])
      const again = anOutput({
        from: stands,
        to: { root: 1n, number: 46n, hash: 1n },
        toAppchain: sent,
      })
      await register(again, 96n)
      expect(await update(again)).toEqual(refused('INVALID_MESSAGE_TO_SEAL'))
    })

    test('lets a message be cancelled five days after it was asked to, and seals it no more', async () => {
      const [sender, target, handler] = [BigInt(node.who.stranger), 0x7a47n, 0x4a4dn]
      const args = [target, handler, 1n, 5n] as const
      const sent = [sender, target, 1n, handler, 1n, 5n] as const
      const keys = [poseidon(sent), sender, target]
      await tell('stranger', ['send_message_to_appchain', ...args])
      expect(await tell('owner', ['start_message_cancellation', ...args, 1n])).toEqual(
        refused('NO_MESSAGE_TO_CANCEL'),
      )
      expect(await tell('stranger', ['start_message_cancellation', ...args, 1n])).toEqual({
        kind: 'ok',
        events: [
          {
            keys: [selector('MessageCancellationStarted'), ...keys],
            data: [handler, 1n, 5n, 1n],
          },
        ],
      })
      expect(await tell('stranger', ['start_message_cancellation', ...args, 1n])).toEqual(
        refused('CANCELLATION_ALREADY_REQUESTED'),
      )
      await node.advance(431_000)
      expect(await tell('stranger', ['cancel_message', ...args, 1n])).toEqual(
        refused('CANCELLATION_NOT_ALLOWED_YET'),
      )
      await node.advance(1_001)
      expect(await tell('stranger', ['cancel_message', ...args, 1n])).toEqual({
        kind: 'ok',
        events: [{ keys: [selector('MessageCanceled'), ...keys], data: [handler, 1n, 5n, 1n] }],
      })
      expect(await tell('stranger', ['cancel_message', ...args, 1n])).toEqual(
        refused('NO_MESSAGE_TO_CANCEL'),
      )
      expect(await tell('stranger', ['start_message_cancellation', ...args, 1n])).toEqual(
        refused('CANCELLATION_ALREADY_DONE'),
      )
    })

    test('can be told nothing while its registry is not there', async () => {
      await tell('owner', ['set_facts_registry', 0x404n])
      const output = anOutput({ from: stands, to: { root: 1n, number: 46n, hash: 1n } })
      const outcome = await update(output)
      expect(outcome.kind === 'reverted' && outcome.reason).toMatch(
        /^Requested contract address 0x0+404 is not deployed\.$/,
      )
    })
  })
}

suite('the appchain contract by the box’s rules', '', hostedOnBox)
suite('the appchain contract in Cairo on a real node', devnetAbsent, deployedOnDevnet)
