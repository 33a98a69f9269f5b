import type { EngineAction } from '../../lib/domain/action.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { Engine, EngineState } from '../../lib/ports.ts'
import { account, type FakeChain } from './fake-chain.ts'

/** An exchange whose every price is a call on the fake chain; what it was told is read from that chain's blocks. */
export function fakeEngine({
  chain,
  name = 'dex',
  sequenced = false,
  quorum = { 'BTC-USD': 1 },
}: {
  readonly chain: FakeChain
  readonly name?: string
  readonly sequenced?: boolean
  readonly quorum?: Readonly<Record<string, number>>
}): Engine {
  const applied = () => chain.effects().filter(({ data }) => data.startsWith(`${name} `))
  return {
    name,
    chain: chain.name,
    account,
    markets: Object.keys(quorum).map(parseMarket),
    check: async () => [],
    async state(): Promise<EngineState> {
      const block = await chain.head()
      const prices = Object.fromEntries(
        applied().flatMap(({ data }) =>
          (
            JSON.parse(data.slice(data.indexOf('['), data.lastIndexOf(']') + 1)) as [
              string,
              string,
              number,
            ][]
          ).map(([market, price, at]) => [
            market,
            { price: new Decimal(price), publishedAt: at as EngineState['block']['time'] },
          ]),
        ),
      )
      const sequence = sequenced ? BigInt(applied().length) : undefined
      return { block, paused: false, sequence, quorum, prices }
    },
    signAll: async (reports, { node }) =>
      reports.map(() => ({
        signer: `0x${Buffer.from(node).toString('hex')}`,
        signature: ['0x01'],
      })),
    verifyAll: async (reports) =>
      reports.map(({ signatures }) => signatures[name]?.signature[0] === '0x01'),
    encode: (action, sequence) => [{ kind: 'evm', to: '0x01', data: dataOf(action, sequence) }],
  }
}

function dataOf(action: EngineAction, sequence: bigint | undefined): `0x${string}` {
  const { engine, round } = action
  const work = `${engine} round-${round} ${sequence ?? '-'}`
  if (action.kind === 'liquidate') return `${work} []` as `0x${string}`
  if (action.kind !== 'push-prices') throw new TypeError(`this exchange has no ${action.kind}`)
  const prices = action.updates.map(({ market, price, reports }) => [
    market,
    price.toFixed(),
    Math.min(...reports.map(({ observedAt }) => observedAt)),
  ])
  // Hex in name only: it is read by people when a test fails.
  return `${work} ${JSON.stringify(prices)}` as `0x${string}`
}
