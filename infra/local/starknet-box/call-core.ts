import { coreFunctions } from './core-entry-points.ts'
import type { CoreCall, CoreEvent, CoreState, TokenPayment } from './core-state.ts'
import { coreViews } from './core-views.ts'
import { Panic, type PanicData } from './panic.ts'
import { selectorOf } from './selectors.ts'

export type CoreAnswer =
  | {
      readonly kind: 'ok'
      readonly core: CoreState
      readonly events: readonly CoreEvent[]
      readonly result: readonly bigint[]
      readonly payments: readonly TokenPayment[]
    }
  | { readonly kind: 'panic'; readonly panic: PanicData }
  | { readonly kind: 'no-entry-point' }

const views = { C: bySelector(coreViews.C), D: bySelector(coreViews.D) }
const functions = { C: bySelector(coreFunctions.C), D: bySelector(coreFunctions.D) }

function bySelector<T extends { readonly name: string }>(named: readonly T[]) {
  return new Map(named.map((one) => [selectorOf(one.name), one]))
}

/** Runs one entry point of the core. A panic leaves the core as it was. */
export function callCore(
  core: CoreState,
  call: CoreCall,
  { selector, calldata }: { readonly selector: bigint; readonly calldata: readonly bigint[] },
): CoreAnswer {
  const view = views[core.generation].get(selector)
  const external = functions[core.generation].get(selector)
  try {
    if (view !== undefined)
      return { kind: 'ok', core, events: [], result: view.run(core, call, calldata), payments: [] }
    if (external !== undefined)
      return { kind: 'ok', payments: [], ...external.run(core, call, calldata), result: [] }
    return { kind: 'no-entry-point' }
  } catch (error) {
    if (error instanceof Panic) return { kind: 'panic', panic: error.data }
    throw error
  }
}
