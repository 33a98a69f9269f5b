import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Account, RpcProvider } from 'starknet'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { findDevnet, startDevnet } from '../../../../infra/local/devnet.ts'
import { accountClassHash } from '../../../../infra/local/starknet-box/account-class.ts'
import { coreClassHashes } from '../../../../infra/local/starknet-box/core-class.ts'
import {
  type RunningStarknetBox,
  startStarknetBox,
} from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { aCore } from './a-box.ts'
import { aDeployment, fund } from './a-deployment.ts'
import { ask, selectorOf, startBox, statusOf } from './box-rpc.ts'

const add = async (node: { readonly url: string }, wire: object) =>
  ask(node, 'starknet_addDeployAccountTransaction', { deploy_account_transaction: wire })

const nonceAt = async (node: { readonly url: string }, block: string, address: string) => {
  const { result, error } = await ask(node, 'starknet_getNonce', [block, address])
  return error === undefined ? Number(result) : `error ${error.code}`
}

let box: RunningStarknetBox
let clock: Awaited<ReturnType<typeof startBox>>['clock']
beforeEach(async () => {
  const started = await startBox()
  box = started.box
  clock = started.clock
})
afterEach(async () => box.stop())

/** STRK for the account, in a block. */
async function funded(made: { readonly address: string }): Promise<void> {
  await fund(box, made.address)
  box.makeBlock()
}

/** Calls of the new account, signed by whoever. */
async function callsOf(made: { readonly address: string; readonly key: string }, nonce: number) {
  const provider = new RpcProvider({ nodeUrl: box.url })
  const signer = { address: made.address, signer: made.key, cairoVersion: '1' } as const
  const sender = new Account({ provider, ...signer })
  const resourceBounds = {
    l1_gas: { max_amount: 0n, max_price_per_unit: 10n ** 13n },
    l2_gas: { max_amount: 50_000_000n, max_price_per_unit: 10n ** 11n },
    l1_data_gas: { max_amount: 10_000n, max_price_per_unit: 10n ** 12n },
  }
  const call = { contractAddress: box.coreAddress, entrypoint: 'get_operator_nonce', calldata: [] }
  const invoke_transaction = await sender.getSignedTransaction([call], {
    nonce,
    tip: 0n,
    resourceBounds,
  })
  return ask(box, 'starknet_addInvokeTransaction', { invoke_transaction })
}

