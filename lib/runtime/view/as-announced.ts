import type { ChangeMemory, SystemMemory } from '../../domain/watch/system-memory.ts'

/** Whether a change took effect as it was announced; undefined where it has not, or where no setting shows it. */
export function asAnnounced(
  { doneAt, differs, announces }: Pick<ChangeMemory, 'doneAt' | 'differs' | 'announces'>,
  settings: SystemMemory['settings'],
): boolean | undefined {
  if (doneAt === undefined) return undefined
  if (differs !== undefined) return false
  const names = Object.keys(announces)
  const isSeen = names.length > 0 && names.every((name) => Object.hasOwn(settings, name))
  return isSeen ? true : undefined
}
