import type { RawArgs } from 'starknet'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreAsset, CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { execute } from '../../../../infra/local/starknet-box/execute.ts'
import { felt, hex } from '../../../../infra/local/starknet-box/felt.ts'
import { withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import type { Invoke } from '../../../../infra/local/starknet-box/invoke.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { governor, operator, outcome, priceTickCalldata, run, stranger } from './a-core.ts'
import { liquidateCalldata, multiTradeCalldata, ownerPublicKey } from './flow-calldata.ts'
import { nineActive, price, start } from './nine-active.ts'
import { activeCore, encoded, eventsOf, RecordedState, withStates } from './recorded-accounts.ts'
import { recordedCore } from './recorded-core.ts'
import { conformance, recordings, titled, type Vector, vectorsOf } from './vectors.ts'

const felts = z.array(z.coerce.bigint())
const weth = 0x574554482d36000000000000000000n
const wbtc = 0x574254432d38000000000000000000n

/** The box's way of saying it, before a node makes a text of it. */
function said(answer: ReturnType<typeof run>): string {
  return answer.kind === 'no-entry-point' ? 'ENTRYPOINT_NOT_FOUND' : outcome(answer)
}

describe.skipIf(conformance === undefined)(titled('views as the real core has them'), () => {
  const now = 1_796_637_057n
  const states = [
    ['100', 'x5s1'],
    ['960', 'x5s0'],
    ['961', 'x5s5'],
  ].map(([id = '', key = '']) => {
    return [
      id,
      RecordedState.parse(recordings.D?.states[key] ?? { collateral_stored: '0', holdings: [] }),
    ] as const
  })
  const core = conformance === undefined ? undefined : withStates(activeCore(now, 'D'), states)

  test.for(vectorsOf('view', 'D').map((one) => [one.case, one] as const))('%s', ([, vector]) => {
    const { fn, calldata } = z.object({ fn: z.string(), calldata: felts }).parse(vector.call)
    const answer = run(core ?? activeCore(now, 'D'), { name: fn, calldata, now })
    expect(said(answer)).toBe(vector.expect.error ?? 'ok')
    const result = answer.kind === 'ok' ? answer.result : []
    // Of some that answer, the recording keeps only that they do.
    const wanted = vector.expect['result'] ?? (answer.kind === 'ok' ? result.map(hex) : [])
    expect(result).toEqual(felts.parse(wanted))
  })
})

const order = {
  position_id: 101n,
  source_position: 101n,
  receive_position: 101n,
  base_asset_id: weth,
  base_amount: 10n,
  quote_asset_id: 1n,
  quote_amount: -1000n,
  fee_asset_id: 1n,
  fee_amount: 0n,
  expiration: 4_000_000_000n,
  salt: 1n,
}
const forced = {
  signature: [1n, 1n],
  signature_a: [1n, 1n],
  signature_b: [1n, 1n],
  collateral_id: 1n,
  recipient: 5n,
  position_id: 101n,
  amount: 1n,
  expiration: 4_000_000_000n,
  salt: 1n,
  order_a: order,
  order_b: order,
  order,
  vault_approval: order,
}

describe.skipIf(conformance === undefined)(titled('forced requests as in the real core'), () => {
  test.for(vectorsOf('forced_request', 'D').map((one) => [one.id, one.case, one] as const))(
    '%s %s',
    ([, , vector]) => {
      const pre = z.object({ state: z.string().optional(), caller: z.string() }).parse(vector.pre)
      const { fn } = z.object({ fn: z.string() }).parse(vector.call)
      const caller = { depositor: stranger, operator, app_governor: governor }[pre.caller]
      const core = { ...activeCore(start, 'D'), paused: pre.state === 'paused' }
      const answer = run(core, {
        name: fn,
        calldata: encoded('D', fn, forced),
        caller: caller ?? 0n,
        now: start,
      })
      expect(outcome(answer)).toBe(vector.expect.error ?? 'ok')
      const events = answer.kind === 'ok' ? answer.events : []
      expect(events).toEqual(eventsOf(vector.expect['events'] ?? []))
    },
  )
})

/** One token is a vault's share; position 101 holds it beside another token and owes more than both are worth. */
function withShares(): CoreState {
  const core = activeCore(start, 'D')
  const assets = Object.entries(core.assets).map(([key, asset]): [string, CoreAsset] => [
    key,
    { ...asset, price: 1n << 28n, kind: asset.id === weth ? 'vault-share' : asset.kind },
  ])
  const holdings = [
    { assetId: weth, balance: 1000n },
    { assetId: wbtc, balance: 1000n },
  ]
  return withPlanted({ ...core, assets: Object.fromEntries(assets) }, [
    { id: 101n, ownerPublicKey, collateral: -3000n, holdings },
    { id: 5n, ownerPublicKey, collateral: 10n ** 9n, holdings: [] },
  ]).core
}

function deleveraged(assetId: bigint): readonly bigint[] {
  return [0n, 101n, 5n, assetId, felt(-10n), 1000n, 0n, 0n]
}

describe.skipIf(conformance === undefined)(titled('shares of vaults as in the real core'), () => {
  const buys = { positionId: 5n, baseAssetId: weth, baseAmount: 10n, quoteAmount: -10n }
  const sells = { ...buys, positionId: 101n, baseAmount: -10n, quoteAmount: 10n }
  const limit = [5n, 5n, weth, 10n, 1n, felt(-10n), 1n, 0n, 4_000_000_000n, 1n]
  const calls: Readonly<Record<string, readonly bigint[]>> = {
    liquidate: liquidateCalldata({ operatorNonce: 0n, liquidated: 101n, order: buys }, 'D'),
    liquidate_spot_asset: [0n, 101n, ...limit, 2n, 1n, 1n, felt(-10n), 10n, 0n, 0n, 0n, 0n, 0n],
    multi_trade: multiTradeCalldata({ operatorNonce: 0n, a: sells, b: buys }),
    deleverage: deleveraged(weth),
    reduce_asset_position: [0n, 101n, 5n, weth, felt(-10n)],
  }
  test.for(vectorsOf('vault_share', 'D').map((one) => [one.case, one] as const))(
    '%s',
    ([, vector]) => {
      const { fn } = z.object({ fn: z.string() }).parse(vector.call)
      const isBeside = vector.case === 'deleverage_of_spot_beside_vault_share'
      const calldata = isBeside ? deleveraged(wbtc) : (calls[fn] ?? [])
      const answer = run(withShares(), { name: fn, calldata, now: start })
      expect(outcome(answer)).toBe(vector.expect.error)
    },
  )
})

function vectorOf(kind: string, name: string, generation: 'C' | 'D' = 'D'): Vector {
  const found = vectorsOf(kind, generation).find((one) => one.case === name)
  if (found === undefined) throw new Error(`no ${kind} ${name} is recorded`)
  return found
}

/** All that are listed, ascending, with the indexes they have. */
function fundingTick(core: CoreState, ids: readonly bigint[]) {
  const ticks = ids.toSorted((a, b) => (a < b ? -1 : 1)).flatMap((id) => [id, 0n])
  return [core.operatorNonce, BigInt(ids.length), ...ticks, start]
}

function synthetics(core: CoreState): readonly bigint[] {
  return Object.values(core.assets).flatMap(({ id, kind }) => (kind === 'synthetic' ? [id] : []))
}

describe.skipIf(conformance === undefined)(titled('tokens live as in the real core'), () => {
  test('the first price activates one, and no funding is due for it', () => {
    const vector = vectorOf('spot_lifecycle', 'first_price_tick')
    const active = activeCore(start, 'D')
    const [pending] = Object.values(recordedCore(start, 'ours', 'D').assets).filter(
      ({ id }) => id === weth,
    )
    if (pending === undefined) throw new Error('the token is not recorded')
    const core = { ...active, assets: { ...active.assets, [hex(weth)]: pending } }
    const { oracle_price } = z.object({ oracle_price: z.coerce.bigint() }).parse(vector.call)
    const calldata = priceTickCalldata({
      nonce: 0n,
      assetId: weth,
      price: oracle_price,
      timestamp: start,
    })
    const answer = run(core, { name: 'price_tick', calldata, now: start })
    expect(outcome(answer)).toBe('ok')
    if (answer.kind !== 'ok') return
    expect(answer.events).toEqual(eventsOf(vector.expect['events']))
    const config = (at: CoreState) => {
      const shown = run(at, { name: 'get_asset_config', calldata: [weth], now: start })
      return shown.kind === 'ok' ? shown.result : undefined
    }
    expect(config(core)).toEqual(felts.parse(vector.expect['config_before']))
    expect(config(answer.core)).toEqual(felts.parse(vector.expect['config_after']))
    expect([core.activeCount, answer.core.activeCount].map(String)).toEqual([
      vector.expect['active_synthetics_before'],
      vector.expect['active_synthetics_after'],
    ])
  })

  test('one has no place in the list of funding', () => {
    const core = activeCore(start, 'D')
    const ids = synthetics(core)
    const lists = {
      funding_list_spot_added: [...ids, weth],
      funding_list_spot_instead_of_one: [...ids.slice(0, -1), weth],
    }
    for (const [name, list] of Object.entries(lists)) {
      const calldata = fundingTick(core, list)
      const answer = run(core, { name: 'funding_tick', calldata, now: start })
      expect(outcome(answer)).toBe(vectorOf('spot_lifecycle', name).expect.error)
    }
  })

  const interval = 86_400n
  const ages = {
    spot_price_age_interval: { age: interval, lastPriceValidation: 0n },
    spot_price_older_validation_not_due: { age: interval + 1n, lastPriceValidation: start },
    spot_price_stale: { age: interval + 1n, lastPriceValidation: 0n },
    spot_price_renewed: { age: 0n, lastPriceValidation: 0n },
  }
  test.for(Object.entries(ages))('%s', ([name, { age, lastPriceValidation }]) => {
    const active = activeCore(start, 'D')
    const token = active.assets[hex(weth)]
    if (token === undefined) throw new Error('the token is not recorded')
    const aged = { ...token, lastPriceUpdate: start - age }
    const core = { ...active, lastPriceValidation, assets: { ...active.assets, [hex(weth)]: aged } }
    const gated = run(core, { name: 'apply_interests', calldata: [0n, 0n], now: start })
    const calldata = fundingTick(core, synthetics(core))
    const ticked = run(core, { name: 'funding_tick', calldata, now: start })
    expect({ gated_call: outcome(gated), funding_tick: outcome(ticked) }).toEqual(
      vectorOf('spot_lifecycle', name).expect,
    )
  })
})

describe.skipIf(conformance === undefined)(titled('the rest of what was recorded'), () => {
  test.for(['C', 'D'] as const)('a trade when funding has expired, generation %s', (generation) => {
    const vector = vectorOf('gate', 'trade_when_funding_expired', generation)
    const { now, last_funding_tick } = z
      .looseObject({ now: z.coerce.bigint(), last_funding_tick: z.coerce.bigint() })
      .parse(vector.pre)
    const core = { ...activeCore(now, generation), lastFundingTick: last_funding_tick }
    const args = { operator_nonce: 0n, trades: [], signature_a: [], signature_b: [] }
    const ours = {
      order_a: order,
      order_b: order,
      actual_amount_base_a: 1n,
      actual_amount_quote_a: 1n,
    }
    const fees = { actual_fee_a: 0n, actual_fee_b: 0n }
    const name = generation === 'C' ? 'trade' : 'multi_trade'
    const calldata = encoded(generation, name, { ...args, ...ours, ...fees } as RawArgs)
    expect(outcome(run(core, { name, calldata, now }))).toBe(vector.expect.error)
  })

  test('an asset that is active, deactivated and reactivated', () => {
    const { expect: recorded } = vectorOf('asset_lifecycle', 'active_deactivated_reactivated', 'C')
    const all = activeCore(start, 'C')
    const [id = 0n] = Object.values(all.assets).map((one) => one.id)
    const core = { ...all, activeCount: 1, governor }
    const call = { calldata: [id], caller: governor, now: start }
    const deactivated = run(core, { ...call, name: 'deactivate_synthetic' })
    if (deactivated.kind !== 'ok') throw new Error(outcome(deactivated))
    const again = run(deactivated.core, { ...call, name: 'reactivate_synthetic' })
    if (again.kind !== 'ok') throw new Error(outcome(again))
    expect(recorded).toEqual({
      ok: true,
      status_after_deactivate: deactivated.core.assets[hex(id)]?.status,
      active_count_after_deactivate: `${deactivated.core.activeCount}`,
      status_after_reactivate: again.core.assets[hex(id)]?.status,
      active_count_after_reactivate: `${again.core.activeCount}`,
      events_of_reactivate: `${again.events.length}`,
    })
  })
})

const Consumed = z.object({
  execution_status: z.string(),
  account_nonce_after: z.coerce.bigint(),
  operator_nonce_after: z.coerce.bigint(),
  core_events: z.coerce.number(),
  price_changed: z.boolean(),
  l1_data_gas: z.coerce.bigint(),
  l2_gas: z.coerce.number(),
})

/** The ticks of each recorded transaction: by how much their nonces are off, and whether their medians are right. Three ticks were of two assets: so much data was published. */
const transactions: Readonly<
  Record<string, readonly { readonly off?: bigint; readonly bad?: true }[]>
> = {
  success_one_tick: [{}],
  success_three_ticks: [{}, {}, {}],
  revert_bad_median: [{ bad: true }],
  revert_bad_operator_nonce: [{ off: 5n }],
  revert_third_of_three: [{}, {}, { bad: true }],
}

describe.skipIf(conformance === undefined).each(['C', 'D'] as const)(
  titled('a transaction uses nonces as a real one, generation %s'),
  (generation) => {
    const cases = vectorsOf('consumption', generation)
    test.for(cases.map((one) => [one.case, one] as const))('%s', ([name, vector]) => {
      const nonces = z
        .object({ account_nonce: z.coerce.bigint(), operator_nonce: z.coerce.bigint() })
        .parse(vector.pre)
      const core = { ...nineActive(generation), operatorNonce: nonces.operator_nonce }
      const coreAddress = '0xc0'
      const from = hex(operator)
      const ids = Object.values(core.assets).map(({ id }) => id)
      const calls = (transactions[name] ?? []).map(({ off = 0n, bad }, at) => {
        const calldata = priceTickCalldata({
          nonce: nonces.operator_nonce + BigInt(at) + off,
          assetId: ids[at % 2] ?? 0n,
          price: price + 10n ** 18n,
          timestamp: start,
          ...(bad === undefined ? {} : { signedPrice: price }),
        })
        return [BigInt(coreAddress), selectorOf('price_tick'), BigInt(calldata.length), ...calldata]
      })
      const bound = { max_amount: '0xfffffffffff', max_price_per_unit: '0xffffffffffff' } as const
      const tx: Invoke = {
        type: 'INVOKE',
        version: '0x3',
        sender_address: from,
        calldata: [BigInt(calls.length), ...calls.flat()].map(hex),
        signature: [],
        nonce: hex(nonces.account_nonce),
        resource_bounds: { l1_gas: bound, l2_gas: bound, l1_data_gas: bound },
        tip: '0x0',
        paymaster_data: [],
        account_deployment_data: [],
        nonce_data_availability_mode: 'L1',
        fee_data_availability_mode: 'L1',
      }
      const world = {
        coreAddress,
        core,
        accounts: { [from]: { publicKey: 1n, nonce: nonces.account_nonce } },
        balances: { [from]: 10n ** 24n },
        allowances: {},
      } as const
      const gasPrices = { l1Gas: 10n ** 9n, l2Gas: 10n ** 9n, l1DataGas: 10n ** 9n }
      const block = { timestamp: Number(start), gasPrices }
      const done = execute(world, tx, { block, charge: true })
      const expected = Consumed.parse(vector.expect)
      const [first = 0n] = ids
      expect({
        execution_status: done.failure === undefined ? 'SUCCEEDED' : 'REVERTED',
        account_nonce_after: done.world.accounts[from]?.nonce,
        operator_nonce_after: done.world.core.operatorNonce,
        core_events: done.events.filter((one) => one.from === coreAddress).length,
        price_changed: done.world.core.assets[hex(first)]?.price !== core.assets[hex(first)]?.price,
        l1_data_gas: done.gas.l1DataGas,
      }).toEqual({ ...expected, l2_gas: undefined })
      // A compiler's own costs decide the last hundredths: another class has others, and three signers.
      expect(Math.abs(Number(done.gas.l2Gas) / expected.l2_gas - 1)).toBeLessThan(0.15)
    })
  },
)
