import { hash } from 'starknet'

import type { CoreConfig } from '../../contracts/core/core-config.ts'
import type { DevnetAccount } from '../devnet.ts'
import { emitted } from './call-contract.ts'
import type { ChainState } from './chain-state.ts'
import { coreClassHashes } from './core-class.ts'
import type { CoreSetup } from './core-setup.ts'
import type { CoreEffect } from './core-state.ts'
import { type Hex, hex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import { genesisCore } from './genesis-core.ts'
import { withCrowd } from './genesis-crowd.ts'
import type { HostedContracts } from './hosted-contracts.ts'
import type { Invoke } from './invoke.ts'
import { leastL2GasPrice } from './pool.ts'

/** A million STRK, in fri: years of keeping. */
const startBalance = 10n ** 24n

/** About what public Starknet asks in quiet times, in fri. */
const quietPrices: GasPrices = {
  l1Gas: 2_000_000_000_000n,
  l2Gas: leastL2GasPrice,
  l1DataGas: 20_000_000_000n,
}

/** The one core of a box, at an address that depends on its class alone. */
export function coreAddressOf(generation: CoreSetup['generation']): Hex {
  const classHash = coreClassHashes[generation]
  return hex(BigInt(hash.calculateContractAddressFromHash('0x0', classHash, [], 0)))
}

/**
 * A chain of one block, in which the core was deployed and set up; `timestamp` in seconds. Where people were on it before, a second
 * block has what they did: whoever follows its accounts reads no events of the block in which a chain begins.
 */
export function genesis({
  core: config,
  setup,
  accounts,
  timestamp,
  contracts = {},
}: {
  readonly core: CoreConfig
  readonly setup: CoreSetup
  readonly accounts: readonly DevnetAccount[]
  readonly timestamp: number
  readonly contracts?: HostedContracts
}): ChainState {
  const { people, deals } = setup
  const empty = genesisCore(config, BigInt(timestamp), { ...setup, people: [], deals: [] })
  const coreAddress = coreAddressOf(setup.generation)
  const world = {
    coreAddress,
    core: empty.core,
    accounts: Object.fromEntries(
      accounts.map(({ address, publicKey }) => [
        address,
        { publicKey: BigInt(publicKey), nonce: 0n },
      ]),
    ),
    balances: Object.fromEntries(accounts.map(({ address }) => [address, startBalance])),
    allowances: {},
    ...(Object.keys(contracts).length > 0 && { contracts }),
  }
  const setUp = (name: string, sender: Hex, events: CoreEffect['events']) => ({
    hash: hex(hash.starknetKeccak(`starknet-box ${name} ${timestamp}`)),
    tx: setUpTransaction(sender),
    revertReason: undefined,
    events: emitted(coreAddress, events),
    l2Gas: 0n,
    l1DataGas: 0n,
    fee: 0n,
  })
  const block = {
    number: 0,
    hash: hex(hash.starknetKeccak(`starknet-box block 0 ${timestamp}`)),
    parentHash: '0x0' as const,
    timestamp,
    gasPrices: quietPrices,
    transactions: [setUp('genesis', hex(empty.core.governor), empty.events)],
    world,
  }
  const crowd = withCrowd(empty.core, { people, deals })
  const peopled = {
    ...block,
    number: 1,
    hash: hex(hash.starknetKeccak(`starknet-box block 1 ${timestamp}`)),
    parentHash: block.hash,
    transactions: [setUp('people', formerOperator, crowd.events)],
    world: { ...world, core: crowd.core },
  }
  const blocks = crowd.events.length > 0 ? [block, peopled] : [block]
  return { blocks, pool: [], l1Accepted: -1, fork: 0 }
}

/** Who sent what people did before; nobody's account, so that no account of now has sent it. */
const formerOperator: Hex = '0x1001'

/** Every event has a transaction; one like this stands for all that set the core up. */
function setUpTransaction(sender: Hex): Invoke {
  const none = { max_amount: '0x0', max_price_per_unit: '0x0' } as const
  return {
    type: 'INVOKE',
    version: '0x3',
    sender_address: sender,
    calldata: [],
    signature: [],
    nonce: '0x0',
    resource_bounds: { l1_gas: none, l2_gas: none, l1_data_gas: none },
    tip: '0x0',
    paymaster_data: [],
    account_deployment_data: [],
    nonce_data_availability_mode: 'L1',
    fee_data_availability_mode: 'L1',
  }
}
