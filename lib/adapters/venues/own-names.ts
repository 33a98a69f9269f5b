/** How one venue writes the assets that it calls otherwise than everybody. */
export type OwnNames = {
  write(asset: string): string
  /** False where the venue uses this code for another asset: asked for it, it would answer with that one's price. */
  canName(asset: string): boolean
}

/** `names` from the common code to the venue's own. */
export function ownNamesOf(names: Readonly<Record<string, string>>): OwnNames {
  const taken = new Set(Object.values(names))
  return {
    write: (asset) => names[asset] ?? asset,
    canName: (asset) => Object.hasOwn(names, asset) || !taken.has(asset),
  }
}
