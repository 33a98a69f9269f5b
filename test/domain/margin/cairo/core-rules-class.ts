import type { CairoSource } from '../../../../infra/contracts/cairo/cairo-class.ts'

/** The core's margin rules in Cairo, and what was compiled from them. */
export const coreRulesSource: CairoSource = {
  sourceUrl: new URL('core-rules.cairo', import.meta.url),
  compiledUrl: new URL('core-rules.compiled.json', import.meta.url),
}
