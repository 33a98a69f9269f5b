import * as fc from 'fast-check'
import { ec, hash } from 'starknet'
import { describe, expect, test } from 'vitest'

import { UnfitTransactionError, UnknownAccountError } from '../../../lib/adapters/chains/errors.ts'
import { contractAddress } from '../../../lib/adapters/chains/starknet-deploy.ts'
import {
  readTransaction,
  transactionHash,
} from '../../../lib/adapters/chains/starknet-transaction.ts'
import { starknetChain, type StarknetChainOptions } from '../../../lib/adapters/chains/starknet.ts'
import { FeeCapError, type StarknetFee } from '../../../lib/domain/fee.ts'
import { starkKey, wallClock } from './keys.ts'
import { chainId, fee, secret } from './starknet-samples.ts'

/** As a block of Sepolia has it (starknet.go, account/txn_hash_test.go). */
const sepolia = {
  chainId: 0x534e5f5345504f4c4941n,
  hash: 0x32413f8cee053089d6d7026a72e4108262ca3cfe868dd9159bc1dd160aec975n,
  address: 0x48419d3cc27f158917b45255d5376c06a9524484e19a1102279cbdc715c5522n,
  transaction: {
    type: 'DEPLOY_ACCOUNT',
    version: '0x3',
    nonce: '0x0',
    signature: [
      '0x3ef7f047c95592a04d4d754888dd8f125480a48dee23ee86c115d5da2a86573',
      '0x65e8661ab1526b4f8ea50b76fea1a0e82543de1eb3885e415790d7e1b5a93c7',
    ],
    resource_bounds: {
      l1_gas: { max_amount: '0x0', max_price_per_unit: '0x1597b3274d88' },
      l2_gas: { max_amount: '0xe6fa0', max_price_per_unit: '0x1920d1317' },
      l1_data_gas: { max_amount: '0x210', max_price_per_unit: '0x97c' },
    },
    tip: '0x0',
    paymaster_data: [],
    nonce_data_availability_mode: 'L1',
    fee_data_availability_mode: 'L1',
    class_hash: '0x61dac032f228abef9c6626f995015233097ae253a7f72d68552db02f2971b8f',
    constructor_calldata: ['0x2e94ba2293dfa45f86dfcf9952d7a33dc50ce2b00b932999fbe0844772604f3'],
    contract_address_salt: '0x2e94ba2293dfa45f86dfcf9952d7a33dc50ce2b00b932999fbe0844772604f3',
  },
}

const classHash = '0x61dac032f228abef9c6626f995015233097ae253a7f72d68552db02f2971b8f'
const key = starkKey(secret)

/** The address by starknet.js of the account that deploys itself so. */
function addressBy(made: {
  readonly salt: string
  readonly classHash: string
  readonly calldata: readonly string[]
}): `0x${string}` {
  const { salt, calldata } = made
  const address = hash.calculateContractAddressFromHash(salt, made.classHash, [...calldata], 0)
  return `0x${BigInt(address).toString(16)}`
}

const usual = addressBy({ salt: key.publicKey, classHash, calldata: [key.publicKey] })

function open(options: Partial<StarknetChainOptions> = {}) {
  return starknetChain({
    name: 'starknet',
    rpcUrls: ['http://127.0.0.1:9'],
    chainId,
    blockSeconds: 1,
    finalityBlocks: 10,
    keys: { [usual]: key },
    deployments: { [usual]: { classHash } },
    clock: wallClock,
    ...options,
  })
}

const deploymentsOf = (options?: Partial<StarknetChainOptions>) => {
  const { deployments } = open(options)
  if (!deployments) throw new Error('accounts of Starknet are deployed')
  return deployments
}

