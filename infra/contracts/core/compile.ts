import { compileCairo } from '../cairo/compile-cairo.ts'
import { coreSource } from './core-class.ts'

// Run `node infra/contracts/core/compile.ts` when the source has changed; it takes half a minute and more.
await compileCairo(coreSource)
