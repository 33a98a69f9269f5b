import { getPublicKey, sign } from '@scure/starknet'
import { encodePacked, type Hex, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import {
  assetTypeOf,
  deployStarkPerpetual,
} from '../../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { wordHex } from '../../../../lib/adapters/settlement/facts/words.ts'
import { anvilSecret } from '../../../adapters/chains/keys.ts'
import { calldata, type Replay, startReplay } from './replay.ts'

// Rules that no recorded case shows.

const curveOrder = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn
const user: Hex = '0x90f79bf6eb2c4f870365e785982e1f101e93b906'
const ether = assetTypeOf('0x8322fff2', 1n)

let replay: Replay
let perpetual: Hex
let undo: () => Promise<void>

beforeAll(async () => {
  replay = await startReplay('1800000000')
  const told = compiledL1Contract('starknet-core', 'ToldFacts')
  const registry = await (await l1Sender(replay.node.url, anvilSecret)).deploy(told, [])
  const time = 1_800_000_000n
  const deployed = await deployStarkPerpetual({
    rpcUrl: replay.node.url,
    key: anvilSecret,
    gps: registry,
    programHash: 1n,
    committee: { members: [user], required: 1 },
    operators: [],
    configuration: { global: 1n, assets: [] },
    setUp: {
      escapeVerifier: registry,
      state: {
        positionsRoot: 1n,
        positionsHeight: 64n,
        ordersRoot: 2n,
        ordersHeight: 64n,
        funding: [],
        fundingTime: time,
        prices: [],
        systemTime: time,
      },
    },
  })
  perpetual = deployed.perpetual
  await replay.node.rpc('anvil_setBlockTimestampInterval', 0)
  undo = await replay.mark()
})
afterAll(async () => replay.node.stop())

async function act(signature: string, args: readonly unknown[], more: object = {}) {
  const { status, revert } = await replay.send({
    from: user,
    to: perpetual,
    data: calldata(signature, args),
    ...more,
  })
  return status === 'ok' ? status : (revert?.reason ?? 'nothing said')
}

async function number(signature: string, args: readonly unknown[]): Promise<bigint> {
  return BigInt(await replay.ask(perpetual, calldata(signature, args)))
}

/** What a key's owner signs so that the account acts for it, with another library than the contract's own curve. */
function registration(secret: bigint) {
  const key = getPublicKey(secret.toString(16).padStart(64, '0'), false)
  const [x, y] = [key.slice(1, 33), key.slice(33)].map((half) =>
    BigInt(`0x${Buffer.from(half).toString('hex')}`),
  )
  const text = encodePacked(['string', 'address', 'uint256'], ['UserRegistration:', user, x ?? 0n])
  // Signers of this curve take hashes below 2^251; the contract takes any below the order.
  const hash = BigInt(keccak256(text)) % curveOrder
  const { r, s } = sign(hash.toString(16).padStart(64, '0'), secret.toString(16).padStart(64, '0'))
  return { key: x ?? 0n, words: [r, s, y ?? 0n] }
}

const joined = (words: readonly bigint[]): Hex =>
  `0x${words.map((word) => wordHex(word).slice(2)).join('')}`
const register = 'registerEthAddress(address,uint256,bytes)'

describe('a key', () => {
  const secrets = Array.from({ length: 40 }, (_, at) => BigInt(at) + 1_234_567n)
  const signable = secrets.filter((secret) => {
    try {
      registration(secret)
      return true
    } catch {
      return false
    }
  })

  test.for(signable.slice(0, 5))(
    'that signed for an account is registered for it, and no other signature is: %s',
    async (secret) => {
      await undo()
      const { key, words } = registration(secret)
      const [r = 0n, s = 0n, y = 0n] = words
      const wrong = [
        [r, s + 1n, y],
        [r + 1n, s, y],
        [s, r, y],
      ]
      for (const other of wrong)
        expect(await act(register, [user, key, joined(other)])).toMatch(
          /INVALID_STARK_SIGNATURE|out of range/,
        )
      expect(await act(register, [user, key, joined([r, s, y + 1n])])).toBe('INVALID_STARK_KEY')
      expect(await number('getEthKey(uint256)', [key])).toBe(0n)
      expect(await act(register, [user, key, joined(words)])).toBe('ok')
      expect(await number('getEthKey(uint256)', [key])).toBe(BigInt(user))
      expect(await act(register, [user, key, joined(words)])).toBe('STARK_KEY_UNAVAILABLE')
    },
  )

  test('that is no point of the curve is none', async () => {
    expect(await act(register, [user, 5n, joined([1n, 1n, 1n])])).toBe('INVALID_STARK_KEY')
    expect(await act(register, [user, 0n, '0x'])).toBe('INVALID_STARK_KEY')
  })
})

describe('a deposit', () => {
  const own = [BigInt(user), ether, 7n]
  const three = '(uint256,uint256,uint256)'

  test('waits for a batch, and is taken back two days after it was cancelled', async () => {
    await undo()
    expect(await act(`depositCancel${three}`, own)).toBe('DEPOSIT_DOESNT_EXIST')
    expect(await act(`depositEth${three}`, own, { value: '500', timestamp: '1800001000' })).toBe(
      'ok',
    )
    expect(await number(`getDepositBalance${three}`, own)).toBe(500n)
    expect(await act(`depositReclaim${three}`, own)).toBe('DEPOSIT_NOT_CANCELED')
    expect(await act(`depositCancel${three}`, own, { timestamp: '1800002000' })).toBe('ok')
    const early = { timestamp: String(1_800_002_000 + 172_799) }
    expect(await act(`depositReclaim${three}`, own, early)).toBe('DEPOSIT_LOCKED')
    const before = await balance()
    const late = { timestamp: String(1_800_002_000 + 172_800) }
    expect(await act(`depositReclaim${three}`, own, late)).toBe('ok')
    expect((await balance()) - before).toBe(500n)
    expect(await number(`getDepositBalance${three}`, own)).toBe(0n)
  })

  test('by the owner takes a cancellation back', async () => {
    await undo()
    await act(`depositEth${three}`, own, { value: '500' })
    await act(`depositCancel${three}`, own)
    await act(`depositEth${three}`, own, { value: '1' })
    expect(await number(`getCancellationRequest${three}`, own)).toBe(0n)
    expect(await act(`depositReclaim${three}`, own)).toBe('DEPOSIT_NOT_CANCELED')
  })

  test('is of the one asset', async () => {
    await undo()
    expect(await act(`depositEth${three}`, [own[0], 5n, 7n])).toBe('ASSET_TYPE_NOT_REGISTERED')
  })

  async function balance(): Promise<bigint> {
    return BigInt(String(await replay.node.rpc('eth_getBalance', user, 'latest')))
  }
})

describe('the exchange', () => {
  test('has no other functions, and takes no Ether', async () => {
    await undo()
    expect(await act('transfer(address,uint256)', [user, 1n])).toBe('NO_CONTRACT_FOR_FUNCTION')
    const { revert } = await replay.send({ from: user, to: perpetual, data: '0x', value: '1' })
    expect(revert?.reason).toBe('CONTRACT_NOT_EXPECTED_TO_RECEIVE')
  })
})