describe('the deployment of an account', () => {
  test('has the hash and the address that a block of Sepolia has', () => {
    const { transaction } = readTransaction('starknet', JSON.stringify(sepolia.transaction))
    if (transaction.type !== 'DEPLOY_ACCOUNT') throw new Error(transaction.type)
    expect(transactionHash(transaction, sepolia.chainId)).toBe(sepolia.hash)
    const where = contractAddress({
      classHash: transaction.class_hash,
      salt: transaction.contract_address_salt,
      calldata: transaction.constructor_calldata,
    })
    expect(where).toBe(sepolia.address)
  })

  test('is signed with the hash, fields and signature of starknet.js, each time the same', async () => {
    const felt = fc.bigInt(0n, 2n ** 251n).map((value) => `0x${value.toString(16)}` as const)
    const bound = fc.record({
      maxAmount: fc.bigInt(0n, 2n ** 64n - 1n),
      maxPricePerUnit: fc.bigInt(0n, 2n ** 128n - 1n),
    })
    const fees = fc.record({
      kind: fc.constant('starknet' as const),
      tip: fc.bigInt(0n, 2n ** 64n - 1n),
      l1Gas: bound,
      l2Gas: bound,
      l1DataGas: bound,
    })
    const parts = fc.record({
      classHash: felt,
      salt: felt,
      calldata: fc.array(felt, { maxLength: 5 }),
    })
    const law = fc.asyncProperty(parts, fees, async (made, offered) => {
      const address = addressBy(made)
      const options = { keys: { [address]: key }, deployments: { [address]: made } }
      const signed = await deploymentsOf(options).sign(address, offered)
      const theirs = theirHash(address, made, offered)
      expect(BigInt(signed.hash)).toBe(BigInt(theirs))
      const sent = JSON.parse(signed.bytes) as Record<string, string & string[]>
      expect(sent).toMatchObject({ type: 'DEPLOY_ACCOUNT', version: '0x3', nonce: '0x0' })
      const { r, s } = ec.starkCurve.sign(theirs, secret)
      expect(sent['signature']?.map(BigInt)).toEqual([r, s])
      expect(sent['constructor_calldata']?.map(BigInt)).toEqual(made.calldata.map(BigInt))
      expect(BigInt(sent['class_hash'] ?? '')).toBe(BigInt(made.classHash))
      expect(BigInt(sent['contract_address_salt'] ?? '')).toBe(BigInt(made.salt))
      expect(await deploymentsOf(options).sign(address, offered)).toEqual(signed)
    })
    await fc.assert(law, { numRuns: 25 })
  })

  test('has the public key for its salt and its only argument, unless something else is said', async () => {
    const { bytes } = await deploymentsOf().sign(usual, fee)
    expect(JSON.parse(bytes)).toMatchObject({
      class_hash: classHash,
      contract_address_salt: key.publicKey,
      constructor_calldata: [key.publicKey],
    })
    const other = { salt: '0x0', classHash, calldata: [] } as const
    const address = addressBy(other)
    const options = { keys: { [address]: key }, deployments: { [address]: other } }
    const signed = await deploymentsOf(options).sign(address, fee)
    expect(JSON.parse(signed.bytes)).toMatchObject({
      contract_address_salt: '0x0',
      constructor_calldata: [],
    })
  })

  test('is signed for its own account only, and for less than the cap', async () => {
    const nobody = deploymentsOf({ deployments: {} })
    await expect(nobody.sign(usual, fee)).rejects.toThrow(UnfitTransactionError)
    const elsewhere = { keys: { '0x5': key }, deployments: { '0x5': { classHash } } } as const
    await expect(deploymentsOf(elsewhere).sign('0x5', fee)).rejects.toThrow(
      `it would deploy account ${usual}, not 0x5`,
    )
    expect(() => open({ deployments: { '0x5': { classHash } } })).toThrow(UnknownAccountError)
    const most = 1_000n * (100n + 100n) + 10n * 11n
    const capped = deploymentsOf({ feeCap: most - 1n })
    await expect(capped.sign(usual, fee)).rejects.toThrow(FeeCapError)
    await expect(deploymentsOf({ feeCap: most }).sign(usual, fee)).resolves.toMatchObject({ fee })
  })
})

function theirHash(
  address: string,
  { classHash: of, salt, calldata }: Parameters<typeof addressBy>[0],
  offered: StarknetFee,
): string {
  return hash.calculateDeployAccountTransactionHash({
    contractAddress: address,
    version: '0x3',
    classHash: of,
    salt,
    compiledConstructorCalldata: [...calldata],
    chainId,
    nonce: 0,
    nonceDataAvailabilityMode: 0,
    feeDataAvailabilityMode: 0,
    resourceBounds: {
      l1_gas: theirBound(offered.l1Gas),
      l2_gas: theirBound(offered.l2Gas),
      l1_data_gas: theirBound(offered.l1DataGas),
    },
    tip: offered.tip,
    paymasterData: [],
  })
}

function theirBound({ maxAmount, maxPricePerUnit }: StarknetFee['l2Gas']) {
  return { max_amount: maxAmount, max_price_per_unit: maxPricePerUnit }
}
