import type { LevelView } from '../runtime/view/watched-view.ts'

/** More of one kind than these are too many for a person to read. */
const most = 4

/** Levels of one kind are `funding-index:BTC-6` and the like: of many only those out of bounds are shown one by one. */
export function foldedLevels(levels: readonly LevelView[]): {
  readonly shown: readonly LevelView[]
  readonly folded: readonly { readonly kind: string; readonly count: number }[]
} {
  const kinds = Map.groupBy(levels, ({ name }) => kindOf(name))
  const isFolded = ({ name, out }: LevelView) =>
    !out && (kinds.get(kindOf(name))?.length ?? 0) > most
  return {
    shown: levels.filter((level) => !isFolded(level)),
    folded: [...kinds].flatMap(([kind, some]) => {
      const count = some.filter(isFolded).length
      return count === 0 ? [] : [{ kind, count }]
    }),
  }
}

function kindOf(name: string): string {
  return name.split(':')[0] ?? name
}
