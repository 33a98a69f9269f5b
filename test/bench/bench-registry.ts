import type { Listing } from '../../lib/adapters/engines/starknet-perpetual/core.ts'
import type { AnswersOf, Requests, Rpc, ValuesOf } from '../../lib/adapters/rpc.ts'
import { feltHex, selectorOf } from '../../lib/adapters/starknet-felt.ts'
import type { PriceNames } from '../../lib/domain/price-message.ts'
import type { OracleKeys } from '../../lib/ports.ts'

/** A node that knows one thing: which oracles the exchange registered, under which names. */
export function registryOnly(listings: readonly Listing[], oracles: readonly OracleKeys[]): Rpc {
  const events = listings.flatMap(({ assetId }, index) =>
    oracles.flatMap(({ stark }) =>
      stark ? [added(assetId, stark.publicKey, namesOf(index))] : [],
    ),
  )
  const read = (requests: Requests): readonly unknown[] =>
    requests.map((request) => request.read({ events }))
  return {
    answers: async <const R extends Requests>(requests: R) => {
      const answers = read(requests).map((value) => ({ kind: 'result', value }))
      return Promise.resolve(answers as unknown as AnswersOf<R>)
    },
    values: async <const R extends Requests>(requests: R) =>
      Promise.resolve(read(requests) as unknown as ValuesOf<R>),
  }
}

/** Names as long as real ones: 16 and 5 letters. */
export function namesOf(index: number): PriceNames {
  const assetName = BigInt(`0x${Buffer.from(`B${index}USD`.padEnd(16, '_')).toString('hex')}`)
  return { assetName, oracleName: BigInt(`0x${Buffer.from('Bench').toString('hex')}`) }
}

function added(
  assetId: `0x${string}`,
  publicKey: `0x${string}`,
  { assetName, oracleName }: PriceNames,
): unknown {
  return {
    keys: [selectorOf('OracleAdded'), assetId, publicKey],
    data: [feltHex(assetName), feltHex(oracleName)],
  }
}
