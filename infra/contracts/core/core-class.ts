import type { CairoSource } from '../cairo/cairo-class.ts'

/** Our core in source, and what was compiled from it. */
export const coreSource: CairoSource = {
  sourceUrl: new URL('core.cairo', import.meta.url),
  compiledUrl: new URL('core.compiled.json', import.meta.url),
}
