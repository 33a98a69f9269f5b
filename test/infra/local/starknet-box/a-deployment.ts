import { Account, ec, hash, RpcProvider } from 'starknet'

import type { DevnetAccount } from '../../../../infra/local/devnet.ts'
import { accountClassHash } from '../../../../infra/local/starknet-box/account-class.ts'
import type { RunningStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { feeToken } from '../../../../infra/local/starknet-box/world.ts'

type Part = {
  readonly key?: string
  readonly classHash?: string
  readonly calldata?: readonly string[]
  readonly nonce?: number
  readonly tip?: bigint
  readonly l2Price?: bigint
  readonly l2Amount?: bigint
  /** For estimates: without signature, in a version that nobody executes. */
  readonly query?: boolean
}

const chainId = '0x534e5f5345504f4c4941'

/** An account that nobody has deployed yet, and its deployment as it is broadcast, signed as starknet.js does. */
export function aDeployment(part: Part = {}) {
  const { key = '0x7e57', classHash = accountClassHash, nonce = 0, query = false } = part
  const { tip = 0n, l2Price = 10n ** 11n, l2Amount = 50_000_000n } = part
  const publicKey = ec.starkCurve.getStarkKey(key)
  const calldata = [...(part.calldata ?? [publicKey])]
  const address = hash.calculateContractAddressFromHash(publicKey, classHash, calldata, 0)
  const resourceBounds = {
    l1_gas: { max_amount: 0n, max_price_per_unit: 10n ** 13n },
    l2_gas: { max_amount: l2Amount, max_price_per_unit: l2Price },
    l1_data_gas: { max_amount: 10_000n, max_price_per_unit: 10n ** 12n },
  }
  const transactionHash = hash.calculateDeployAccountTransactionHash({
    contractAddress: address,
    version: '0x3',
    classHash,
    salt: publicKey,
    compiledConstructorCalldata: calldata,
    chainId,
    nonce,
    nonceDataAvailabilityMode: 0,
    feeDataAvailabilityMode: 0,
    resourceBounds,
    tip,
    paymasterData: [],
  })
  const { r, s } = ec.starkCurve.sign(transactionHash, key)
  const wire = {
    type: 'DEPLOY_ACCOUNT',
    version: query ? '0x100000000000000000000000000000003' : '0x3',
    class_hash: classHash,
    contract_address_salt: publicKey,
    constructor_calldata: calldata,
    nonce: hex(BigInt(nonce)),
    signature: query ? [] : [hex(r), hex(s)],
    resource_bounds: Object.fromEntries(
      Object.entries(resourceBounds).map(([name, bound]) => [
        name,
        {
          max_amount: hex(bound.max_amount),
          max_price_per_unit: hex(bound.max_price_per_unit),
        },
      ]),
    ),
    tip: hex(tip),
    paymaster_data: [],
    nonce_data_availability_mode: 'L1',
    fee_data_availability_mode: 'L1',
  }
  return { address: hex(BigInt(address)), publicKey, key, wire, hash: hex(BigInt(transactionHash)) }
}

function hex(value: bigint): `0x${string}` {
  return `0x${value.toString(16)}`
}

/** Sends STRK there from an account of the node; in a block afterwards, where the node makes one for each transaction. */
export async function fund(
  {
    url,
    accounts,
  }: Pick<RunningStarknetBox, 'url'> & {
    readonly accounts: readonly Pick<DevnetAccount, 'address' | 'privateKey'>[]
  },
  to: string,
  amount = 10n ** 20n,
): Promise<void> {
  const from = accounts.at(-1)
  if (from === undefined) throw new Error('the node has no account')
  const provider = new RpcProvider({ nodeUrl: url })
  const sender = new Account({ provider, address: from.address, signer: from.privateKey })
  const resourceBounds = {
    l1_gas: { max_amount: 0n, max_price_per_unit: 10n ** 13n },
    l2_gas: { max_amount: 50_000_000n, max_price_per_unit: 10n ** 11n },
    l1_data_gas: { max_amount: 10_000n, max_price_per_unit: 10n ** 12n },
  }
  const calldata = [to, `${amount}`, '0']
  const call = { contractAddress: feeToken, entrypoint: 'transfer', calldata }
  await sender.execute([call], { tip: 0n, resourceBounds })
}
