/** What one exchange goes by under the keeper's own parameters. */
export function settingsIn<Settings>(
  { settings }: { readonly settings: Readonly<Record<string, Settings>> },
  { engine }: { readonly engine: string },
): Settings {
  const own = Object.hasOwn(settings, engine) ? settings[engine] : undefined
  if (own === undefined)
    throw new RangeError(`the network file says nothing of this work on ${engine}`)
  return own
}

/** A view without what is of the parameters and not of the world. */
export function withoutSettings<View extends { readonly settings: unknown }>({
  settings: _settings,
  ...view
}: View): Omit<View, 'settings'> {
  return view
}
