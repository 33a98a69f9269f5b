import { isDeepStrictEqual } from 'node:util'

import { z } from 'zod'

import { carriedOn, type CarriedState } from './carried-state.ts'
import { checkFundingTick } from './funding-rules.ts'
import type { GatewayConfig } from './gateway-config.ts'
import { GatewayRequest, type GatewayTransaction } from './gateway-transaction.ts'
import { Refusal, refuseUnless } from './refusal.ts'
import { checkTick } from './tick-rules.ts'

/** One exchange behind its gateway: the transactions that it was given, by id, and what they made of it. */
export type Exchange = {
  /** Takes one, or finds it there already; throws a `Refusal` where it does neither. */
  add(body: string): GatewayRequest
  /** The next id whose predecessors are all there. */
  firstUnused(): number
  /** In order of their ids, without those that wait for one before them. */
  requests(): readonly GatewayRequest[]
  /** The last price of each asset, as it was told, by asset id. */
  prices(): Readonly<Record<string, string>>
  state(): CarriedState
  /** Forgets the newest ones, as a service that came up with an older state would. */
  lose(count: number): void
}

/** What an exchange begins with: its state before the oldest request that is still kept. */
export type ExchangeStart = {
  readonly before: CarriedState
  readonly requests: readonly GatewayRequest[]
}

export function createExchange(options: {
  readonly config: GatewayConfig
  readonly start: ExchangeStart
  readonly nowSeconds: () => number
  readonly record: (request: GatewayRequest) => void
}): Exchange {
  const { config, start, nowSeconds, record } = options
  const byId = new Map<number, GatewayTransaction>(
    start.requests.map(({ tx_id: id, tx }) => [id, tx]),
  )
  const oldest = start.requests[0]?.tx_id ?? 0
  let next = oldest
  let state = start.before

  /** As far as there is no gap. Each was checked when it was handed in. */
  function goOn(): void {
    for (let tx = byId.get(next); tx; tx = byId.get(next)) {
      state = carriedOn(state, tx)
      next += 1
    }
  }

  goOn()

  const inOrder = (): readonly GatewayRequest[] =>
    [...byId]
      .filter(([id]) => id < next)
      .toSorted(([one], [other]) => one - other)
      .map(([id, tx]) => ({ tx_id: id, tx }))

  return {
    firstUnused: () => next,
    requests: inOrder,
    state: () => state,

    add(body) {
      const request = read(body)
      const { tx_id: id, tx } = request
      const before = byId.get(id)
      if (before) {
        refuseUnless(
          isDeepStrictEqual(before, tx),
          'INVALID_TRANSACTION_ID',
          `transaction ${id} is there already with other content`,
        )
        return request
      }
      refuseUnless(
        id === next || (id > next && config.gaps === 'held'),
        'INVALID_TRANSACTION_ID',
        `transaction ${id} is not the next one, ${next}`,
      )
      check(config, tx, { state, now: BigInt(nowSeconds()) })
      byId.set(id, tx)
      record(request)
      goOn()
      return request
    },

    prices() {
      const told = inOrder().flatMap(({ tx }) =>
        tx.type === 'ORACLE_PRICES_TICK' ? Object.entries(tx.oracle_prices) : [],
      )
      return Object.fromEntries(told.map(([asset, { price }]) => [asset, price]))
    },

    lose(count) {
      const gone = [...byId.keys()].toSorted((one, other) => other - one).slice(0, count)
      for (const id of gone) byId.delete(id)
      next = oldest
      state = start.before
      goOn()
    },
  }
}

function check(
  config: GatewayConfig,
  tx: GatewayTransaction,
  at: { readonly state: CarriedState; readonly now: bigint },
): void {
  switch (tx.type) {
    case 'ORACLE_PRICES_TICK':
      checkTick(config, tx, { systemTime: at.state.systemTime, now: at.now })
      return
    case 'FUNDING_TICK':
      checkFundingTick(config, tx, at)
      return
    case 'LIQUIDATE':
    case 'DELEVERAGE':
      throw new Refusal('API_FUNCTION_TEMPORARILY_DISABLED', `${tx.type} is not known here`)
  }
}

function read(body: string): GatewayRequest {
  try {
    return GatewayRequest.parse(JSON.parse(body))
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal('MALFORMED_REQUEST', 'the body is no JSON')
    if (error instanceof z.ZodError)
      throw new Refusal('SCHEMA_VALIDATION_ERROR', z.prettifyError(error))
    throw error
  }
}
