import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { venues } from '../../../lib/adapters/venues/index.ts'
import { encode } from '../../../lib/domain/exact-text.ts'
import type { ParameterValue } from '../../../lib/domain/parameters/parameter-set.ts'
import type { Keeper } from '../../../lib/keepers/keeper.ts'
import { parseNetwork } from '../../../lib/runtime/network-file.ts'
import type { Network } from '../../../lib/runtime/network/schema.ts'
import { parametersOf, underParameters } from '../../../lib/runtime/parameters/parameters-of.ts'
import { keepersUnder } from '../../../lib/runtime/world/keepers-under.ts'

/** Nobody looks or acts here. */
const parts = {
  ports: { store: {} },
  laneOf: () => undefined,
  lanes: [],
  scan: undefined,
  sets: {},
} as never

/** What each keeper says that it goes by. */
function settingsUnder(network: Network): ReadonlyMap<string, string> {
  const keepers = Object.entries<Pick<Keeper<never>, 'settings'>>(keepersUnder(parts, network))
  return new Map(keepers.map(([name, { settings }]) => [name, encode(settings)]))
}

/** What nobody goes by: funding where no exchange has any of ours, and whom one waits for where one is alone. */
function isIdle({ engines }: Network, path: string): boolean {
  const settles = Object.values(engines).some(({ funding }) => funding !== undefined)
  if (!settles && /^markets\.[^.]+\.funding\./.test(path)) return true
  const [, name = ''] = /^engines\.([^.]+)\.liquidation\.staggerSeconds$/.exec(path) ?? []
  const liquidation = engines[name]?.liquidation
  return liquidation !== undefined && !('keepers' in liquidation && liquidation.keepers)
}

function otherThan(value: ParameterValue): ParameterValue {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'string') return /^\d/.test(value) ? '0.0123' : `other ${value}`
  return []
}

const known = { venueNames: venues.map(({ name }) => name) }

describe('what keepers say that they go by', () => {
  test.each(['local.yml', 'sepolia.yml', 'mainnet.yml'])(
    'has every number of %s in it, so that no two sets are taken for the same by mistake',
    (file) => {
      const folder = new URL('../../../infra/networks/', import.meta.url)
      const network = parseNetwork(readFileSync(new URL(file, folder), 'utf8'), file, known)
      const own = settingsUnder(network)
      const parameters = Object.entries(parametersOf(network)).filter(
        ([path]) => !isIdle(network, path),
      )
      const nowhere = parameters.flatMap(([path, value]) => {
        const others = settingsUnder(underParameters(network, { [path]: otherThan(value) }))
        return [...others].some(([name, text]) => text !== own.get(name)) ? [] : [path]
      })
      expect(nowhere).toEqual([])
      expect(parameters.length).toBeGreaterThan(100)
    },
  )
})
