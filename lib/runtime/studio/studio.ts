import { activeAt, ungoverned } from '../../domain/parameters/governance.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Clock, HistorySubject, Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import type { KnownParameter } from '../parameters/check-parameters.ts'
import { type KeptList, keptList, keptSlot, type SlotView } from './kept-slots.ts'
import { notedSlots } from './noted-slots.ts'
import { type ParametersView, parametersView } from './parameters-view.ts'
import { readSets } from './read-sets.ts'
import { newestStretch, stretchCourse, type StretchCourse } from './stretch.ts'

/** What people see of a network's parameters and of its history. Reads only. */
export type Studio = {
  parameters(): Promise<ParametersView>
  /** Every parameter of the active set. */
  known(): Promise<readonly KnownParameter[]>
  /** One market over the newest stretch in which two sets decided; undefined where there is none. */
  course(market: string): Promise<StretchCourse | undefined>
  subjects(): Promise<readonly HistorySubject[]>
  kept(
    wanted: HistorySubject & {
      readonly from: Timestamp
      readonly to: Timestamp
      readonly limit: number
    },
  ): Promise<KeptList>
  slot(wanted: HistorySubject & { readonly at: Timestamp }): Promise<SlotView | undefined>
}

export function studioOf({
  network,
  store,
  clock,
}: {
  readonly network: Network
  readonly store: Pick<Store, 'governance' | 'history'>
  readonly clock: Pick<Clock, 'now'>
}): Studio {
  const sets = readSets(network, store)
  const read = notedSlots({ network, store })
  const noted = async () => await read(clock.now())
  return {
    parameters: async () => await parametersView({ network, store, now: clock.now(), sets, noted }),
    async known() {
      const stands = (await store.governance.read()) ?? ungoverned
      return await (await sets.under(activeAt(stands, clock.now()))).known()
    },
    async course(market) {
      const stretch = newestStretch(await noted())
      const policies = stretch && (await sets.policiesOf(stretch.sets))
      return stretch && policies && stretchCourse(stretch, policies, market)
    },
    subjects: async () => await store.history.subjects(),
    kept: async (wanted) => await keptList(store, wanted),
    slot: async (wanted) => await keptSlot(store, wanted),
  }
}
