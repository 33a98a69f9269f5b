import type { CairoSource } from '../cairo/cairo-class.ts'

/** The appchain's settlement contract in source, and what was compiled from it. */
export const piltoverSource: CairoSource = {
  sourceUrl: new URL('piltover.cairo', import.meta.url),
  compiledUrl: new URL('piltover.compiled.json', import.meta.url),
}