describe('an account deploys itself', () => {
  test('with its next nonce, its key, its class and its fee, once the block is made', async () => {
    const made = aDeployment()
    await funded(made)
    expect(await nonceAt(box, 'latest', made.address)).toBe('error 20')
    const { result } = await add(box, made.wire)
    expect(result).toEqual({ transaction_hash: made.hash, contract_address: made.address })
    expect(await nonceAt(box, 'latest', made.address)).toBe('error 20')
    expect(await nonceAt(box, 'pre_confirmed', made.address)).toBe(1)
    box.makeBlock()
    expect(await nonceAt(box, 'latest', made.address)).toBe(1)
    const receipt = await ask(box, 'starknet_getTransactionReceipt', [made.hash])
    expect(receipt.result).toMatchObject({
      type: 'DEPLOY_ACCOUNT',
      execution_status: 'SUCCEEDED',
      contract_address: made.address,
    })
    const hashAt = await ask(box, 'starknet_getClassHashAt', ['latest', made.address])
    expect(hashAt.result).toBe(accountClassHash)
    const request = {
      contract_address: made.address,
      entry_point_selector: selectorOf('get_public_key'),
      calldata: [],
    }
    const key = await ask(box, 'starknet_call', { request, block_id: 'latest' })
    expect((key.result as string[]).map(BigInt)).toEqual([BigInt(made.publicKey)])
    const [balance] = (
      await ask(box, 'starknet_call', {
        request: {
          contract_address: '0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d',
          entry_point_selector: selectorOf('balanceOf'),
          calldata: [made.address],
        },
        block_id: 'latest',
      })
    ).result as string[]
    const { amount } = (receipt.result as { actual_fee: { amount: string } }).actual_fee
    expect(10n ** 20n - BigInt(balance ?? 0)).toBe(BigInt(amount))
    expect((await callsOf(made, 1)).error).toBeUndefined()
    box.makeBlock()
    expect(await nonceAt(box, 'latest', made.address)).toBe(2)
  })

  test('before its first calls, which nobody can validate until then: a forged one never lands', async () => {
    const made = aDeployment()
    await funded(made)
    expect((await callsOf(made, 1)).error?.code).toBe(55)
    await add(box, made.wire)
    expect((await callsOf(made, 2)).error?.code).toBe(55)
    const other = await callsOf({ ...made, key: '0x666' }, 1)
    const { transaction_hash } = other.result as { transaction_hash: string }
    box.makeBlock()
    expect(await nonceAt(box, 'latest', made.address)).toBe(1)
    expect(await statusOf(box, transaction_hash)).toBe('error 29')
    await callsOf(made, 1)
    box.makeBlock()
    expect(await nonceAt(box, 'latest', made.address)).toBe(2)
  })

  test('for a tip and a price a tenth higher than before, and no other', async () => {
    const made = aDeployment({ tip: 100n })
    await funded(made)
    await add(box, made.wire)
    const price = 10n ** 11n
    for (const [tip, l2Price] of [
      [109n, price * 2n],
      [200n, price + price / 10n - 1n],
    ] as const)
      expect((await add(box, aDeployment({ tip, l2Price }).wire)).error?.code).toBe(64)
    const better = aDeployment({ tip: 110n, l2Price: price + price / 10n })
    await add(box, better.wire)
    box.makeBlock()
    expect(await statusOf(box, made.hash)).toBe('error 29')
    expect(await statusOf(box, better.hash)).toBe('ACCEPTED_ON_L2')
  })

  test('is forgotten after 300 seconds', async () => {
    const made = aDeployment()
    await funded(made)
    box.faults.set({ fault: 'stall', preConfirmed: 'stops' })
    await add(box, made.wire)
    clock.advance(300)
    expect(await statusOf(box, made.hash)).toBe('RECEIVED')
    clock.advance(1)
    expect(await statusOf(box, made.hash)).toBe('error 29')
  })

  test('again after a reorganisation, by the same bytes or not at all', async () => {
    const made = aDeployment()
    await funded(made)
    await add(box, made.wire)
    box.makeBlock()
    box.faults.set({ fault: 'reorg', blocks: 1, transactions: 'drop' })
    expect(await nonceAt(box, 'pre_confirmed', made.address)).toBe('error 20')
    await add(box, made.wire)
    box.makeBlock()
    box.faults.set({ fault: 'reorg', blocks: 1 })
    expect(await nonceAt(box, 'latest', made.address)).toBe('error 20')
    box.makeBlock()
    expect(await nonceAt(box, 'latest', made.address)).toBe(1)
  })

  test('as it waited, when the box goes on where it ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'starknet-box-'))
    const stateFile = join(folder, 'state')
    const before = await startBox({ stateFile })
    const made = aDeployment()
    await fund(before.box, made.address)
    before.box.makeBlock()
    await add(before.box, made.wire)
    await before.box.stop()
    const options = { blocks: 'demand', core: aCore(), clock: before.clock, stateFile } as const
    const again = await startStarknetBox(options)
    again.makeBlock()
    expect(await nonceAt(again, 'latest', made.address)).toBe(1)
    await again.stop()
    rmSync(folder, { recursive: true })
  })
})

describe('an account is not deployed', () => {
  test.each([
    ['at another nonce than 0', aDeployment({ nonce: 1 }), 52],
    ['with another key’s signature', { ...aDeployment(), wire: forged() }, 55],
    ['of a class that nobody has declared', aDeployment({ classHash: '0x123' }), 28],
    ['of a class that is none of an account', aDeployment({ classHash: coreClassHashes.C }), 55],
    ['by a constructor that is told too little', aDeployment({ calldata: [] }), 55],
    ['by a constructor that is told too much', aDeployment({ calldata: ['0x1', '0x2'] }), 55],
    ['for less gas than it takes', aDeployment({ l2Amount: 2_000_000n }), 53],
    ['for less than the least price', aDeployment({ l2Price: 1n }), 65],
    ['by a query', aDeployment({ query: true }), 61],
  ])('%s', async (_, made, code) => {
    await funded(made)
    expect((await add(box, made.wire)).error?.code).toBe(code)
  })

  test('without money, and by the next try with it', async () => {
    const made = aDeployment()
    expect((await add(box, made.wire)).error?.code).toBe(54)
    await funded(made)
    expect((await add(box, made.wire)).error).toBeUndefined()
    expect((await add(box, made.wire)).error?.code).toBe(59)
  })

  test('a second time, nor where one stands that has sent nothing', async () => {
    const made = aDeployment()
    await funded(made)
    await add(box, made.wire)
    box.makeBlock()
    expect((await add(box, aDeployment({ tip: 5n }).wire)).error?.code).toBe(52)
    const [, first] = box.accounts
    const there = aDeployment({ key: first?.privateKey ?? '' })
    expect(there.address).toBe(first?.address)
    const { error } = await add(box, there.wire)
    expect(error?.code).toBe(55)
    expect(error?.data).toContain('already deployed')
  })
})

