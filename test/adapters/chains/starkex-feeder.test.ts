import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { ChainUnavailableError } from '../../../lib/adapters/chains/errors.ts'
import { starkexFeeder } from '../../../lib/adapters/chains/starkex-feeder.ts'
import {
  goldenDeleverageJson,
  goldenFundingJson,
} from '../../domain/starkex/golden-transactions.ts'

/** A batch of ApeX and its transactions, as its explorer has them (l2beat/starkex-explorer starkwareData.ts). */
const goldenInfo = {
  previous_batch_id: 12_171,
  sequence_number: 10_959,
  time_created: '1659603558',
  previous_position_root: '02b4848a6f620583b377438ae862e71273bfda2ce3026ddfd6697bf91bb3f83b',
  previous_order_root: '00d1ccdfe53e9f4261e5b611e694ad52384cef129e3ad7898e5e27b27c83342a',
  position_root: '069e1d10dee11eefd25ec6cb5137af3cf58c8618d19cb614ef26c12375453699',
  order_root: '020871c8713281f2966641eb83b02f30235d41f343d9db3ced9115e396e668bc',
  txs_info: [
    { alt_txs: null, original_tx_id: 4_003, was_replaced: false, original_tx: goldenFundingJson },
    { alt_txs: [], original_tx_id: 4_004, was_replaced: true, original_tx: goldenDeleverageJson },
  ],
}

const goldenData = {
  update: {
    prev_batch_id: 1_205,
    orders: { '33763544854418327': { fulfilled_amount: '10000000' } },
    position_root: '00d766904591c4a3b7353f977e3b0be5c13dd1f1b028d6769828e4aa5861fd67',
    order_root: '069a24e13bc5c49bfdff40f6f2e3277cb32503ed1e5a596959b88260faf61ee5',
    positions: {
      '571': {
        assets: {},
        public_key: '0x31d3850b4a9181df48285a73fff1c2a9cccd46b61880a84f78c6be7a6a33a7e',
        collateral_balance: '9180000100890383028',
      },
      '614': {
        assets: {
          '0x4254432d3130000000000000000000': { cached_funding_index: '-3', balance: '-1000000' },
        },
        public_key: '0x53adb1457fbaf4698fe4dea32d59b895c65586f5550e0fc3398265976f70cdc',
        collateral_balance: '5099993080820',
      },
    },
  },
}

/** A host that answers everything with this. */
async function answering(body: unknown, status = 200) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const feeder = starkexFeeder({
    chain: 'perps',
    feederUrl: `${base}/feeder_gateway/`,
    availabilityUrl: `${base}/availability_gateway`,
    tls: undefined,
    timeoutMs: 5_000,
  })
  return { feeder, asked }
}

test('a batch’s transactions are read, with what took the place of some', async () => {
  const { feeder, asked } = await answering(goldenInfo)
  expect(await feeder.info(12_172)).toEqual({
    kind: 'batch',
    batch: {
      previousId: 12_171,
      sequence: 10_959,
      positionRoot: goldenInfo.position_root,
      orderRoot: goldenInfo.order_root,
      createdAt: 1_659_603_558_000,
      transactions: [
        { id: 4_003, transaction: goldenFundingJson, alternatives: undefined },
        { id: 4_004, transaction: goldenDeleverageJson, alternatives: [] },
      ],
    },
  })
  expect(asked).toEqual(['/feeder_gateway/get_batch_info?batch_id=12172'])
})

test('a batch’s leaves are read', async () => {
  const { feeder, asked } = await answering(goldenData)
  expect(await feeder.data(1_206)).toEqual({
    kind: 'batch',
    batch: {
      previousId: 1_205,
      positionRoot: goldenData.update.position_root,
      orderRoot: goldenData.update.order_root,
      positions: [
        {
          id: '571',
          publicKey: 0x31d3850b4a9181df48285a73fff1c2a9cccd46b61880a84f78c6be7a6a33a7en,
          collateral: 9_180_000_100_890_383_028n,
          holdings: [],
        },
        {
          id: '614',
          publicKey: 0x53adb1457fbaf4698fe4dea32d59b895c65586f5550e0fc3398265976f70cdcn,
          collateral: 5_099_993_080_820n,
          holdings: [
            { asset: 0x4254432d3130000000000000000000n, balance: -1_000_000n, cachedIndex: -3n },
          ],
        },
      ],
    },
  })
  expect(asked).toEqual(['/availability_gateway/get_batch_data?batch_id=1206'])
})

test.for<readonly [string, unknown, number, unknown]>([
  ['that is not there yet', { code: 'StarkErrorCode.BATCH_NOT_READY' }, 200, { kind: 'not-ready' }],
  [
    'that is not there',
    { code: 'INVALID_BATCH_ID' },
    500,
    { kind: 'none', code: 'INVALID_BATCH_ID' },
  ],
  [
    'that is none any more',
    { code: 'BATCH_ABORTED', message: '' },
    200,
    { kind: 'none', code: 'BATCH_ABORTED' },
  ],
])('a batch %s is told by its code, whatever the status', async ([, body, status, answer]) => {
  const { feeder } = await answering(body, status)
  expect(await feeder.info(1)).toEqual(answer)
  expect(await feeder.data(1)).toEqual(answer)
})

test('leaves that are not there yet are null', async () => {
  const { feeder } = await answering({ update: null })
  expect(await feeder.data(1)).toEqual({ kind: 'not-ready' })
})

test.for<readonly [string, unknown, number]>([
  ['a page', '<html>', 502],
  ['a page with status 200', '<html>', 200],
  ['a code of the gateway’s own trouble', { code: 'REQUEST_FAILED' }, 500],
  ['a batch with a number in place of text', { ...goldenInfo, time_created: 1_659_603_558 }, 200],
  ['an empty list of nothing', {}, 200],
])('%s is no answer', async ([, body, status]) => {
  const { feeder } = await answering(body, status)
  await expect(feeder.info(1)).rejects.toThrow(ChainUnavailableError)
  await expect(feeder.data(1)).rejects.toThrow(ChainUnavailableError)
})

test('the newest batch is told, or that nobody tells it', async () => {
  expect(await (await answering('12345')).feeder.lastBatchId()).toBe(12_345)
  expect(await (await answering('404: Not Found', 404)).feeder.lastBatchId()).toBeUndefined()
  await expect((await answering('many')).feeder.lastBatchId()).rejects.toThrow(
    ChainUnavailableError,
  )
})
