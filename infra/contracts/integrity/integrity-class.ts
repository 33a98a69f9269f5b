import type { CairoSource } from '../cairo/cairo-class.ts'

/** The fact registry's source and what was compiled from it. */
export const integritySource: CairoSource = {
  sourceUrl: new URL('integrity.cairo', import.meta.url),
  compiledUrl: new URL('integrity.compiled.json', import.meta.url),
}
