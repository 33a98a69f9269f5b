import { hash } from 'starknet'
import { afterAll, expect, test } from 'vitest'

import { CoreConfig } from '../../../../infra/contracts/core/core-config.ts'
import { boxAccounts } from '../../../../infra/local/starknet-box/box-accounts.ts'
import { callContract } from '../../../../infra/local/starknet-box/call-contract.ts'
import { CoreSetup } from '../../../../infra/local/starknet-box/core-setup.ts'
import { genesis } from '../../../../infra/local/starknet-box/genesis.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { feeToken, type World } from '../../../../infra/local/starknet-box/world.ts'
import { aCore, btc } from './a-box.ts'
import { outcomeOf } from './a-core.ts'
import { ask, startBox } from './box-rpc.ts'

const position = {
  id: 77,
  ownerPublicKey: '0x1234',
  collateral: '-5',
  holdings: [{ assetId: String(btc), balance: '12' }],
}
const boxes = new Set<{ stop(): Promise<void> }>()
afterAll(async () => {
  await Promise.all([...boxes].map((box) => box.stop()))
})

test.each(['C', 'D'] as const)(
  'a box of generation %s begins with the positions it is given',
  async (generation) => {
    const { box } = await startBox({ setup: { generation, positions: [position] } })
    boxes.add(box)
    const request = {
      contract_address: box.coreAddress,
      entry_point_selector: `0x${selectorOf('get_position_assets').toString(16)}`,
      calldata: ['0x4d'],
    }
    const { result } = await ask(box, 'starknet_call', [request, 'latest'])
    const held = [`0x${btc.toString(16)}`, '0xc', '0x0', '0xa', '0x0']
    const type = generation === 'D' ? ['0x0'] : []
    // -5 as the field has it.
    const debt = `0x${(2n ** 251n + 17n * 2n ** 192n + 1n - 5n).toString(16)}`
    expect(result).toEqual(['0x1', ...held, ...type, debt])
  },
)

const [account] = boxAccounts({})
const owner = BigInt(account?.address ?? 0)

function aWorld(): World {
  const setup = CoreSetup.parse({ generation: 'D', positions: [position] })
  const chain = genesis({
    core: CoreConfig.parse(aCore()),
    setup,
    accounts: account === undefined ? [] : [account],
    timestamp: 1_800_000_000,
  })
  const world = chain.blocks[0]?.world
  if (world === undefined) throw new Error('a genesis has a world')
  return world
}

test('a deposit takes what its owner has allowed, and no more', () => {
  const world = aWorld()
  const context = { caller: owner, now: 1_800_000_000n }
  const core = BigInt(world.coreAddress)
  const approve = { to: feeToken, selector: selectorOf('approve'), calldata: [core, 100n, 0n] }
  const approved = callContract(world, approve, context)
  if (approved.kind !== 'ok') throw new Error(approved.kind)
  const deposit = (amount: bigint) => ({
    to: world.coreAddress,
    selector: selectorOf('deposit'),
    calldata: [77n, amount, 1n],
  })
  expect(outcomeOf(callContract(approved.world, deposit(101n), context))).toBe(
    'ERC20: insufficient allowance',
  )
  const taken = callContract(approved.world, deposit(100n), context)
  if (taken.kind !== 'ok') throw new Error(taken.kind)
  expect(taken.world.balances[world.coreAddress]).toBe(100n)
  expect(taken.events.map(({ from }) => from)).toEqual([feeToken, world.coreAddress])
})

test('a box of generation D keeps the times of interest where the real core keeps them', async () => {
  const planted = { ...position, lastInterest: '1700000000' }
  const { box } = await startBox({ setup: { generation: 'D', positions: [planted] } })
  boxes.add(box)
  // positions.cairo and Cairo's storage rules, by starknet.js: pedersen(pedersen(keccak('positions'), 77), keccak(member)).
  const entry = hash.computePedersenHash(hash.starknetKeccak('positions').toString(), '77')
  const member = hash.starknetKeccak('last_interest_applied_time').toString()
  const key = hash.computePedersenHash(entry, member)
  const at = async (slot: string) =>
    (await ask(box, 'starknet_getStorageAt', [box.coreAddress, slot, 'latest'])).result
  expect(await at(key)).toBe(`0x${(1_700_000_000).toString(16)}`)
  expect(await at(hash.computePedersenHash(entry, '1'))).toBe('0x0')
})
