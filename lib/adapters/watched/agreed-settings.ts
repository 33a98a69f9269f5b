import type { Told } from './ask-places.ts'
import type { Seen } from './look.ts'

type WithSettings = { readonly settings: Readonly<Record<string, string | undefined>> }

/** What every place of a chain that answered tells alike; what they tell otherwise is unseen, since nobody can say which it is. */
export function agreedSettings(
  chain: string,
  told: readonly Told<WithSettings>[],
): Required<Pick<Seen, 'settings' | 'unseen'>> {
  const names = [...new Set(told.flatMap(({ value }) => Object.keys(value.settings)))].toSorted()
  const found = names.map((name) => {
    const values = [...new Set(told.map(({ value }) => value.settings[name]))]
    return { name, values }
  })
  return {
    settings: Object.fromEntries(
      found.flatMap(({ name, values: [only, ...others] }) =>
        others.length === 0 && only !== undefined ? [[name, only]] : [],
      ),
    ),
    unseen: found.flatMap(({ name, values }) =>
      values.length > 1
        ? [{ part: 'settings' as const, reason: `${name} is ${who(name, told)}`, apart: chain }]
        : [],
    ),
  }
}

function who(name: string, told: readonly Told<WithSettings>[]): string {
  return told
    .map(({ place, value }) => `${value.settings[name] ?? 'nothing'} at ${place}`)
    .join(', ')
}
