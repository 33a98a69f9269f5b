import { isDeepStrictEqual } from 'node:util'

import { z } from 'zod'

import type { GatewayConfig } from './gateway-config.ts'
import { GatewayRequest } from './gateway-transaction.ts'
import { Refusal, refuseUnless } from './refusal.ts'
import { checkTick } from './tick-rules.ts'

type Transaction = GatewayRequest['tx']

/** One exchange behind its gateway: the transactions that it was given, by id. */
export type Exchange = {
  /** Takes one, or finds it there already; throws a `Refusal` where it does neither. */
  add(body: string): GatewayRequest
  /** The next id whose predecessors are all there. */
  firstUnused(): number
  /** In order of their ids, without those that wait for one before them. */
  requests(): readonly GatewayRequest[]
  /** The last price of each asset, as it was told, by asset id. */
  prices(): Readonly<Record<string, string>>
  /** Forgets the newest ones, as a service that came up with an older state would. */
  lose(count: number): void
}

export function createExchange(options: {
  readonly config: GatewayConfig
  readonly initial: readonly GatewayRequest[]
  readonly nowSeconds: () => number
  readonly record: (request: GatewayRequest) => void
}): Exchange {
  const { config, initial, nowSeconds, record } = options
  const byId = new Map<number, Transaction>(initial.map(({ tx_id: id, tx }) => [id, tx]))

  const oldest = initial[0]?.tx_id ?? 0
  let next = oldest

  function firstUnused(): number {
    while (byId.has(next)) next += 1
    return next
  }

  const inOrder = (): readonly GatewayRequest[] =>
    [...byId]
      .filter(([id]) => id < firstUnused())
      .toSorted(([one], [other]) => one - other)
      .map(([id, tx]) => ({ tx_id: id, tx }))

  return {
    firstUnused,
    requests: inOrder,

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
      const isNext = id === firstUnused()
      refuseUnless(
        isNext || (id > next && config.gaps === 'held'),
        'INVALID_TRANSACTION_ID',
        `transaction ${id} is not the next one, ${next}`,
      )
      const systemTime = BigInt(byId.get(next - 1)?.timestamp ?? 0)
      checkTick(config, tx, { systemTime, now: BigInt(nowSeconds()) })
      byId.set(id, tx)
      record(request)
      return request
    },

    prices() {
      const told = inOrder().flatMap(({ tx }) => Object.entries(tx.oracle_prices))
      return Object.fromEntries(told.map(([asset, { price }]) => [asset, price]))
    },

    lose(count) {
      const gone = [...byId.keys()].toSorted((one, other) => other - one).slice(0, count)
      for (const id of gone) byId.delete(id)
      next = oldest
    },
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
