/** The entry of that name; `constructor` and its like are not entries, though every object answers to them. */
export function entry<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
