import { expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import { engineLiquidation } from '../../lib/runtime/network/liquidation.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { provenBy } from '../../lib/runtime/world/proven-by.ts'
import { workersOf } from '../../lib/runtime/world/workers.ts'
import { aRefusal, sayOfLane } from '../keepers/a-suspect-lane.ts'
import { movedClock } from '../keepers/lane/lane-in-memory.ts'
import { anExchange } from '../keepers/liquidation-world.ts'
import { aProvingNetwork } from './a-proving-network.ts'
import { aWorld } from './a-world.ts'

/** The engines `evm` and `twin` on `l1`, and lanes that prove what those sources say. */
function proven(sources: Readonly<Record<string, object>>): ReturnType<typeof provenBy> {
  const network = aProvingNetwork(Object.keys(sources))
  const { evm } = network.engines
  if (!evm) throw new TypeError('there is one')
  const proving = Object.fromEntries(
    Object.entries(network.proving).map(([name, lane]) => [
      name,
      { ...lane, source: sources[name] } as Network['proving'][string],
    ]),
  )
  return provenBy({ proving, engines: { evm, twin: evm, afar: { ...evm, chain: 'other' } } })
}

test('what an engine did is proved for that engine, what a chain did for all exchanges on it', () => {
  expect(
    proven({
      actions: { kind: 'own-engine', engine: 'evm' },
      blocks: { kind: 'starknet-blocks', chain: 'l1' },
      batches: { kind: 'starkex-batches', chain: 'other' },
    }),
  ).toEqual({ evm: ['actions', 'blocks'], twin: ['blocks'], afar: ['batches'] })
})

test('while a prover refuses a batch of an exchange’s lane, its workers liquidate and deleverage nobody, and tell it prices', async () => {
  const clock = movedClock()
  const { world } = aWorld({ clock })
  const exchange = anExchange([])
  const { evm } = world.network.engines
  if (evm?.kind !== 'evm-engine') throw new TypeError('the sample has changed')
  const slots = { everySeconds: 10, offsetMs: 0 }
  const workers = workersOf(
    {
      ...world,
      network: {
        ...aProvingNetwork(),
        engines: { evm: { ...evm, liquidation: engineLiquidation.parse({}) } },
        jobs: { ...world.network.jobs, liquidate: slots, deleverage: slots },
      },
      ports: {
        ...world.ports,
        engines: { evm: { ...exchange.engine, ...world.ports.engines['evm'] } },
        positions: { ...world.ports.positions, ...exchange.books },
      },
    },
    { notify: () => undefined, worker: 'w' },
  )
  await sayOfLane(world.ports.store, { suspect: aRefusal })
  const slot = Math.floor(clock.now() / 10_000)
  const reasonOf = async (job: string, subject = 'evm') => {
    const end = await workers.work({ job, subject, slot }, timestamp(clock.now() + 9_000))
    return 'reason' in end ? end.reason : end.kind
  }
  expect(await reasonOf('liquidate')).toBe('l2-suspect')
  expect(await reasonOf('deleverage')).toBe('l2-suspect')
  expect(await reasonOf('publish-prices', 'oracle-1')).toBe('published')
  expect(await reasonOf('push-prices')).not.toBe('l2-suspect')
})

test('where nothing is proved, no exchange is', () => {
  expect(proven({})).toEqual({ evm: [], twin: [], afar: [] })
})
