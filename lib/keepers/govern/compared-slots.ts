import { decode } from '../../domain/exact-text.ts'
import type { ComparedSlot, SlotDecision } from '../../domain/parameters/compared-slot.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { SlotRecord, Store } from '../../ports.ts'

/** Jobs whose decisions parameters change most; of others only that they differ is told, slot by slot. */
const compared: ReadonlySet<string> = new Set([
  'publish-prices',
  'push-prices',
  'settle-funding',
  'apply-interests',
  'liquidate',
  'deleverage',
])

/** Every slot of that time that a set of that hash decided beside the active one, in the order of time. */
export async function comparedSlots(
  { history }: Pick<Store, 'history'>,
  {
    parameters,
    from,
    to,
  }: { readonly parameters: string; readonly from: Timestamp; readonly to: Timestamp },
): Promise<readonly ComparedSlot[]> {
  const subjects = (await history.subjects()).filter(({ keeper }) => compared.has(keeper))
  const found: ComparedSlot[] = []
  for (const { keeper, subject } of subjects)
    for await (const record of history.kept(keeper, subject, from, to)) {
      const slot = comparedSlot(record, parameters)
      if (slot) found.push(slot)
    }
  return found.toSorted((one, other) => one.at - other.at)
}

function comparedSlot(
  { keeper, subject, slot, at, decided, shadow }: SlotRecord,
  parameters: string,
): ComparedSlot | undefined {
  if (shadow?.parameters !== parameters) return undefined
  return {
    job: keeper,
    subject,
    slot,
    at,
    active: decode(decided) as SlotDecision,
    candidate: decode(shadow.decided) as SlotDecision,
  }
}
