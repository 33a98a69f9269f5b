import { PlacesDisagreeError, type Told } from '../ask-places.ts'
import type { CoreClocks } from './read-core.ts'

/** What all places tell alike of one block. Throws {@link PlacesDisagreeError} with the first thing that they do not. */
export function agreedClocks(chain: string, told: readonly Told<CoreClocks>[]): CoreClocks {
  const [first, ...others] = told
  if (!first) throw new RangeError('nobody told anything')
  for (const other of others) {
    if (other.value.block !== first.value.block) continue
    const difference = firstDifference(first.value, other.value)
    if (difference)
      throw new PlacesDisagreeError(
        chain,
        `${difference.what} is ${difference.one} at ${first.place}, ${difference.other} at ${other.place}, in block ${first.value.block}`,
      )
  }
  return first.value
}

type Difference = { readonly what: string; readonly one: string; readonly other: string }

function firstDifference(one: CoreClocks, other: CoreClocks): Difference | undefined {
  const [facts, otherFacts] = [factsOf(one), factsOf(other)]
  const what = [...new Set([...facts.keys(), ...otherFacts.keys()])].find(
    (name) => facts.get(name) !== otherFacts.get(name),
  )
  if (what === undefined) return undefined
  return { what, one: facts.get(what) ?? 'nothing', other: otherFacts.get(what) ?? 'nothing' }
}

/** Every number and word by its name: `lastFundingTick`, `BTC-6 price`. */
function factsOf({ assets, ...clocks }: CoreClocks): ReadonlyMap<string, string> {
  const own = Object.entries(clocks).map(([name, value]) => [name, String(value)] as const)
  const ofAssets = assets.flatMap(({ name, id: _id, settings, ...values }) =>
    [...Object.entries(values), ...Object.entries(settings)].map(
      ([what, value]) => [`${name} ${what}`, String(value)] as const,
    ),
  )
  return new Map([...own, ...ofAssets])
}