async function estimate(request: readonly object[]) {
  const asked = { request, simulation_flags: ['SKIP_VALIDATE'], block_id: 'latest' }
  return ask(box, 'starknet_estimateFee', asked)
}

describe('the estimate of a deployment', () => {
  test('needs neither money nor signature, and comes before that of the first calls', async () => {
    const made = aDeployment({ query: true })
    const one = await estimate([made.wire])
    expect(one.result).toMatchObject([{ l2_gas_consumed: '0x22d170' }])
    const invoke = {
      ...made.wire,
      type: 'INVOKE',
      sender_address: made.address,
      calldata: ['0x0'],
      account_deployment_data: [],
      nonce: '0x1',
    }
    expect((await estimate([invoke])).error?.code).toBe(41)
    expect((await estimate([made.wire, invoke])).result).toHaveLength(2)
  })

  test.each([
    ['of an undeclared class', aDeployment({ classHash: '0x123' }), 'is not declared'],
    ['with arguments that do not fit', aDeployment({ calldata: [] }), 'Failed to deserialize'],
    ['at another nonce', aDeployment({ nonce: 3 }), 'Invalid transaction nonce'],
  ])('fails %s', async (_, made, words) => {
    const { error } = await estimate([made.wire])
    expect(error?.code).toBe(41)
    expect(JSON.stringify(error?.data)).toContain(words)
  })
})

const absent =
  findDevnet() === undefined
    ? ' (skipped: starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin)'
    : ''

describe.skipIf(absent !== '')(`a box and a real node${absent}`, () => {
  let real: Extract<Awaited<ReturnType<typeof startDevnet>>, { url: string }>
  beforeAll(async () => {
    const devnet = await startDevnet({ accounts: 2 })
    if ('reason' in devnet) throw new Error(devnet.reason)
    real = devnet
  }, 60_000)
  afterAll(async () => real.stop())

  test('show a deployment with the same fields, of the same kinds, and the same gas', async () => {
    const { box: own } = await startBox({ blocks: 'transaction' })
    expect(await shownBy(own)).toEqual(await shownBy(real))
    await own.stop()
  })
})

type Node = Parameters<typeof fund>[0]

async function shownBy(node: Node): Promise<object> {
  const made = aDeployment()
  // The sequencer is paid here for the first time: it has its own slot from then on.
  await fund(node, made.address)
  const added = await add(node, made.wire)
  const of = { transaction_hash: made.hash }
  const asked = {
    transaction: await ask(node, 'starknet_getTransactionByHash', of),
    receipt: await ask(node, 'starknet_getTransactionReceipt', of),
    trace: await ask(node, 'starknet_traceTransaction', of),
  }
  const { execution_resources, events } = asked.receipt.result as {
    readonly execution_resources: object
    readonly events: readonly object[]
  }
  const fields = Object.entries(asked).map(([name, { result }]) => ({
    name,
    fields: fieldsOf(result),
  }))
  return { added, execution_resources, own: events[0], fields }
}

/** Every field of an answer by its path and its kind, but what only a node with storage slots has. */
function fieldsOf(value: unknown, path = ''): readonly string[] {
  if (/fee_transfer_invocation|storage_diffs\[\]/.test(path)) return []
  if (Array.isArray(value))
    return [...new Set(value.flatMap((one) => fieldsOf(one, `${path}[]`)))].toSorted()
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`]
  return Object.entries(value)
    .flatMap(([name, one]) => fieldsOf(one, `${path}.${name}`))
    .toSorted()
}

function forged(): object {
  return { ...aDeployment().wire, signature: aDeployment({ tip: 1n }).wire.signature }
}
